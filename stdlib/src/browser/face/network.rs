//! What a script says of the requests of a page.

use super::super::context::Context;
use super::super::error::TabError;
use super::super::step::{self, quietly};
use super::super::tab::Tab;
use super::super::trace::{Mark, Request};
use super::super::traffic::{Answer, Handler, Held, Pattern, Route, Sent, har};
use super::page::Page;
use super::values;
use super::waits::around;
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Deferred, Raise};
use crate::log::artifact;
use rhai::plugin::*;
use rhai::{Array, Blob, Dynamic, FnPtr, ImmutableString, Map, NativeCallContext};
use std::collections::HashMap;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::oneshot;

/// A response that a script waited for.
#[derive(Clone, Debug)]
pub struct PageResponse {
    request: Request,
    body: Option<Arc<Vec<u8>>>,
}

#[export_module]
pub mod network {
    /// Says what requests for some addresses get instead of a response. The pattern is a whole address or begins with `/`;
    /// `*` stands for anything but `/`, `**` for anything, `{a,b}` for either. The answer is a map (`status`, `headers`, and
    /// one of `json`, `body`, `file`; `delay`), `"abort"`, or a closure that gets the request (`#{ url, method, kind, headers, body }`)
    /// and gives back one of these, `#{ change: #{ url, method, headers, body } }`, or `()` to let it pass. The newest route
    /// that fits answers.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.route("/api/items", #{ json: [#{ name: "mug" }] });
    /// page.route("**/*.{png,jpg}", "abort");
    /// page.route("/api/**", |request| if request.method == "DELETE" { "abort" });
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn route(
        ctx: NativeCallContext,
        page: &mut Page,
        pattern: &str,
        answer: Dynamic,
    ) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "page.route")?;
        let read = || {
            let base = attempt.world().base_url.as_deref();
            let pattern = Pattern::parse(pattern, base)
                .map_err(|why| Failure::usage(format!("`{pattern}` is no pattern: {why}")))?;
            let handler = handler(&ctx, &attempt, &answer)?;
            Ok(Route { pattern, handler })
        };
        let route = read().map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        quietly(&ctx, &attempt, page.0.route(route))
    }

    /// Takes back the routes for a pattern; whether there were any.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.unroute("*.png");
    /// ```
    #[rhai_fn(pure)]
    pub fn unroute(page: &mut Page, pattern: &str) -> bool {
        page.0.unroute(pattern)
    }

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
        response(&ctx, page, pattern, Map::new(), &block)
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
        response(&ctx, page, pattern, options, &block)
    }

    /// The requests of the page so far, oldest first (the last 1,000): `#{ url, method, request_body, kind, status, mime_type,
    /// bytes, millis, error }`; `request_body` is what was sent, `bytes` how much came.
    ///
    /// ```rhai
    /// let page = browser.open("/");
    /// assert page.requests.filter(|it| it.status >= 500).is_empty();
    /// ```
    #[rhai_fn(get = "requests", pure)]
    pub fn requests(page: &mut Page) -> Array {
        let all = page.now().trace().requests_since(Default::default());
        all.iter()
            .map(|request| request_map(request).into())
            .collect()
    }

    /// What the page wrote to its console so far, oldest first (the last 2,000 lines): `#{ level, text, place }`.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// assert page.console.filter(|it| it.level == "error").is_empty();
    /// ```
    #[rhai_fn(get = "console", pure)]
    pub fn console(page: &mut Page) -> Array {
        lines(page, |level| level != "exception")
    }

    /// The errors that no script of the page caught, oldest first: `#{ text, place }`.
    ///
    /// ```rhai
    /// let page = browser.open("/");
    /// assert page.errors.is_empty();
    /// ```
    #[rhai_fn(get = "errors", pure)]
    pub fn errors(page: &mut Page) -> Array {
        lines(page, |level| level == "exception")
    }

    /// Keeps the traffic of the page with the run as a HAR file, for other tools. Bodies of responses are in it when the page was opened with
    /// `bodies: true`, or when a response was waited for before.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/", #{ bodies: true });
    /// page.save_har("home.har");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn save_har(ctx: NativeCallContext, page: &mut Page, name: &str) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "page.save_har")?;
        let tab = page.0.clone();
        let work = async {
            tab.catch_up().await;
            let requests = tab.trace().requests_since(Default::default());
            let context: Arc<Context> = tab.context()?;
            let mut bodies = HashMap::new();
            for request in requests.iter().filter(|request| request.status.is_some()) {
                if let Some(body) = context.body(&request.id).await {
                    bodies.insert(request.id.clone(), body);
                }
            }
            Ok(har(&requests, &bodies, context.host().version()))
        };
        let har = quietly(&ctx, &attempt, work)?;
        artifact::keep(
            &attempt,
            name,
            "application/json",
            har.to_string().as_bytes(),
        )
        .map_err(|error| script::fail(&ctx, &attempt, error.into()))
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
                let code = crate::host::failure::Code::Traffic;
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

fn response(
    ctx: &NativeCallContext,
    page: &Page,
    pattern: &str,
    options: Map,
    block: &FnPtr,
) -> Result<PageResponse, Raise> {
    let attempt = script::attempt_for(ctx, "page.wait_for_response")?;
    let base = attempt.world().base_url.as_deref();
    let wanted = Wanted::read(base, pattern, options)
        .map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let tab = page.0.clone();
    quietly(ctx, &attempt, async { tab.context()?.keep_bodies().await })?;
    let mark = page.now().trace().mark();
    let title = format!("wait for a response from {}", wanted.shown);
    around(ctx, page, &title, wanted.limit, block, async |limit| {
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

fn request_map(request: &Request) -> Map {
    let optional = |value: Option<Dynamic>| value.unwrap_or(Dynamic::UNIT);
    Map::from([
        ("url".into(), request.url.clone().into()),
        ("method".into(), request.method.clone().into()),
        (
            "request_body".into(),
            optional(request.body.clone().map(Dynamic::from)),
        ),
        ("kind".into(), request.kind.clone().into()),
        (
            "status".into(),
            optional(request.status.map(|status| i64::from(status).into())),
        ),
        ("mime_type".into(), request.mime_type.clone().into()),
        ("bytes".into(), (request.bytes as i64).into()),
        (
            "millis".into(),
            optional(request.millis.map(|millis| (millis as i64).into())),
        ),
        (
            "error".into(),
            optional(request.error.clone().map(Dynamic::from)),
        ),
    ])
}

fn lines(page: &Page, wanted: impl Fn(&str) -> bool) -> Array {
    let lines = page.now().trace().lines_since(Default::default());
    let told = lines
        .into_iter()
        .filter(|line| wanted(&line.level))
        .map(|line| {
            Dynamic::from(Map::from([
                ("level".into(), line.level.into()),
                ("text".into(), line.text.into()),
                ("place".into(), line.place.into()),
            ]))
        });
    told.collect()
}

/// What gives requests the answer a script wrote.
fn handler(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    answer: &Dynamic,
) -> Result<Handler, Failure> {
    if let Some(closure) = answer.read_lock::<FnPtr>() {
        let closure = Deferred::keep_beside(ctx, &closure)?;
        return Ok(thinker(attempt.answering(), closure));
    }
    let fixed = read_answer(attempt, answer)?;
    Ok(Arc::new(move |_, sender| drop(sender.send(fixed.clone()))))
}

/// A thread that calls the closure for one request after the other; the script's own may be waiting for the page.
fn thinker(lane: Attempt, closure: Deferred) -> Handler {
    let (jobs, inbox) = mpsc::channel::<(Held, oneshot::Sender<Answer>)>();
    let started = std::thread::Builder::new()
        .name("route".into())
        .stack_size(crate::language::STACK_SIZE)
        .spawn(move || {
            let engine = lane.language().engine(&lane);
            for (held, sender) in inbox {
                let request = Dynamic::from(held_map(&held));
                let given = closure.call(&engine, &lane, vec![request]);
                let answer = given.map_err(|error| {
                    match script::explain(&error, closure.source(), lane.sources()) {
                        script::Meaning::News(failure) => drop(lane.latch(*failure)),
                        script::Meaning::Stopped(_) => {}
                    }
                });
                let answer = answer.and_then(|given| {
                    read_answer(&lane, &given).map_err(|failure| drop(lane.latch(failure)))
                });
                // Without an answer the request fails.
                if let Ok(answer) = answer {
                    let _ = sender.send(answer);
                }
            }
        });
    let jobs = started.ok().map(|_| std::sync::Mutex::new(jobs));
    Arc::new(move |held, sender| {
        if let Some(jobs) = &jobs {
            let jobs = jobs.lock().unwrap_or_else(|e| e.into_inner());
            drop(jobs.send((held, sender)));
        }
    })
}

fn held_map(held: &Held) -> Map {
    let headers = held
        .headers
        .iter()
        .map(|(name, value)| (name.to_lowercase().into(), value.clone().into()));
    let body = held.body.clone().map_or(Dynamic::UNIT, Dynamic::from);
    Map::from([
        ("body".into(), body),
        ("url".into(), held.url.clone().into()),
        ("method".into(), held.method.clone().into()),
        ("kind".into(), held.kind.clone().into()),
        ("headers".into(), headers.collect::<Map>().into()),
    ])
}

/// An answer as scripts write it.
fn read_answer(attempt: &Attempt, given: &Dynamic) -> Result<Answer, Failure> {
    let hint =
        "give a map such as #{ json: [] }, \"abort\", #{ change: #{ … } }, or () to let it pass";
    if given.is_unit() {
        return Ok(Answer::PassOn);
    }
    if let Some(text) = given.read_lock::<ImmutableString>() {
        return match text.as_str() {
            "abort" => Ok(Answer::Abort),
            other => Err(Failure::usage(format!("`{other}` is no answer to a request")).hint(hint)),
        };
    }
    let Some(map) = given.read_lock::<Map>().map(|map| map.clone()) else {
        let got = json::show(given, 80);
        return Err(Failure::usage("a request cannot be answered with this")
            .detail("got", got)
            .hint(hint));
    };
    let mut options = Options::new("page.route", map);
    if let Some(change) = options.map("change")? {
        options.finish()?;
        let mut change = Options::new("change", change);
        let sent = Sent {
            url: change.text("url")?,
            method: change.text("method")?,
            headers: values::pairs(change.map("headers")?),
            body: change.take("body").map(|body| values::bytes(&body)),
        };
        change.finish()?;
        return Ok(Answer::Change(sent));
    }
    let status = options.int("status", 100..=599)?.unwrap_or(200) as u16;
    let mut headers = values::pairs(options.map("headers")?);
    let delay = options.duration("delay")?.unwrap_or(Duration::ZERO);
    let (mut body, mut media) = (Vec::new(), None);
    if let Some(value) = options.json("json")? {
        body = value.to_string().into_bytes();
        media = Some("application/json".to_owned());
    }
    if let Some(value) = options.take("body") {
        body = values::bytes(&value);
        media = Some("text/plain; charset=utf-8".to_owned());
    }
    if let Some(file) = options.text("file")? {
        let path = values::paths(attempt, &vec![file.clone().into()])?.remove(0);
        body = std::fs::read(&path)
            .map_err(|error| Failure::fault(format!("`{file}` cannot be read: {error}")))?;
        media = Some(
            mime_guess::from_path(&path)
                .first_or_octet_stream()
                .to_string(),
        );
    }
    options.finish()?;
    let has = |name: &str| {
        headers
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    let (has_media, has_origin) = (has("content-type"), has("access-control-allow-origin"));
    headers.extend(
        media
            .filter(|_| !has_media)
            .map(|media| ("content-type".to_owned(), media)),
    );
    if !has_origin {
        // It may be asked for from another origin; what is made up is for everybody.
        headers.push(("access-control-allow-origin".into(), "*".into()));
    }
    Ok(Answer::Respond {
        status,
        headers,
        body,
        delay,
    })
}
