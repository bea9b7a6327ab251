//! A page as assistive technology is told of it.

use super::finders::Finder;
use super::page::Page;
use crate::browser::step::{self, Deed};
use crate::host::failure::{Code, Failure};
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Map, NativeCallContext};
use serde_json::{Value, json};

#[export_module]
pub mod accessibility {
    /// Claims that the page keeps a few rules of accessibility that need no judgement: images, fields, buttons and links have
    /// names, the page has a title and a language, roles exist, ids that label are unique. All that is wrong is listed, each
    /// element with a locator. For the hundred rules of axe-core see the guide page "Locators".
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<html lang=en><title>Shop</title><button>Buy</button>");
    /// page.check_accessibility();
    /// ```
    #[rhai_fn(name = "check_accessibility", return_raw, pure)]
    pub fn check_accessibility(ctx: NativeCallContext, page: &mut Page) -> Result<(), Raise> {
        check(&ctx, page, Map::new())
    }

    /// Like `check_accessibility()` with the option `except`: rules that are not looked at.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<title>Shop</title><button>Buy</button>");
    /// page.check_accessibility(#{ except: ["html-has-lang"] });
    /// ```
    #[rhai_fn(name = "check_accessibility", return_raw, pure)]
    pub fn check_accessibility_with(
        ctx: NativeCallContext,
        page: &mut Page,
        options: Map,
    ) -> Result<(), Raise> {
        check(&ctx, page, options)
    }

    /// The page as roles, names and states, as YAML: what `to_match_aria_snapshot` compares with.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<h1>Shop</h1>");
    /// assert page.aria_snapshot() == "- heading \"Shop\" [level=1]";
    /// ```
    #[rhai_fn(name = "aria_snapshot", return_raw, pure)]
    pub fn page_aria_snapshot(ctx: NativeCallContext, page: &mut Page) -> Result<String, Raise> {
        let attempt = script::attempt(&ctx)?;
        let tab = page.0.clone();
        let deed = Deed::new("aria_snapshot", "aria snapshot");
        let got = step::act(&ctx, &attempt, &page.0, deed, async {
            tab.call(&tab.main_frame(), "aria", &json!({})).await
        })?;
        Ok(got.as_str().unwrap_or_default().to_owned())
    }
}

fn check(ctx: &NativeCallContext, page: &Page, given: Map) -> Result<(), Raise> {
    let attempt = script::attempt(ctx)?;
    attempt.count_assertion();
    let read = || {
        let mut options = Options::new("check_accessibility", given);
        let except = options.texts("except")?.unwrap_or_default();
        options.finish()?;
        Ok(except)
    };
    let except = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let place = page.base(ctx).place;
    let deed = Deed::new("check_accessibility", "check accessibility");
    step::perform(ctx, &attempt, &page.0, deed, async |_| {
        let args = json!({ "except": except, "test_id": place.test_id });
        let found = place
            .tab
            .call(&place.tab.main_frame(), "accessibility", &args)
            .await
            .map_err(Failure::from)?;
        if let Some(wrong) = except
            .iter()
            .find(|rule| !names(&found["rules"]).contains(&rule.as_str()))
        {
            let mut failure = Failure::usage(format!("there is no rule `{wrong}`"));
            failure.hint = crate::host::suggest::hint(wrong, names(&found["rules"]));
            return Err(failure);
        }
        let broken = found["broken"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        match broken.is_empty() {
            true => Ok(()),
            false => Err(told(broken)),
        }
    })
}

fn names(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn told(broken: &[Value]) -> Failure {
    let rules = match broken.len() {
        1 => "1 rule".to_owned(),
        many => format!("{many} rules"),
    };
    let mut failure = Failure::product(
        Code::Assertion,
        format!("the page breaks {rules} of accessibility"),
    );
    for rule in broken {
        let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let elements = rule["elements"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut lines = vec![text(rule, "help")];
        lines.extend(
            elements
                .iter()
                .take(10)
                .map(|one| format!("{}   is {}", text(one, "element"), text(one, "locator"))),
        );
        if elements.len() > 10 {
            lines.push(format!("and {} more", elements.len() - 10));
        }
        failure = failure.detail(text(rule, "rule"), lines.join("\n"));
    }
    failure.hint("a rule that does not fit here can be left out: #{ except: [\"…\"] }")
}
