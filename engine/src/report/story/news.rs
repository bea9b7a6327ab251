//! Things that go wrong.

use super::Tale;
use crate::model::{Outcome, PhaseState};
use scenario_stdlib::host::failure::{Code, Failure};
use scenario_stdlib::host::location::Location;
use scenario_stdlib::host::record::StepOutcome;

/// A claim that does not hold, with its frame.
pub fn wrong_status() -> Failure {
    let source = "let res = http.get(\"/login\");\nassert res.status == 200;";
    let mut at = Location::in_source("scenarios/login.rhai", source, 2, 8);
    at = at.with_width(17);
    Failure::product(Code::Assertion, "`res.status == 200` does not hold")
        .at(at)
        .label("is 404")
        .detail(
            "last exchange",
            "GET http://127.0.0.1:8080/login\n-> 404 Not Found, 12ms",
        )
}

/// Two documents that differ.
pub fn wrong_body() -> Failure {
    Failure::product(Code::Assertion, "the body is not as expected, in 2 places")
        .detail("expected", "{\"state\":\"SUCCESS\"}")
        .detail("got", "{\"state\":\"FAILURE\"}")
        .detail(
            "diff",
            "  {\n-   \"state\": \"SUCCESS\"\n+   \"state\": \"FAILURE\"\n  }",
        )
        .hint("look at `.state`")
}

/// Everything a hostile system could send, in every place it could send it to.
pub fn hostile() -> Tale {
    const EVIL: &str = "\u{1b}]0;owned\u{7}]]>\n::error::x ##[group]\u{202e}cod\u{9b}2J<b>&\"'|`";
    let failure = Failure::product(Code::Assertion, EVIL)
        .detail(EVIL, EVIL)
        .hint(EVIL)
        .label(EVIL)
        .at(Location::in_source(EVIL, EVIL, 1, 1));
    Tale::new(&format!("{EVIL}.rhai"), EVIL)
        .tags(&[EVIL])
        .starts()
        .executes(EVIL)
        .opens("step", EVIL, None)
        .logs(1, &format!("{EVIL}\n{EVIL}"))
        .logs(1, &"x".repeat(1 << 20))
        .writes(EVIL, EVIL.into())
        .attaches(EVIL, EVIL)
        .bad(failure)
        .closes(1, StepOutcome::Failed, 2)
        .attempt_ends(PhaseState::Failed, 4)
        .ends_because(Outcome::Failed, EVIL)
}
