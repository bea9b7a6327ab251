//! Responses: waiting for one, and what a script has of it.

use super::super::error::TabError;
use super::super::step::{self, quietly};
use super::super::tab::Tab;
use super::super::trace::{Mark, Request};
use super::super::traffic::Pattern;
use super::page::Page;
use super::values;
use super::waits::around;
use crate::host::attempt::Attempt;
use crate::host::failure::{Code, Failure};
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Blob, Dynamic, FnPtr, Map, NativeCallContext};
use std::sync::Arc;
use std::time::Duration;

/// A response that a script waited for.
#[derive(Clone, Debug)]
pub struct PageResponse {
    request: Request,
    body: Option<Arc<Vec<u8>>>,
}

#[export_module]
pub mod responses {
    /// Runs a block and waits for the response to a request it leads to: `.url`, `.method`, `.request_body`, `.status`,
    /// `.headers`, `.text`, `.json`, `.bytes`, `.error`.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/chat");
    /// let answer = page.wait_for_response("/api/messages", |page| page.get_by_text("Send").click());
    /// assert answer.status == 201;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn wait_for_response(
        ctx: NativeCallContext,
        page: &mut Page,
        pattern: &str,
        block: FnPtr,
    ) -> Result<PageResponse, Raise> {
        wait_for_response_with(ctx, page, pattern, Map::new(), block)
    }

    /// Like `wait_for_response(pattern, block)` with options: `method` and `status`, which the response must have to be the
    /// one that is meant, and `timeout` (30s).
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// let saved = page.wait_for_response("/tasks", #{ method: "POST" }, |page| page.get_by_text("Start").click());
    /// assert saved.json.state == "PENDING";
    /// ```
    #[rhai_fn(name = "wait_for_response", return_raw, pure)]
    pub fn wait_for_response_with(
        ctx: NativeCallContext,
        page: &mut Page,
        pattern: &str,
        options: Map,
        block: FnPtr,
    ) -> Result<PageResponse, Raise> {
        let attempt = script::attempt_for(&ctx, "page.wait_for_response")?;
        let base = attempt.world().base_url.as_deref();
        let wanted = Wanted::read(base, pattern, options)
            .map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        let tab = page.0.clone();
        quietly(&ctx, &attempt, async { tab.context()?.keep_bodies().await })?;
        let mark = page.now().trace().mark();
        let title = format!("wait for a response from {}", wanted.shown);
        around(&ctx, page, &title, wanted.limit, &block, async |limit| {
            let what = format!("no response came from {}", wanted.shown);
            let came = tab.response_since(mark, &what, limit, |request| wanted.is_met_by(request));
            let request = came
                .await
                .map_err(|error| instead(&attempt, error, &tab, mark))?;
            let body = tab.context()?.body(&request.id).await;
            Ok(PageResponse {
                request,
                body: body.map(Arc::new),
            })
        })
    }

    /// Where the request of a response went.
    #[rhai_fn(get = "url", pure)]
    pub fn response_url(response: &mut PageResponse) -> String {
        response.request.url.clone()
    }

    /// The method of the request.
    #[rhai_fn(get = "method", pure)]
    pub fn response_method(response: &mut PageResponse) -> String {
        response.request.method.clone()
    }

    /// What was sent with the request, as text; `()` when it was nothing.
    #[rhai_fn(get = "request_body", pure)]
    pub fn response_request_body(response: &mut PageResponse) -> Dynamic {
        let body = response.request.body.clone();
        body.map_or(Dynamic::UNIT, Dynamic::from)
    }

    /// The status of a response; `()` when there was none.
    #[rhai_fn(get = "status", pure)]
    pub fn response_status(response: &mut PageResponse) -> Dynamic {
        let status = response.request.status;
        status.map_or(Dynamic::UNIT, |status| i64::from(status).into())
    }

    /// Why there was no response; `()` when there was one.
    #[rhai_fn(get = "error", pure)]
    pub fn response_error(response: &mut PageResponse) -> Dynamic {
        let error = response.request.error.clone();
        error.map_or(Dynamic::UNIT, Dynamic::from)
    }

    /// The headers of a response, names in lower case.
    #[rhai_fn(get = "headers", pure)]
    pub fn response_headers(response: &mut PageResponse) -> Map {
        values::headers(&response.request.response_headers)
    }

    /// The body of a response as text.
    #[rhai_fn(get = "text", pure)]
    pub fn response_text(response: &mut PageResponse) -> String {
        let body = response.body.as_deref();
        body.map_or_else(String::new, |body| {
            String::from_utf8_lossy(body).into_owned()
        })
    }

    /// The body of a response.
    #[rhai_fn(get = "bytes", pure)]
    pub fn response_bytes(response: &mut PageResponse) -> Blob {
        response.body.as_deref().cloned().unwrap_or_default()
    }

    /// The body of a response, read as JSON.
    #[rhai_fn(get = "json", return_raw, pure)]
    pub fn response_json(
        ctx: NativeCallContext,
        response: &mut PageResponse,
    ) -> Result<Dynamic, Raise> {
        let body = response
            .body
            .as_deref()
            .map(Vec::as_slice)
            .unwrap_or_default();
        match serde_json::from_slice(body) {
            Ok(value) => Ok(json::from_json(&value)),
            Err(error) => {
                let text = format!("the body of {} is no JSON: {error}", response.request.url);
                let attempt = script::attempt_for(&ctx, "response.json")?;
                let shown = step::brief(&attempt, &String::from_utf8_lossy(body), 200);
                let code = Code::Traffic;
                let failure = Failure::product(code, text).detail("body", shown);
                Err(script::usage(&ctx, failure))
            }
        }
    }
}

/// Which response is meant.
struct Wanted {
    pattern: Pattern,
    method: Option<String>,
    status: Option<u16>,
    /// In the words of the script.
    shown: String,
    limit: Option<Duration>,
}

impl Wanted {
    fn read(base: Option<&str>, pattern: &str, options: Map) -> Result<Self, Failure> {
        let mut options = Options::new("page.wait_for_response", options);
        let method = options.text("method")?.map(|method| method.to_uppercase());
        let status = options
            .int("status", 100..=599)?
            .map(|status| status as u16);
        let limit = options.duration("timeout")?;
        options.finish()?;
        let meant = Pattern::parse(pattern, base)
            .map_err(|why| Failure::usage(format!("`{pattern}` is no pattern: {why}")))?;
        let sent = method.as_ref().map(|method| format!("{method} "));
        let answered = status.map(|status| format!(" with status {status}"));
        Ok(Self {
            pattern: meant,
            shown: [sent.as_deref(), Some(pattern), answered.as_deref()]
                .into_iter()
                .flatten()
                .collect(),
            method,
            status,
            limit,
        })
    }

    fn is_met_by(&self, request: &Request) -> bool {
        let is_method = |method: &String| request.method.eq_ignore_ascii_case(method);
        self.method.as_ref().is_none_or(is_method)
            && (self.status.is_none() || self.status == request.status)
            && self.pattern.is_match(&request.url)
    }
}

/// Adds to a response that did not come which requests there were.
fn instead(attempt: &Attempt, error: TabError, tab: &Tab, mark: Mark) -> Failure {
    let is_late = matches!(error, TabError::Late { .. });
    let requests = tab.trace().requests_since(mark);
    let told = requests.iter().map(|request| {
        let url = step::brief(attempt, &request.url, 120);
        match request.status {
            Some(status) => format!("{} {url}: {status}", request.method),
            None => format!("{} {url}", request.method),
        }
    });
    let told: Vec<String> = told.take(8).collect();
    let failure = Failure::from(error);
    match (is_late, told.is_empty()) {
        (false, _) => failure,
        (true, true) => failure.hint("the block led to no request at all"),
        (true, false) => failure.detail("came instead", told.join("\n")),
    }
}
