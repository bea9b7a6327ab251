//! A client at work: tries, redirect hops, cookies, tokens and the time they may take together.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Method, Url};

use super::error::{HttpError, SendError};
use super::exchange::Cause;
use super::jar::Jar;
use super::oauth::{self, Token};
use super::payload::ReadyPayload;
use super::plan::{Plan, basic, bearer};
use super::pool::Pool;
use super::recorder::Recorder;
use super::request::Request;
use super::response::Response;
use super::retry::{self, Outcome};
use super::send::{HopPlan, Landed, hop};
use super::spec::{Auth, ClientSpec, OAuth2, ProxySpec};
use super::text::Mask;
use super::transport::{Key, Transports};
use super::{address, headers, redirect, tls};
use crate::host::driver::{self, DriverId};

/// How often a request is sent again because its connection had died unnoticed.
const STALE: u32 = 2;

/// A description that was checked, with everything worked out that any number of clients may share.
#[derive(Debug)]
pub struct Checked {
    spec: Arc<ClientSpec>,
    base: Option<Url>,
    /// Defaults and those of the description.
    headers: HeaderMap,
    transports: Arc<Transports>,
}

/// A client: a description, a cookie jar and a token. Connections are shared with clients that connect alike.
#[derive(Debug)]
pub struct Client {
    checked: Arc<Checked>,
    jar: Option<Jar>,
    /// Held while a token is fetched, so that parallel requests ask for one only.
    token: tokio::sync::Mutex<Option<Token>>,
    /// Every token ever got, for whoever has to hide them.
    issued: Mutex<Vec<String>>,
    /// The pools in use: one or two, so a list is the quickest map.
    pools: Mutex<Vec<(Way, Pool)>>,
    mask: Mask,
}

/// What decides between the pools of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    driver: DriverId,
    is_tls: bool,
    /// Without the system's proxy, for loopback addresses.
    is_direct: bool,
    has_forms: bool,
}

impl Checked {
    /// Checks a description. No file is read and no connection made before they are needed.
    pub fn new(spec: Arc<ClientSpec>, transports: Arc<Transports>) -> Result<Self, HttpError> {
        let mut all = headers::defaults(spec.compressed);
        headers::apply(&mut all, &spec.headers)?;
        let base = match (&spec.base_url, &spec.unix_socket) {
            (Some(url), _) => Some(address::base(url)?),
            // Over a socket the host does not matter, but a URL must have one.
            (None, Some(_)) => Some(address::base("http://localhost")?),
            (None, None) => None,
        };
        Ok(Self {
            base,
            headers: all,
            transports,
            spec,
        })
    }
}

impl Client {
    /// A client of its own for a description.
    pub fn new(spec: Arc<ClientSpec>, transports: Arc<Transports>) -> Result<Self, HttpError> {
        Checked::new(spec, transports).map(|checked| Self::of(Arc::new(checked)))
    }

    /// A client for a description that was checked before: its jar is empty, and it has no token.
    pub fn of(checked: Arc<Checked>) -> Self {
        Self {
            jar: checked.spec.cookies.then(Jar::default),
            token: tokio::sync::Mutex::default(),
            issued: Mutex::default(),
            pools: Mutex::default(),
            mask: Mask::default(),
            checked,
        }
    }

    /// Hides what `mask` knows wherever a record or an error shows a part of an exchange.
    pub fn masking(mut self, mask: Mask) -> Self {
        self.mask = mask;
        self
    }

    pub fn spec(&self) -> &Arc<ClientSpec> {
        &self.checked.spec
    }

    /// Where relative URLs start.
    pub fn base(&self) -> Option<&Url> {
        self.checked.base.as_ref()
    }

    /// The URL a request to `url` would go to.
    pub fn url(&self, url: &str) -> Result<Url, HttpError> {
        address::resolve(self.checked.base.as_ref(), url, &[])
    }

    /// The cookies, unless the description wants none.
    pub fn jar(&self) -> Option<&Jar> {
        self.jar.as_ref()
    }

    /// Takes the tokens got since the last call: they are secrets nobody has been told of yet.
    pub fn take_issued_tokens(&self) -> Vec<String> {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *issued)
    }

    /// Sends a request and writes what happens into `recorder`. May be dropped at any point: the record then
    /// tells how far it came, and no file is left half written.
    pub async fn send(
        &self,
        request: &Request,
        recorder: &Recorder,
    ) -> Result<Response, SendError> {
        recorder.opens(&self.checked.spec, &self.mask);
        let mut started = Instant::now();
        let outcome = self.tries(request, recorder, &mut started).await;
        if let Err(error) = &outcome {
            recorder.fails(&error.to_string());
        }
        let exchange = recorder.seals();
        match outcome {
            Ok(landed) => Ok(Response {
                status: landed.status,
                version: landed.version,
                headers: landed.headers,
                url: landed.url,
                content: landed.received.content,
                raw_size: landed.received.raw_size,
                size: landed.received.size,
                remote: landed.remote,
                elapsed: started.elapsed(),
                exchange,
            }),
            Err(error) => {
                let (method, url) = match exchange.hops.last() {
                    Some(hop) => (hop.request.method.as_str(), hop.request.url.as_str()),
                    None => (request.method.as_str(), request.url.as_str()),
                };
                Err(SendError {
                    request: super::text::printable(&format!("{method} {url}")),
                    error,
                })
            }
        }
    }

    async fn tries(
        &self,
        request: &Request,
        recorder: &Recorder,
        started: &mut Instant,
    ) -> Result<Landed, HttpError> {
        let plan = self.plan(request)?;
        let mut cause = Cause::First;
        let mut number = 0;
        loop {
            number += 1;
            *started = Instant::now();
            let outcome = self.one_try(&plan, cause, recorder).await;
            let seen = match &outcome {
                Ok(landed) => Outcome::Response {
                    status: landed.status,
                    headers: &landed.headers,
                },
                Err(error) => Outcome::Error(error),
            };
            let method = plan.method.as_str();
            let Some(again) = retry::decide(plan.retry, method, number, &seen, Timestamp::now())
            else {
                return outcome;
            };
            if let Err(error) = &outcome {
                recorder.fails(&error.to_string());
            }
            tokio::time::sleep(again.wait).await;
            cause = Cause::Retry {
                wait: again.wait,
                reason: again.reason,
            };
        }
    }

    /// One try within its total time.
    async fn one_try(
        &self,
        plan: &Plan<'_>,
        cause: Cause,
        recorder: &Recorder,
    ) -> Result<Landed, HttpError> {
        // Pinned where it is: each move of it would be room for another in the whole.
        let trying = pin!(async {
            let authorization = self.authorization(plan, recorder).await?;
            self.follow(plan, cause, authorization, recorder).await
        });
        let Some(limit) = plan.timeouts.total else {
            return trying.await;
        };
        match tokio::time::timeout(limit, trying).await {
            Ok(outcome) => outcome,
            Err(_) => Err(recorder.times_out(limit)),
        }
    }

    /// Sends the request and follows redirects as far as allowed.
    async fn follow(
        &self,
        plan: &Plan<'_>,
        mut cause: Cause,
        authorization: Option<HeaderValue>,
        recorder: &Recorder,
    ) -> Result<Landed, HttpError> {
        let mut method = plan.method.clone();
        let mut url = plan.url.clone();
        let mut headers = plan.headers.clone();
        if let Some(authorization) = authorization {
            headers.entry(AUTHORIZATION).or_insert(authorization);
        }
        let mut payload = &plan.payload;
        let mut chain = Vec::new();
        loop {
            let landed = self
                .hop(plan, cause, &method, &url, &headers, payload, recorder)
                .await?;
            if plan.redirects == 0 {
                return Ok(landed);
            }
            let Some(next) = redirect::next(&method, &url, landed.status, &landed.headers)? else {
                return Ok(landed);
            };
            chain.push(url);
            if chain.len() as u64 > u64::from(plan.redirects) {
                return Err(redirect::too_many(plan.redirects, chain, next.url));
            }
            redirect::strip(&mut headers, &next);
            if !next.keeps_body {
                payload = &ReadyPayload::Empty;
            }
            method = next.method;
            url = next.url;
            cause = Cause::Redirect;
        }
    }

    /// One hop with the cookies that belong to it; sent again when only its kept-alive connection was dead.
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of a request that change from hop to hop"
    )]
    async fn hop(
        &self,
        plan: &Plan<'_>,
        mut cause: Cause,
        method: &Method,
        url: &Url,
        headers: &HeaderMap,
        payload: &ReadyPayload,
        recorder: &Recorder,
    ) -> Result<Landed, HttpError> {
        let pool = self.pool(url, payload)?;
        let cookies = self.jar.as_ref().and_then(|jar| jar.header(url));
        let mut stale = 0;
        loop {
            let outcome = hop(
                HopPlan {
                    pool: &pool,
                    spec: &self.checked.spec,
                    cause,
                    method,
                    url,
                    headers,
                    cookies: cookies.clone(),
                    payload,
                    timeouts: &plan.timeouts,
                    max: plan.max,
                    save_to: plan.save_to,
                },
                recorder,
            )
            .await;
            match outcome {
                Ok(landed) => {
                    if let Some(jar) = &self.jar {
                        jar.absorb(&landed.headers, url);
                    }
                    return Ok(landed);
                }
                Err(error) if stale < STALE && is_stale(&error) && method.is_idempotent() => {
                    recorder.fails(&error.to_string());
                    stale += 1;
                    cause = Cause::StaleConnection;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn plan<'a>(&'a self, request: &'a Request) -> Result<Plan<'a>, HttpError> {
        Plan::new(
            &self.checked.spec,
            self.checked.base.as_ref(),
            &self.checked.headers,
            request,
        )
    }

    /// The `Authorization` header the plan asks for.
    async fn authorization(
        &self,
        plan: &Plan<'_>,
        recorder: &Recorder,
    ) -> Result<Option<HeaderValue>, HttpError> {
        if plan.headers.contains_key(AUTHORIZATION) {
            return Ok(None);
        }
        match plan.auth {
            Auth::None => Ok(None),
            Auth::Basic { user, password } => basic(user, password).map(Some),
            Auth::Bearer(token) => bearer(token).map(Some),
            Auth::OAuth2(oauth) => {
                let token = Box::pin(self.token(oauth, recorder)).await?;
                bearer(&token).map(Some)
            }
        }
    }

    async fn token(&self, oauth: &OAuth2, recorder: &Recorder) -> Result<String, HttpError> {
        let mut kept = self.token.lock().await;
        // The token of the description is kept; a request that brings its own grant asks for its own.
        let is_ours = matches!(&self.checked.spec.auth, Auth::OAuth2(ours) if **ours == *oauth);
        if let Some(token) = kept
            .as_ref()
            .filter(|token| is_ours && token.holds(Instant::now()))
        {
            return Ok(token.value.clone());
        }
        let asking = oauth::request(oauth);
        let plan = self.plan(&asking)?;
        let authorization = match plan.auth {
            Auth::Basic { user, password } => Some(basic(user, password)?),
            _ => None,
        };
        let landed = self
            .follow(&plan, Cause::Token, authorization, recorder)
            .await?;
        let body = match &landed.received.content {
            super::response::Content::Memory(bytes) => bytes.clone(),
            super::response::Content::File(_) => Default::default(),
        };
        let url = plan.url.as_str();
        let token = oauth::token(url, landed.status, &body, Instant::now(), &self.mask)?;
        let value = token.value.clone();
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.push(value.clone());
        drop(issued);
        if is_ours {
            *kept = Some(token);
        }
        Ok(value)
    }

    /// The pool for a URL and what is sent there.
    fn pool(&self, url: &Url, payload: &ReadyPayload) -> Result<Pool, HttpError> {
        let way = Way {
            driver: driver::current(),
            is_tls: url.scheme() == "https",
            is_direct: self.checked.spec.proxy == ProxySpec::System && address::is_loopback(url),
            has_forms: matches!(payload, ReadyPayload::Multipart(_)),
        };
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pool)) = pools.iter().find(|(known, _)| *known == way) {
            return Ok(pool.clone());
        }
        let proxy = match &self.checked.spec.proxy {
            ProxySpec::System if way.is_direct => ProxySpec::None,
            other => other.clone(),
        };
        // A proxy may itself be reached by TLS.
        let meets_tls = way.is_tls
            || proxy == ProxySpec::System
            || matches!(&proxy, ProxySpec::Url { url, .. } if url.starts_with("https:"));
        let key = Key {
            tls: match meets_tls {
                true => Some(tls::load(&self.checked.spec.tls)?),
                false => None,
            },
            version: self.checked.spec.version,
            proxy,
            unix_socket: self.checked.spec.unix_socket.clone(),
            resolve: self.checked.spec.resolve.clone(),
            has_forms: way.has_forms,
        };
        let pool = self.checked.transports.get(way.driver, key)?;
        pools.push((way, pool.clone()));
        Ok(pool)
    }
}

fn is_stale(error: &HttpError) -> bool {
    matches!(
        error,
        HttpError::Reset { reused: true, .. }
            | HttpError::Closed { reused: true, .. }
            | HttpError::Broken { reused: true, .. }
    )
}
