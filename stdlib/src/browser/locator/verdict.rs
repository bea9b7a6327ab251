//! What is said of an action that could not be done: which element, why not, what else is there, and what to do about it.

use super::log::CallLog;
use crate::host::duration;
use crate::host::failure::{Code, Failure};
use crate::host::suggest;
use serde_json::Value;
use std::time::Duration;

/// What an action or question was about, for messages.
#[derive(Clone, Debug)]
pub struct Subject {
    /// `get_by_role("button", "Sign in")`
    pub locator: String,
    /// `click`
    pub action: String,
    /// The words the last search looked for, to propose a neighbour.
    pub words: Option<String>,
}

/// The failure that a last verdict of the toolkit is. `explained` is what `explain` said of a locator that means nothing.
pub fn failure(
    subject: &Subject,
    verdict: &Value,
    explained: &Value,
    limit: Duration,
    log: &CallLog,
) -> Failure {
    let locator = &subject.locator;
    let action = &subject.action;
    let waited = duration::show(limit);
    let text = |key: &str| verdict[key].as_str().unwrap_or_default();
    let late = |what: String| Failure::product(Code::WaitTimeout, what);
    let failure = match text("verdict") {
        "missing" => missing(subject, explained, &waited),
        "many" => many(subject, verdict),
        "arriving" => late(format!("the document of `{locator}` was not read to its end within {waited}"))
            .hint("what does it wait for? `page.requests` tells; `force: true` does not wait for its scripts"),
        "hidden" => late(format!("`{locator}` is hidden and stayed so for {waited}: {}", text("why")))
            .hint(match action.as_str() {
                "check" | "uncheck" => "what makes it appear? One that is drawn by its label is pressed there: page.get_by_text(…).click()".to_owned(),
                _ => format!("what makes it appear? `{action}` waits until it can be seen"),
            }),
        "moving" => late(format!("`{locator}` did not stop moving within {waited}"))
            .hint("`force: true` presses where it is; `reduced_motion: true` of `browser.open` ends most animations"),
        "disabled" => late(format!("`{locator}` is disabled and stayed so for {waited}"))
            .hint("what enables it? Perhaps a field before it is still empty"),
        "readonly" => late(format!("`{locator}` cannot be edited and stayed so for {waited}"))
            .hint("what makes it editable? `force: true` of `fill` does not look"),
        "outside" => late(format!("`{locator}` is outside of the viewport and cannot be scrolled into it"))
            .hint("a larger `viewport` of `browser.open` may show it"),
        "covered" => late(format!("`{locator}` is covered and stayed so for {waited}"))
            .detail("covered by", text("by"))
            .hint("close what covers it first; `force: true` does not look whether the element gets the event"),
        "detached" => late(format!("`{locator}` was taken off the page again and again for {waited}"))
            .hint("the page draws it anew all the time: what tells that it has done with that? Expect it first"),
        "no_option" => no_option(late(format!("`{locator}` has no {}", list(&verdict["missing"], ", "))), verdict),
        "option_disabled" => late(format!("the option {} of `{locator}` is disabled", list(&verdict["missing"], ", ")))
            .hint("what enables it? Perhaps a field before it is still empty"),
        _ if matches!(action.as_str(), "check" | "uncheck") && !text("received").is_empty() => {
            late(format!("`{locator}` was pressed and stayed {} for {waited}", text("received")))
                .hint("does a script of the page take the press back, or ask something first?")
        }
        _ => late(format!("`{action}` of `{locator}` did not come about within {waited}")),
    };
    let failure = match text("element") {
        "" => failure,
        element => failure.detail("element", element),
    };
    with_log(failure, log)
}

/// Adds the call log.
pub fn with_log(failure: Failure, log: &CallLog) -> Failure {
    match log.show() {
        log if log.is_empty() => failure,
        log => failure.detail("call log", log),
    }
}

fn no_option(failure: Failure, verdict: &Value) -> Failure {
    let offers = texts(&verdict["offers"]);
    let failure = failure.detail("options", offers.join(", "));
    let missing = texts(&verdict["missing"]);
    let near = missing
        .first()
        .and_then(|wanted| suggest::nearest(wanted.trim_matches('"'), offers.iter().copied()));
    match near {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("it may be loaded later: which step fills the list?"),
    }
}

fn missing(subject: &Subject, explained: &Value, waited: &str) -> Failure {
    let locator = &subject.locator;
    let failure = Failure::product(
        Code::WaitTimeout,
        format!("there is no `{locator}` on the page, and there was none for {waited}"),
    );
    with_neighbours(failure, subject, explained)
}

/// Adds what is there instead, and where locators cannot look.
pub fn with_neighbours(mut failure: Failure, subject: &Subject, explained: &Value) -> Failure {
    let offers: Vec<&str> = texts(&explained["offers"]);
    if !offers.is_empty() {
        let shown: Vec<String> = offers
            .iter()
            .take(12)
            .map(|offer| format!("{offer:?}"))
            .collect();
        failure = failure.detail("there are", shown.join(", "));
    }
    if explained["unloaded"] == true {
        return failure.hint("its document could not be loaded: `page.requests` tells why");
    }
    if let Some(few) = explained["few"].as_u64() {
        let elements = match few {
            1 => "1 element".to_owned(),
            many => format!("{many} elements"),
        };
        return failure.hint(format!(
            "before `.nth(…)` it means {elements}; the first is .nth(0)"
        ));
    }
    let near = subject
        .words
        .as_deref()
        .and_then(|words| suggest::nearest(words, offers.iter().copied()));
    if let Some(near) = near {
        return failure.hint(format!("did you mean `{near}`?"));
    }
    let frames = texts(&explained["frames"]);
    let closed = texts(&explained["closed"]);
    if !closed.is_empty() {
        return failure.detail("closed", closed.join(", ")).hint(
            "it may be in a closed shadow root, which only the element itself can look into",
        );
    }
    if !frames.is_empty() {
        return failure
            .detail("frames", frames.join(", "))
            .hint("if it is in a frame, say which: page.frame_locator(\"iframe\").…");
    }
    failure.hint("what is there instead stands in the `-aria.yml` that is kept; `scenario run --headed` shows it")
}

fn many(subject: &Subject, verdict: &Value) -> Failure {
    let count = verdict["count"].as_u64().unwrap_or_default();
    let failure = Failure::product(
        Code::Assertion,
        format!(
            "`{}` means {count} elements, and `{}` needs one",
            subject.locator, subject.action
        ),
    )
    .hint("take one of these locators, or narrow yours with .filter(), .first() or .nth()");
    match matches(verdict) {
        lines if lines.is_empty() => failure,
        lines => failure.detail("elements", lines),
    }
}

/// The elements of an ambiguous locator, each with one that means it alone.
pub fn matches(verdict: &Value) -> String {
    let count = verdict["count"].as_u64().unwrap_or_default() as usize;
    let told = verdict["matches"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut lines: Vec<String> = told
        .iter()
        .enumerate()
        .map(|(at, one)| {
            let text = |key: &str| one[key].as_str().unwrap_or_default();
            format!("{}) {}   is {}", at + 1, text("element"), text("locator"))
        })
        .collect();
    if count > told.len() {
        lines.push(format!("and {} more", count - told.len()));
    }
    lines.join("\n")
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn list(value: &Value, separator: &str) -> String {
    texts(value).join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn subject() -> Subject {
        Subject {
            locator: r#"get_by_role("button", "Sing in")"#.into(),
            action: "click".into(),
            words: Some("Sing in".into()),
        }
    }

    fn render(verdict: &Value, explained: &Value) -> String {
        let mut log = CallLog::default();
        log.tell("found <button>");
        failure(&subject(), verdict, explained, Duration::from_secs(5), &log).render()
    }

    #[test]
    fn a_missing_element_names_its_neighbours() {
        let explained = json!({ "offers": ["Sign in", "Cancel"], "frames": [], "closed": [] });
        let text = render(&json!({ "verdict": "missing" }), &explained);
        assert!(text.starts_with(
            "there is no `get_by_role(\"button\", \"Sing in\")` on the page, and there was none for 5s"
        ));
        assert!(
            text.contains("there are: \"Sign in\", \"Cancel\""),
            "{text}"
        );
        assert!(text.contains("did you mean `Sign in`?"), "{text}");
    }

    #[test]
    fn an_ambiguous_locator_proposes_one_for_each_element() {
        let verdict = json!({ "verdict": "many", "count": 12, "matches": [
            { "element": "<a>One</a>", "locator": "get_by_text(\"One\")" },
            { "element": "<a>Two</a>", "locator": "get_by_text(\"Two\")" },
        ]});
        let text = render(&verdict, &Value::Null);
        assert!(
            text.contains("1) <a>One</a>   is get_by_text(\"One\")"),
            "{text}"
        );
        assert!(text.contains("and 10 more"), "{text}");
    }

    #[test]
    fn a_cover_is_named() {
        let verdict =
            json!({ "verdict": "covered", "by": "<div class=\"veil\">", "element": "<button>" });
        let text = render(&verdict, &Value::Null);
        assert!(text.contains("covered by: <div class=\"veil\">"), "{text}");
        assert!(text.contains("call log:\n    - found <button>"), "{text}");
    }
}
