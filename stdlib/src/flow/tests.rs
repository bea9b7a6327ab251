use crate::host::failure::Code;
use crate::host::fake::Fake;
use crate::host::record::{Record, StepOutcome};

#[test]
fn steps_nest_and_give_back_their_value() {
    let ran = Fake::new().run("let x = step(\"outer\", || step(\"inner\", || 5)); assert x == 5;");
    ran.passes();
    assert_eq!(ran.steps(), ["step: outer", "step: inner"]);
    let parent = ran.records.iter().find_map(|record| match record {
        Record::StepBegan(begin) if begin.title == "inner" => begin.parent,
        _ => None,
    });
    assert_eq!(parent, Some(1));
}

#[test]
fn a_failure_carries_the_steps_it_happened_in() {
    let ran = Fake::new().run("step(\"log in\", || { assert 1 == 2; });");
    assert_eq!(ran.bad_news[0].steps, ["log in"]);
    assert!(ran.records.iter().any(|r| matches!(
        r,
        Record::StepEnded { end, .. } if end.outcome == StepOutcome::Failed
    )));
}

#[test]
fn a_soft_failure_fails_its_step_and_goes_on() {
    let ran = Fake::new().run("step(\"look\", || { verify 1 == 2; }); state.on = true;");
    assert_eq!(ran.state["on"], true);
    assert!(ran.records.iter().any(|r| matches!(
        r,
        Record::StepEnded { end, .. } if end.outcome == StepOutcome::Failed
    )));
}

#[test]
fn skip_ends_the_phase_even_when_caught() {
    let ran = Fake::new().run("try { skip(\"not here\"); } catch { } state.after = 1;");
    assert_eq!(ran.skipped.as_deref(), Some("not here"));
    assert!(!ran.state.contains_key("after"));
}

#[test]
fn fail_says_what_the_script_says() {
    let ran = Fake::new().run("fail(\"no stock\")");
    assert!(
        ran.error().starts_with("no stock\n  --> test.rhai:1:1"),
        "{}",
        ran.error()
    );
    assert_eq!(ran.bad_news[0].code, Code::Thrown);
}

#[test]
fn a_throw_is_a_failure_too() {
    let ran = Fake::new().run("throw #{ code: 5 }");
    assert!(
        ran.error()
            .starts_with("thrown: {\"code\":5}\n  --> test.rhai:1:1"),
        "{}",
        ran.error()
    );
}

#[test]
fn o15_deferred_work_runs_in_reverse_order_also_after_a_failure() {
    let ran = Fake::new().run(
        "state.order = []; defer(|| state.order.push(\"first\")); defer(\"b\", || state.order.push(\"second\")); fail(\"x\")",
    );
    assert_eq!(ran.state["order"], serde_json::json!(["second", "first"]));
}

#[test]
fn bad_news_of_a_deferred_closure_is_kept_beside_the_first() {
    let ran = Fake::new().run("defer(|| fail(\"cleaning\")); fail(\"body\")");
    let messages: Vec<&str> = ran
        .bad_news
        .iter()
        .map(|news| news.message.as_str())
        .collect();
    assert_eq!(messages, ["body", "cleaning"]);
}

#[test]
fn an_error_of_a_deferred_closure_knows_its_place() {
    let ran = Fake::new().run("let a = 1;\ndefer(|| nowhere());");
    let place = ran.bad_news[0].location.as_ref().map(ToString::to_string);
    assert_eq!(place.as_deref(), Some("test.rhai:2:10"));
}
