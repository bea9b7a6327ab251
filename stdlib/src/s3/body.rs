//! How requests reach an object store, signed, and what comes back. Knows no Rhai.

use std::time::Duration;

use crate::client::address::Scheme;
use crate::client::connect::{connecting, innermost};
use crate::client::error::Refusal;
use crate::client::{Address, ClientError, Common, Connector, Service, Value, tls};
use crate::host::failure::Detail;
use reqwest::{Client, Method, Response, StatusCode};
use rusty_s3::actions::ListObjectsV2;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use url::Url;

pub const SERVICE: Service = Service {
    name: "s3",
    schemes: &[
        Scheme {
            name: "http",
            port: 80,
            tls: false,
        },
        Scheme {
            name: "https",
            port: 443,
            tls: true,
        },
    ],
    example: "http://127.0.0.1:9000",
};

/// How long the signature of a request of ours holds.
const SIGNED: Duration = Duration::from_secs(300);

/// A store and who we are to it.
#[derive(Clone)]
pub struct Target {
    pub address: Address,
    pub endpoint: Url,
    pub region: String,
    pub access_key: String,
    pub secret_key: String,
    pub style: UrlStyle,
    /// Looked at when connecting, if the script names one there.
    pub bucket: Option<String>,
    pub common: Common,
}

/// What requests are sent with.
pub struct Link {
    client: Client,
    target: Target,
}

impl Connector for Target {
    type Link = Link;

    fn server(&self) -> String {
        self.address.server()
    }

    async fn connect(&self) -> Result<Link, ClientError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls::config(&self.common.tls)?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| ClientError::Fault(format!("no client for s3: {error}")))?;
        let link = Link {
            client,
            target: self.clone(),
        };
        connecting(&self.address, self.common.connect_timeout, link.greet()).await?;
        Ok(link)
    }
}

impl Link {
    /// Whether somebody answers, and knows us.
    async fn greet(&self) -> Result<(), ClientError> {
        let sent = match &self.target.bucket {
            Some(name) => {
                let bucket = self.bucket(name)?;
                let credentials = self.credentials();
                // A list rather than a look at the head: a refusal then says why.
                let mut list = bucket.list_objects_v2(Some(&credentials));
                list.with_max_keys(1);
                self.send(Method::GET, list.sign(SIGNED)).await
            }
            None => self.send(Method::GET, self.target.endpoint.clone()).await,
        };
        let response = sent.map_err(|error| match error {
            ClientError::Lost { server, reason } => ClientError::Unreachable {
                server,
                reason,
                hint: None,
            },
            other => other,
        })?;
        match self.target.bucket.is_some() && response.status() == StatusCode::FORBIDDEN {
            true => Err(self.refusal(response, "connect").await),
            // A bucket that is not there may still be made.
            false => Ok(()),
        }
    }

    fn credentials(&self) -> Credentials {
        Credentials::new(&self.target.access_key, &self.target.secret_key)
    }

    fn bucket(&self, name: &str) -> Result<Bucket, ClientError> {
        let target = &self.target;
        Bucket::new(
            target.endpoint.clone(),
            target.style,
            name.to_owned(),
            target.region.clone(),
        )
        .map_err(|error| ClientError::usage(format!("`{name}` is no bucket: {error}")))
    }

    async fn send(&self, method: Method, url: Url) -> Result<Response, ClientError> {
        self.send_with(method, url, |request| request).await
    }

    async fn send_with(
        &self,
        method: Method,
        url: Url,
        more: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Result<Response, ClientError> {
        let request = more(self.client.request(method, url));
        request.send().await.map_err(|error| self.lost(&error))
    }

    fn lost(&self, error: &reqwest::Error) -> ClientError {
        ClientError::Lost {
            server: self.target.address.server(),
            reason: innermost(error),
        }
    }

    /// An answer that is none of the good ones, in words.
    async fn refusal(&self, response: Response, what: &str) -> ClientError {
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        let code = between(&text, "Code").unwrap_or_default();
        let message = between(&text, "Message").unwrap_or_else(|| status.to_string());
        let is_login = [
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "AccessDenied",
        ]
        .contains(&code.as_str());
        if is_login || status == StatusCode::FORBIDDEN {
            return ClientError::Denied {
                server: self.target.address.server(),
                reason: format!("{code} {}", message.trim_end_matches('.'))
                    .trim()
                    .to_owned(),
                hint: Some("check `access_key`, `secret_key` and `region`".into()),
            };
        }
        let hint = match code.as_str() {
            "NoSuchBucket" => Some("store.create_bucket() makes it".to_owned()),
            _ => None,
        };
        ClientError::Refused(Box::new(Refusal {
            message: format!("s3: {}", format!("{code} {message}").trim()),
            details: vec![
                Detail {
                    label: "request".into(),
                    text: what.to_owned(),
                },
                Detail {
                    label: "status".into(),
                    text: status.to_string(),
                },
            ],
            hint,
            is_final: false,
        }))
    }

    async fn good(&self, response: Response, what: &str) -> Result<Response, ClientError> {
        match response.status().is_success() {
            true => Ok(response),
            false => Err(self.refusal(response, what).await),
        }
    }

    pub async fn create_bucket(&self, name: &str) -> Result<(), ClientError> {
        let (bucket, credentials) = (self.bucket(name)?, self.credentials());
        let url = bucket.create_bucket(&credentials).sign(SIGNED);
        let response = self.send(Method::PUT, url).await?;
        // One of our own that is there already is what was wanted.
        if response.status() == StatusCode::CONFLICT {
            let text = response.text().await.unwrap_or_default();
            return match between(&text, "Code").as_deref() {
                Some("BucketAlreadyExists") => Err(ClientError::refused(format!(
                    "s3: the bucket `{name}` belongs to somebody else"
                ))),
                _ => Ok(()),
            };
        }
        self.good(response, &format!("create bucket {name}"))
            .await
            .map(|_| ())
    }

    pub async fn put(
        &self,
        bucket: &str,
        key: &str,
        bytes: Vec<u8>,
        media: &str,
    ) -> Result<(), ClientError> {
        let (place, credentials) = (self.bucket(bucket)?, self.credentials());
        let url = place.put_object(Some(&credentials), key).sign(SIGNED);
        let response = self
            .send_with(Method::PUT, url, |request| {
                request.header("content-type", media).body(bytes)
            })
            .await?;
        self.good(response, &format!("put {bucket}/{key}"))
            .await
            .map(|_| ())
    }

    pub async fn get(&self, bucket: &str, key: &str) -> Result<Vec<u8>, ClientError> {
        let (place, credentials) = (self.bucket(bucket)?, self.credentials());
        let url = place.get_object(Some(&credentials), key).sign(SIGNED);
        let response = self.send(Method::GET, url).await?;
        let response = self.good(response, &format!("get {bucket}/{key}")).await?;
        let bytes = response.bytes().await.map_err(|error| self.lost(&error))?;
        Ok(bytes.to_vec())
    }

    /// What is known of an object without its content; `None` when there is none.
    pub async fn head(&self, bucket: &str, key: &str) -> Result<Option<Value>, ClientError> {
        let (place, credentials) = (self.bucket(bucket)?, self.credentials());
        let url = place.head_object(Some(&credentials), key).sign(SIGNED);
        let response = self.send(Method::HEAD, url).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let response = self.good(response, &format!("head {bucket}/{key}")).await?;
        let header = |name: &str| {
            let value = response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.unwrap_or_default().trim_matches('"').to_owned()
        };
        let size = header("content-length").parse().unwrap_or(0);
        Ok(Some(Value::Map(vec![
            ("key".into(), Value::Text(key.to_owned())),
            ("size".into(), Value::Int(size)),
            ("etag".into(), Value::Text(header("etag"))),
            ("content_type".into(), Value::Text(header("content-type"))),
            ("modified".into(), Value::Text(header("last-modified"))),
        ])))
    }

    pub async fn delete(&self, bucket: &str, key: &str) -> Result<(), ClientError> {
        let (place, credentials) = (self.bucket(bucket)?, self.credentials());
        let url = place.delete_object(Some(&credentials), key).sign(SIGNED);
        let response = self.send(Method::DELETE, url).await?;
        self.good(response, &format!("delete {bucket}/{key}"))
            .await
            .map(|_| ())
    }

    /// The objects whose keys begin with `prefix`, all pages of them.
    pub async fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<Value>, ClientError> {
        let (place, credentials) = (self.bucket(bucket)?, self.credentials());
        let mut all = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut list = place.list_objects_v2(Some(&credentials));
            list.with_prefix(prefix);
            if let Some(token) = next {
                list.with_continuation_token(token);
            }
            let response = self.send(Method::GET, list.sign(SIGNED)).await?;
            let response = self
                .good(response, &format!("list {bucket}/{prefix}"))
                .await?;
            let text = response.text().await.map_err(|error| self.lost(&error))?;
            let page = ListObjectsV2::parse_response(&text).map_err(|error| {
                ClientError::refused(format!("s3: the list cannot be read: {error}"))
            })?;
            all.extend(page.contents.into_iter().map(|object| {
                let etag = object.etag.unwrap_or_default();
                Value::Map(vec![
                    ("key".into(), Value::Text(object.key)),
                    (
                        "size".into(),
                        Value::from_unsigned(object.size.unwrap_or(0)),
                    ),
                    (
                        "etag".into(),
                        Value::Text(etag.trim_matches('"').to_owned()),
                    ),
                    (
                        "modified".into(),
                        Value::Text(object.last_modified.unwrap_or_default()),
                    ),
                ])
            }));
            next = page
                .next_continuation_token
                .filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(all);
            }
        }
    }

    /// A URL that lets anybody get or put an object for a while.
    pub fn presign(
        &self,
        bucket: &str,
        key: &str,
        method: &str,
        expires: Duration,
    ) -> Result<String, ClientError> {
        let (place, credentials) = (self.bucket(bucket)?, self.credentials());
        let url = match method {
            "GET" => place.get_object(Some(&credentials), key).sign(expires),
            "PUT" => place.put_object(Some(&credentials), key).sign(expires),
            other => {
                return Err(
                    ClientError::usage(format!("`{other}` cannot be signed for"))
                        .hinting("known are: GET, PUT"),
                );
            }
        };
        Ok(url.to_string())
    }
}

/// The text of the first element of that name.
fn between(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_error_are_found() {
        let xml = "<?xml?><Error><Code>NoSuchKey</Code><Message>a &amp; b</Message></Error>";
        assert_eq!(between(xml, "Code").as_deref(), Some("NoSuchKey"));
        assert_eq!(between(xml, "Message").as_deref(), Some("a & b"));
        assert_eq!(between("no xml", "Code"), None);
    }
}
