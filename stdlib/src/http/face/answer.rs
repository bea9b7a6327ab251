//! A response in the hands of a script.

use std::sync::Arc;
use std::time::Duration;

use rhai::plugin::*;
use rhai::{Array, Blob, Dynamic, Map, NativeCallContext};

use super::super::body::{CookieView, Hop, Response};
use super::perform::bad_news;
use crate::host::attempt::Attempt;
use crate::host::failure::{Code, Failure};
use crate::host::json;
use crate::host::script::{self, Raise};

/// A response with its whole body. Clones are the same response.
#[derive(Debug, Clone)]
pub struct Answer(Arc<Response>);

impl Answer {
    pub(super) fn new(response: Response) -> Self {
        Self(Arc::new(response))
    }

    /// What came.
    pub fn response(&self) -> &Arc<Response> {
        &self.0
    }

    /// The body as JSON, or the failure that it is none.
    pub(super) fn parsed(
        &self,
        ctx: &NativeCallContext,
        attempt: &Attempt,
    ) -> Result<&serde_json::Value, Raise> {
        self.0.json().map_err(|error| {
            let last = self.0.exchange.last();
            let request = last.map(|hop| format!("{} {}", hop.request.method, hop.request.url));
            attempt.set_trouble(Some(error.to_string()));
            script::fail(ctx, attempt, bad_news(request.as_deref(), &error))
        })
    }
}

#[export_module]
pub mod response {
    pub type Response = Answer;

    /// The status, such as 200.
    ///
    /// ```rhai
    /// assert http.get("/status/404").status == 404;
    /// ```
    #[rhai_fn(get = "status", pure)]
    pub fn status(res: &mut Response) -> i64 {
        i64::from(res.0.status)
    }

    /// Whether the status says success: 200 to 299.
    ///
    /// ```rhai
    /// assert http.get("/health").ok;
    /// ```
    #[rhai_fn(get = "ok", pure)]
    pub fn ok(res: &mut Response) -> bool {
        res.0.is_ok()
    }

    /// All headers, by their names in small letters; a repeated one is joined by `, `. See also `header(name)`.
    ///
    /// ```rhai
    /// assert "content-type" in http.get("/health").headers;
    /// ```
    #[rhai_fn(get = "headers", pure)]
    pub fn headers(res: &mut Response) -> Map {
        res.0
            .headers
            .keys()
            .map(|name| {
                let value = res.0.header(name.as_str()).unwrap_or_default();
                (name.as_str().into(), value.into())
            })
            .collect()
    }

    /// The value of one header, whatever the case of its name, or `()`.
    ///
    /// ```rhai
    /// assert http.get("/health").header("X-Not-There") == ();
    /// ```
    #[rhai_fn(pure)]
    pub fn header(res: &mut Response, name: &str) -> Dynamic {
        res.0.header(name).map_or(Dynamic::UNIT, Into::into)
    }

    /// The body as text, in the charset its content type names, else UTF-8.
    ///
    /// ```rhai
    /// assert http.get("/health").text != "";
    /// ```
    #[rhai_fn(get = "text", pure)]
    pub fn text(res: &mut Response) -> String {
        res.0.text()
    }

    /// The body as JSON. Fails, showing what came instead, when it is none. Whole numbers beyond 64 bits lose digits;
    /// `.text` has them all.
    ///
    /// ```rhai
    /// let task = http.post("/tasks", #{ json: #{ kind: "export", seconds: 0.1 } }).json;
    /// assert "id" in task;
    /// ```
    #[rhai_fn(get = "json", return_raw, pure)]
    pub fn json(ctx: NativeCallContext, res: &mut Response) -> Result<Dynamic, Raise> {
        let attempt = script::attempt(&ctx)?;
        res.parsed(&ctx, &attempt).map(json::from_json)
    }

    /// The `data` of a GraphQL answer.
    ///
    /// ```rhai
    /// assert http.graphql("/graphql", "{ tasks { id } }").data.tasks != ();
    /// ```
    #[rhai_fn(get = "data", return_raw, pure)]
    pub fn data(ctx: NativeCallContext, res: &mut Response) -> Result<Dynamic, Raise> {
        let attempt = script::attempt(&ctx)?;
        match res.parsed(&ctx, &attempt)?.get("data") {
            Some(data) => Ok(json::from_json(data)),
            None => {
                let failure = Failure::product(Code::Traffic, "the response has no `data`")
                    .hint("`.data` is for http.graphql; use `.json` for other responses");
                Err(script::fail(&ctx, &attempt, failure))
            }
        }
    }

    /// The body as bytes.
    ///
    /// ```rhai
    /// assert http.get("/bytes/10").bytes.len == 10;
    /// ```
    #[rhai_fn(get = "bytes", pure)]
    pub fn bytes(res: &mut Response) -> Blob {
        res.0.bytes().to_vec()
    }

    /// The size of the body in bytes, unpacked.
    ///
    /// ```rhai
    /// assert http.get("/bytes/10").size == 10;
    /// ```
    #[rhai_fn(get = "size", pure)]
    pub fn size(res: &mut Response) -> i64 {
        whole(res.0.size)
    }

    /// The size of the body in bytes as it was sent; smaller than `.size` when it came compressed.
    ///
    /// ```rhai
    /// let res = http.get("/gzip");
    /// assert res.raw_size > 0;
    /// ```
    #[rhai_fn(get = "raw_size", pure)]
    pub fn raw_size(res: &mut Response) -> i64 {
        whole(res.0.raw_size)
    }

    /// The cookies this response sets, by name: each with `value`, `domain`, `path`, `secure`, `http_only`, …
    ///
    /// ```rhai
    /// let res = http.get("/cookies/set?theme=dark");
    /// assert res.cookies.theme.value == "dark";
    /// ```
    #[rhai_fn(get = "cookies", pure)]
    pub fn cookies(res: &mut Response) -> Map {
        res.0
            .cookies()
            .iter()
            .map(|cookie| (cookie.name.as_str().into(), cookie_map(cookie).into()))
            .collect()
    }

    /// The URL the response came from, after redirects.
    ///
    /// ```rhai
    /// assert http.get("/health").url.ends_with("/health");
    /// ```
    #[rhai_fn(get = "url", pure)]
    pub fn url(res: &mut Response) -> String {
        res.0.url.to_string()
    }

    /// The version of HTTP: `"HTTP/1.1"` or `"HTTP/2.0"`.
    ///
    /// ```rhai
    /// assert http.get("/health").version == "HTTP/1.1";
    /// ```
    #[rhai_fn(get = "version", pure)]
    pub fn version(res: &mut Response) -> String {
        format!("{:?}", res.0.version)
    }

    /// How long the request took in seconds, redirects and body included; of retries, only the last.
    ///
    /// ```rhai
    /// assert http.get("/health").elapsed < 5.0;
    /// ```
    #[rhai_fn(get = "elapsed", pure)]
    pub fn elapsed(res: &mut Response) -> f64 {
        res.0.elapsed.as_secs_f64()
    }

    /// How long the parts of the last request took in seconds: `dns`, `connect` and `tls` each on their own (`()` where
    /// nothing was done, as on a kept-alive connection), `first_byte` and `total` from the beginning.
    ///
    /// ```rhai
    /// let timings = http.get("/health").timings;
    /// assert timings.first_byte <= timings.total;
    /// assert timings.tls == ();
    /// ```
    #[rhai_fn(get = "timings", pure)]
    pub fn timings(res: &mut Response) -> Map {
        let timings = res.0.exchange.last().map(Hop::timings).unwrap_or_default();
        let seconds = |part: Option<Duration>| part.map(|part| part.as_secs_f64());
        let entry = |name: &str, part| {
            let value = seconds(part).map_or(Dynamic::UNIT, Into::into);
            (name.into(), value)
        };
        Map::from([
            entry("dns", timings.dns),
            entry("connect", timings.connect),
            entry("tls", timings.tls),
            entry("first_byte", timings.first_byte),
            entry("total", Some(timings.total)),
        ])
    }

    /// Whether the request went over a connection kept alive from an earlier one.
    ///
    /// ```rhai
    /// let reused = http.get("/health").reused;
    /// assert type_of(reused) == "bool";
    /// ```
    #[rhai_fn(get = "reused", pure)]
    pub fn reused(res: &mut Response) -> bool {
        res.0.exchange.last().is_some_and(Hop::is_reused)
    }

    /// The URLs of the redirects that were followed, in order.
    ///
    /// ```rhai
    /// let res = http.get("/redirect/2", #{ redirects: 5 });
    /// assert res.redirects.len == 2;
    /// ```
    #[rhai_fn(get = "redirects", pure)]
    pub fn redirects(res: &mut Response) -> Array {
        let followed = res.0.exchange.redirects();
        followed
            .into_iter()
            .map(|url| url.to_string().into())
            .collect()
    }

    /// Every try of the request, in order: `status` or `error`, `elapsed` in seconds, `why` it was made. More than one
    /// only with the option `retry`.
    ///
    /// ```rhai
    /// let res = http.get("/health", #{ retry: 2 });
    /// assert res.attempts.len == 1;
    /// ```
    #[rhai_fn(get = "attempts", pure)]
    pub fn attempts(res: &mut Response) -> Array {
        let mut tries: Array = Vec::new();
        let mut current: Vec<&Hop> = Vec::new();
        for hop in &res.0.exchange.hops {
            if hop.cause.begins_try() && !current.is_empty() {
                tries.push(one_try(&current).into());
                current.clear();
            }
            current.push(hop);
        }
        if !current.is_empty() {
            tries.push(one_try(&current).into());
        }
        tries
    }

    /// The request as a `curl` command to copy and paste.
    ///
    /// ```rhai
    /// assert http.get("/health").curl.starts_with("curl ");
    /// ```
    #[rhai_fn(get = "curl", pure)]
    pub fn curl(res: &mut Response) -> String {
        res.0.exchange.curl()
    }

    /// The file the body was saved to with the option `save_to`, or `()`.
    ///
    /// ```rhai
    /// let res = http.get("/bytes/1000", #{ save_to: "data.bin" });
    /// assert res.saved_to.ends_with("data.bin");
    /// assert res.size == 1000;
    /// ```
    #[rhai_fn(get = "saved_to", pure)]
    pub fn saved_to(res: &mut Response) -> Dynamic {
        res.0.saved_to().map_or(Dynamic::UNIT, |path| {
            path.to_string_lossy().into_owned().into()
        })
    }

    /// The response in words.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn show(res: &mut Response) -> String {
        format!("response {} from {}", res.0.status, res.0.url)
    }
}

fn whole(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// One try, told by its last hop.
fn one_try(hops: &[&Hop]) -> Map {
    let mut told = Map::new();
    let elapsed: Duration = hops.iter().map(|hop| hop.timings().total).sum();
    told.insert("elapsed".into(), elapsed.as_secs_f64().into());
    let why = hops
        .iter()
        .find(|hop| hop.cause.begins_try())
        .map(|hop| hop.cause.words())
        .unwrap_or_default();
    told.insert("why".into(), why.into());
    let last = hops.last();
    let status = last
        .and_then(|hop| hop.response.as_ref())
        .map(|response| response.status);
    let status = status.map_or(Dynamic::UNIT, |status| i64::from(status).into());
    told.insert("status".into(), status);
    let error = last.and_then(|hop| hop.error.clone());
    told.insert("error".into(), error.map_or(Dynamic::UNIT, Into::into));
    told
}

/// A cookie as a map.
pub(super) fn cookie_map(cookie: &CookieView) -> Map {
    let text = |text: &Option<String>| text.clone().map_or(Dynamic::UNIT, Into::into);
    Map::from([
        ("name".into(), cookie.name.clone().into()),
        ("value".into(), cookie.value.clone().into()),
        ("domain".into(), cookie.domain.clone().into()),
        ("path".into(), cookie.path.clone().into()),
        (
            "expires".into(),
            cookie.expires.map_or(Dynamic::UNIT, Into::into),
        ),
        ("secure".into(), cookie.secure.into()),
        ("http_only".into(), cookie.http_only.into()),
        ("host_only".into(), cookie.host_only.into()),
        ("same_site".into(), text(&cookie.same_site)),
    ])
}
