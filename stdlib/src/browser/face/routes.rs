//! What requests of a page get instead of the server's answer.

use super::super::step::quietly;
use super::super::traffic::{Answer, Handler, Held, Pattern, Route, Sent};
use super::page::Page;
use super::values;
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Deferred, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, FnPtr, ImmutableString, Map, NativeCallContext};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::oneshot;

#[export_module]
pub mod routes {
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
