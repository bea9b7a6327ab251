//! How one call becomes a step of the account: its title, its log, its pictures, and bad news with the page's evidence.

use super::error::TabError;
use super::evidence;
use super::locator::CallLog;
use super::tab::Tab;
use super::trace::Mark;
use crate::host::attempt::{Attempt, Step};
use crate::host::browsing::Tracing;
use crate::host::clock::Stop;
use crate::host::failure::{Detail, Failure};
use crate::host::json;
use crate::host::script::{self, Raise};
use rhai::NativeCallContext;
use serde_json::{Map, Value};
use std::sync::Arc;

/// A part of a text for a title; masked first, because a secret that is cut would not be known any more.
pub fn brief(attempt: &Attempt, text: &str, most: usize) -> String {
    json::cut(&attempt.world().masker.mask(text), most)
}

/// The kind of all steps in here.
pub const KIND: &str = "browser";

/// A call, as the account tells it.
pub struct Deed {
    pub title: String,
    /// `click`, `visit`, `expect`.
    pub action: &'static str,
    /// The locator, as scripts write it.
    pub locator: Option<String>,
}

impl Deed {
    pub fn new(action: &'static str, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            action,
            locator: None,
        }
    }

    pub fn on(mut self, locator: impl Into<String>) -> Self {
        self.locator = Some(locator.into());
        self
    }
}

/// What the doing of it left to tell.
#[derive(Debug, Default)]
pub struct Account {
    /// What was tried, in order.
    pub log: CallLog,
    /// More for the data of the step.
    pub data: Map<String, Value>,
}

/// Does `work` with a page as one step. An error of it is kept, with what the page looked like.
pub fn perform<T>(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    tab: &Arc<Tab>,
    deed: Deed,
    work: impl AsyncFnOnce(&mut Account) -> Result<T, Failure>,
) -> Result<T, Raise> {
    let title = deed.title.clone();
    attempt.step(KIND, &title, script::call_site(ctx), |step| {
        let mark = tab.trace().mark();
        let slow = attempt.world().browsing.slow_mo;
        if !slow.is_zero() {
            attempt
                .sleep(slow)
                .map_err(|stop| script::stop(stop, ctx.call_position()))?;
        }
        let mut pictures = Pictures::of(attempt, tab, step);
        pictures.take("before");
        let mut account = Account::default();
        let outcome = attempt.block_on(work(&mut account));
        let result = match outcome {
            Err(stop) => {
                if let Stop::Deadline { .. } = stop {
                    attempt.was_seeing(seen(&deed, &account, tab));
                    evidence::attach(&attempt.overtime(evidence::LONGEST), tab);
                }
                Err(script::stop(stop, ctx.call_position()))
            }
            Ok(Err(failure)) => {
                attempt.set_trouble(Some(failure.message.clone()));
                evidence::attach(attempt, tab);
                Err(script::fail(ctx, attempt, failure))
            }
            Ok(Ok(value)) => {
                attempt.set_trouble(None);
                pictures.take("after");
                Ok(value)
            }
        };
        if step.id.is_some() {
            step.data = data(attempt, tab, deed, account, pictures.taken, mark);
        }
        result
    })
}

/// What there is to tell of a deed that the time of the scenario ended.
fn seen(deed: &Deed, account: &Account, tab: &Tab) -> Vec<Detail> {
    let mut seen = Vec::new();
    if let Some(locator) = &deed.locator {
        seen.push(Detail::new("locator", locator));
    }
    let log = account.log.show();
    if !log.is_empty() {
        seen.push(Detail::new("call log", log));
    }
    seen.push(Detail::new("page", tab.url()));
    seen
}

/// Like [`perform`], for work that fails as pages do.
pub fn act<T>(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    tab: &Arc<Tab>,
    deed: Deed,
    work: impl Future<Output = Result<T, TabError>>,
) -> Result<T, Raise> {
    perform(ctx, attempt, tab, deed, async |_| {
        work.await.map_err(Failure::from)
    })
}

/// Does what is no step of its own.
pub fn quietly<T>(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    work: impl Future<Output = Result<T, TabError>>,
) -> Result<T, Raise> {
    match attempt.block_on(work) {
        Err(stop) => Err(script::stop(stop, ctx.call_position())),
        Ok(Err(error)) => Err(script::fail(ctx, attempt, error.into())),
        Ok(Ok(value)) => Ok(value),
    }
}

/// What a step has to show.
pub fn data(
    attempt: &Attempt,
    tab: &Tab,
    deed: Deed,
    account: Account,
    pictures: Map<String, Value>,
    mark: Mark,
) -> Value {
    let masker = &attempt.world().masker;
    let mut data = account.data;
    data.insert("url".into(), masker.mask(&tab.url()).into_owned().into());
    data.insert("action".into(), deed.action.into());
    if let Some(locator) = deed.locator {
        data.insert("locator".into(), locator.into());
    }
    if !account.log.lines().is_empty() {
        data.insert("log".into(), account.log.lines().into());
    }
    let lines = tab.trace().lines_since(mark);
    let errors = lines
        .iter()
        .filter(|line| matches!(line.level.as_str(), "error" | "exception"));
    let errors: Vec<Value> = errors
        .take(5)
        .map(|line| line.text.clone().into())
        .collect();
    if !errors.is_empty() {
        data.insert("console".into(), errors.into());
    }
    data.extend(pictures);
    let mut data = Value::Object(data);
    masker.mask_json(&mut data);
    data
}

/// The pictures of a step, where they are wanted.
struct Pictures<'a> {
    attempt: &'a Attempt,
    tab: &'a Tab,
    step: Option<u32>,
    taken: Map<String, Value>,
}

impl<'a> Pictures<'a> {
    fn of(attempt: &'a Attempt, tab: &'a Tab, step: &Step) -> Self {
        let wanted = attempt.world().browsing.trace != Tracing::Off;
        Self {
            attempt,
            tab,
            step: step.id.filter(|_| wanted),
            taken: Map::new(),
        }
    }

    fn take(&mut self, when: &str) {
        let Some(step) = self.step else {
            return;
        };
        let taken = self.attempt.block_on(self.tab.screenshot(None, false));
        if let Ok(Ok(png)) = taken
            && let Some(path) = evidence::picture(self.attempt, &format!("{step}-{when}.png"), &png)
        {
            self.taken.insert(when.to_owned(), path.into());
        }
    }
}
