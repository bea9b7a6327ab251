//! A running demo and a client that keeps cookies and follows no redirect.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use scenario_demo::{ADA_EMAIL, ADA_PASSWORD, Demo, Options, serve};
use serde_json::{Value, json};

pub struct Site {
    pub demo: Demo,
    pub client: Client,
}

/// Without waiting where the default has some.
pub fn quick() -> Options {
    Options {
        chat_delay: Duration::ZERO,
        webhook_backoff: Duration::from_millis(1),
        ..Options::default()
    }
}

pub fn client() -> Client {
    // Whoever comes first installs it; a second time is refused and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .no_proxy()
        .cookie_store(true)
        .redirect(Policy::none());
    builder
        .timeout(Duration::from_secs(30))
        .build()
        .expect("a client")
}

impl Site {
    pub async fn new() -> Self {
        Self::with(quick()).await
    }

    pub async fn with(options: Options) -> Self {
        Self {
            demo: serve(options).await.expect("a free port"),
            client: client(),
        }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.demo.url()))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path)
            .send()
            .await
            .expect("an answer")
    }

    pub async fn delete(&self, path: &str) -> Response {
        self.request(Method::DELETE, path)
            .send()
            .await
            .expect("an answer")
    }

    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.request(Method::POST, path)
            .json(&body)
            .send()
            .await
            .expect("an answer")
    }

    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.expect("JSON")
    }

    /// Signs the known user in and returns the token; the client keeps the cookie.
    pub async fn sign_in(&self) -> String {
        let response = self
            .post(
                "/api/login",
                json!({ "email": ADA_EMAIL, "password": ADA_PASSWORD }),
            )
            .await;
        assert_eq!(response.status(), 200);
        let body: Value = response.json().await.expect("JSON");
        body["token"].as_str().expect("a token").to_owned()
    }

    /// Asks until the JSON at `path` is as wanted.
    pub async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..2_000 {
            let seen = self.json(path).await;
            if wanted(&seen) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!(
            "{path} never became what was wanted; last seen: {}",
            self.json(path).await
        );
    }
}

pub async fn body(response: Response) -> Value {
    response.json().await.expect("JSON")
}

/// A header as text, for comparing; "none" when it is missing.
pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("none")
}

/// The names in the `fields` of a refusal with 422.
pub async fn refused_fields(response: Response) -> Vec<String> {
    assert_eq!(response.status(), 422);
    let body = body(response).await;
    assert_eq!(body["error"], "invalid");
    let fields = body["fields"].as_array().expect("fields");
    fields
        .iter()
        .map(|field| field["field"].as_str().expect("a name").to_owned())
        .collect()
}
