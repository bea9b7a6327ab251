//! Puts a claim to the page until it holds, and explains one that does not.

use super::expected::{Expected, Options};
use super::hints;
use crate::browser::TabError;
use crate::browser::locator::{CallLog, Locator, Missed, Place, verdict};
use crate::browser::step::{self, Deed};
use crate::expect::{body, claim};
use crate::host::attempt::Attempt;
use crate::host::failure::{Code, Failure};
use crate::host::location::Location;
use crate::host::script::{self, Raise};
use rhai::NativeCallContext;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// What a claim is about.
pub enum Subject<'a> {
    Locator(&'a Locator),
    Page(&'a Place),
}

impl Subject<'_> {
    fn place(&self) -> &Place {
        match self {
            Self::Locator(locator) => &locator.place,
            Self::Page(place) => place,
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Locator(locator) => locator.show(),
            Self::Page(_) => "page".to_owned(),
        }
    }

    fn args(&self) -> Map<String, Value> {
        match self {
            Self::Locator(locator) => locator.args(),
            Self::Page(_) => Map::new(),
        }
    }
}

/// A claim as it stands in the script.
struct Quoted {
    text: String,
    at: Option<Location>,
}

impl Quoted {
    fn of(ctx: &NativeCallContext, attempt: &Attempt, subject: &str) -> Self {
        match script::call_location(ctx, attempt.sources()) {
            Some(at) => {
                let (text, at) = claim::quote(&at, ctx.fn_name());
                Self { text, at: Some(at) }
            }
            None => Self {
                text: format!("expect({subject}).{}(…)", ctx.fn_name()),
                at: None,
            },
        }
    }
}

/// Judges the claim of the matcher that `ctx` is a call of. It gives back `true`, so that it can end the closure of a wait.
pub fn judge(
    ctx: &NativeCallContext,
    subject: &Subject<'_>,
    message: Option<&str>,
    read: impl FnOnce() -> Result<(Expected, Options), Failure>,
) -> Result<bool, Raise> {
    let attempt = script::attempt(ctx)?;
    attempt.count_assertion();
    let (matcher, negated) = match ctx.fn_name().strip_prefix("not_") {
        Some(matcher) => (matcher, true),
        None => (ctx.fn_name(), false),
    };
    let quoted = Quoted::of(ctx, &attempt, &subject.show());
    let (expected, options) = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let mut args = subject.args();
    args.extend(expected.args.clone());
    args.insert("matcher".into(), json!(matcher));
    args.insert("negated".into(), json!(negated));
    options.add_to(&mut args);
    let limit = limit(&attempt, options.timeout);
    let shown = match expected.shown.lines().nth(1) {
        Some(_) => "…",
        // `to_be_visible` says it already.
        None if matcher.ends_with(&expected.shown.replace(' ', "_")) => "",
        None => &expected.shown,
    };
    let title = format!(
        "expect {} {} {}",
        subject.show(),
        ctx.fn_name(),
        step::brief(&attempt, shown, 80)
    );
    let deed = Deed::new("expect", title.trim_end()).on(subject.show());
    let place = subject.place();
    step::perform(ctx, &attempt, &place.tab, deed, async |account| {
        let log = &mut account.log;
        let deadline = Instant::now() + limit;
        let met = place.until_done("expect", args, deadline, log).await;
        let Err(missed) = met else {
            return Ok(true);
        };
        let told = Told {
            subject,
            quoted: &quoted,
            matcher,
            expected: &expected,
            negated,
            limit,
            log,
        };
        let mut failure = told.failure(&attempt, missed).await;
        if let Some(message) = message {
            failure.message = format!("{message}: {}", failure.message);
        }
        failure.location = quoted.at.clone().or(failure.location);
        Err(failure)
    })
}

/// How long a claim is looked at again. A poll looks once, because it looks again itself.
pub fn limit(attempt: &Attempt, timeout: Option<Duration>) -> Duration {
    match timeout {
        None if attempt.is_polling() => Duration::ZERO,
        timeout => attempt
            .world()
            .scaled(timeout.unwrap_or(attempt.world().wait_timeout)),
    }
}

/// Everything a failed claim is told with.
struct Told<'a> {
    subject: &'a Subject<'a>,
    quoted: &'a Quoted,
    matcher: &'a str,
    expected: &'a Expected,
    negated: bool,
    limit: Duration,
    log: &'a CallLog,
}

impl Told<'_> {
    async fn failure(&self, attempt: &Attempt, missed: Missed) -> Failure {
        let verdict = match missed {
            Missed::Wrong(what) => {
                return Failure::usage(format!("`{}` cannot be judged: {what}", self.quoted.text));
            }
            Missed::Tab(TabError::Navigated) => {
                json!({ "received": "a page that goes from one document to the next" })
            }
            Missed::Tab(error) => {
                let failure = Failure::from(error);
                let failure = failure.detail("claim", &self.quoted.text);
                return verdict::with_log(failure, self.log);
            }
            Missed::Verdict(verdict) => verdict,
        };
        let masker = &attempt.world().masker;
        let mut failure = Failure::product(
            Code::Assertion,
            format!("expectation failed: `{}`", self.quoted.text),
        );
        if let Subject::Locator(locator) = self.subject {
            failure = failure.detail("locator", locator.show());
        }
        let mut expected = masker.mask(&self.expected.shown).into_owned();
        if self.negated && !expected.is_empty() {
            expected = format!("not {expected}");
        }
        if !expected.is_empty() {
            failure = failure.detail("expected", expected.clone());
        }
        let received = masker.mask(&received(&verdict)).into_owned();
        failure = match verdict["verdict"].as_str() {
            Some("many") => failure.detail("elements", verdict::matches(&verdict)).hint(
                "take one of these locators, or narrow yours with .filter(), .first() or .nth()",
            ),
            Some("missing") => self.missing(failure, &verdict).await,
            _ => failure
                .detail("received", received.clone())
                .label(label(&received)),
        };
        if let Some(diff) =
            body::diff_of_texts(&self.expected.shown, &received).filter(|_| !self.negated)
        {
            failure = failure.detail("diff", diff);
        }
        if let Some(element) = verdict["element"].as_str() {
            failure = failure.detail("element", masker.mask(element).into_owned());
        }
        failure = verdict::with_log(failure, self.log);
        if let Some(hint) = self.next_move(&verdict).filter(|_| failure.hint.is_none()) {
            failure = failure.hint(hint);
        }
        let url = self.subject.place().tab.url();
        failure
            .detail("page", masker.mask(&url).into_owned())
            .detail("waited", crate::host::duration::show(self.limit))
    }

    /// What to try when the claim is nearly right.
    fn next_move(&self, verdict: &Value) -> Option<&'static str> {
        let received = verdict["received"].as_str()?;
        match self.negated {
            true => None,
            false => hints::nearly(self.matcher, self.expected.args.get("expected")?, received),
        }
    }

    async fn missing(&self, failure: Failure, verdict: &Value) -> Failure {
        let absent = match verdict["frame"].is_null() {
            true => "no such element",
            false => "no such frame",
        };
        let failure = failure.detail("received", absent).label(absent);
        let Subject::Locator(locator) = self.subject else {
            return failure;
        };
        let frame = verdict["frame"]
            .as_str()
            .and_then(|shown| locator.frame(shown));
        let meant = frame.as_ref().unwrap_or(locator);
        let explained = meant.explained().await;
        verdict::with_neighbours(failure, &meant.subject("expect"), &explained)
    }
}

fn label(received: &str) -> String {
    const INLINE: usize = 60;
    match received.chars().count() <= INLINE && !received.contains('\n') {
        true => format!("received {received}"),
        false => String::new(),
    }
}

/// What the page gave, as a person reads it: a state in its own words, a text in quotes, a snapshot as it is.
fn received(verdict: &Value) -> String {
    match &verdict["received"] {
        Value::String(text) if verdict["plain"] == true || text.contains('\n') => text.clone(),
        Value::Null => "nothing".to_owned(),
        other => other.to_string(),
    }
}
