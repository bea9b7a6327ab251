//! What a script reads of the requests, the console and the errors of a page.

use super::super::context::Context;
use super::super::step::quietly;
use super::super::trace::Request;
use super::super::traffic::har;
use super::page::Page;
use crate::host::script::{self, Raise};
use crate::log::artifact;
use rhai::plugin::*;
use rhai::{Array, Dynamic, Map, NativeCallContext};
use std::collections::HashMap;
use std::sync::Arc;

#[export_module]
pub mod network {
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
