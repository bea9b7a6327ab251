use crate::host::fake::Fake;
use crate::host::record::Record;
use std::time::Duration;

fn error(script: &str) -> String {
    Fake::new().run(script).error().to_owned()
}

#[test]
fn a1_the_value_is_given_back_and_a_timeout_tells_all() {
    Fake::new().run(
        "let n = 0; let v = wait_until(\"5s\", || { n += 1; if n == 3 { n } else { false } }); ",
    );
    Fake::new()
        .run("let n = 0; let v = wait_until(\"5s\", || { n += 1; n == 3 }); assert v;")
        .passes();
    let text =
        error("wait_until(#{ timeout: \"60ms\", message: \"the task is done\" }, || false);");
    assert!(
        text.starts_with("\"the task is done\" did not come true within 60ms"),
        "{text}"
    );
    assert!(text.contains("last seen:     false"), "{text}");
    assert!(
        text.contains("unchanged for: ") && text.contains("polls:"),
        "{text}"
    );
    assert!(text.contains(" 1 | wait_until(#{ timeout"), "{text}");
}

#[test]
fn a2_script_errors_end_the_wait_at_once() {
    let began = std::time::Instant::now();
    assert!(error("wait_until(\"30s\", || nme == 3);").contains("unknown name `nme`"));
    assert!(
        error("wait_until(\"30s\", || #{ a: 1 }.b == 3);").contains("there is no property `b`")
    );
    assert!(error("wait_until(\"30s\", || assert \"5\" == 5);").contains("cannot be compared"));
    assert!(error("wait_until(\"30s\", || 5);").contains("a number is neither true nor false"));
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn a3_a_wrong_option_fails_at_once() {
    assert!(
        error("wait_until(#{ timout: \"30s\" }, || false);").contains("did you mean `timeout`?")
    );
    assert!(
        error("wait_until(#{ every: \"5 hourglasses\" }, || false);")
            .contains("`hourglasses` is no unit of time")
    );
    assert!(error("wait_until(#{ backoff: 0.5 }, || false);").contains("at least 1"));
    assert!(error("wait_until(\"soon\", || false);").contains("expected a number"));
}

#[test]
fn a2_a_failed_assertion_means_not_yet() {
    let ran = Fake::new().run("let n = 0; wait_until(\"5s\", || { n += 1; assert n == 3; true });");
    ran.passes();
    Fake::new()
        .run("let n = 0; wait_until(\"5s\", || { n += 1; assert n == 3 });")
        .passes();
    let text = error("wait_until(\"50ms\", || { assert 1 == 2; true });");
    assert!(
        text.contains("last seen:     assertion failed: `1 == 2` (is 1)"),
        "{text}"
    );
}

#[test]
fn o7_give_up_ends_the_wait_at_once() {
    let text = error("wait_until(\"30s\", || { give_up(\"task ended in FAILURE\") });");
    assert!(text.starts_with("gave up: task ended in FAILURE"), "{text}");
}

#[test]
fn a7_hold_for_fails_at_the_first_break_and_names_the_value() {
    Fake::new()
        .run("wait_until(#{ timeout: \"1s\", hold_for: \"60ms\", every: \"5ms\" }, || true);")
        .passes();
    let text = error(
        "let n = 0; wait_until(#{ timeout: \"5s\", hold_for: \"2s\", every: \"5ms\" }, || { n += 1; if n > 3 { [] } else { [n] } });",
    );
    assert!(
        text.contains("held for") && text.contains("then saw: []"),
        "{text}"
    );
}

#[test]
fn a8_never_fails_as_soon_as_it_happens() {
    Fake::new().run("never(\"50ms\", || false);").passes();
    let text =
        error("let n = 0; never(\"20s\", || { n += 1; if n == 2 { \"boom\" } else { \"\" } });");
    assert!(
        text.contains("came true after") && text.contains("value: \"boom\""),
        "{text}"
    );
    assert!(error("never(\"20s\", || { assert 1 == 2; false });").contains("assertion failed"));
}

#[test]
fn o6_only_changes_are_recorded() {
    let ran = Fake::new().run(
        "let n = 0; wait_until(#{ timeout: \"5s\", every: \"1ms\" }, || { n += 1; if n < 10 { () } else if n < 20 { \"\" } else { \"x\" } });",
    );
    let seen: Vec<_> = ran
        .records
        .iter()
        .filter_map(|r| match r {
            Record::Observed { seen, .. } => Some(seen.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(seen, ["()", "\"\"", "\"x\""]);
}

#[test]
fn an_endless_condition_ends_with_its_wait() {
    let text = error("wait_until(\"100ms\", || { loop {} });");
    assert!(
        text.contains("the last poll did not answer in time"),
        "{text}"
    );
}

#[test]
fn a_sleep_and_a_loop_end_at_the_deadline() {
    for script in [
        "sleep(1000)",
        "loop { }",
        "[1].map(|x| { loop {} }); sleep(1000)",
        "try { sleep(\"1h\") } catch { loop {} }",
    ] {
        let ran = Fake::new().timeout(Duration::from_millis(100)).run(script);
        assert!(
            ran.error().starts_with("stopped: Deadline"),
            "{script}: {}",
            ran.error()
        );
    }
}

#[test]
fn time_scale_stretches_waits() {
    let ran = Fake::new()
        .world(|world| world.time_scale = 0.001)
        .run("sleep(\"100s\"); never(\"10s\", || false);");
    ran.passes();
}
