use crate::host::failure::Kind;
use crate::host::fake::Fake;

fn error(script: &str) -> String {
    Fake::new().run(script).error().to_owned()
}

#[test]
fn c39_a_failed_claim_shows_the_line_and_the_value() {
    assert_eq!(
        error("let status = 404;\nassert status == 200;"),
        "assertion failed: `status == 200`\n  --> test.rhai:2:8\n   |\n 2 | assert status == 200;\n   |        ^^^^^^^^^^^^^ is 404"
    );
}

#[test]
fn both_sides_are_shown_when_both_were_computed() {
    let text = error("let a = #{ n: 1 };\nlet b = 2;\nassert a.n == b, \"they must agree\";");
    assert!(
        text.starts_with("they must agree: assertion failed: `a.n == b`"),
        "{text}"
    );
    assert!(text.contains("is 1") && text.contains("right: 2"), "{text}");
}

#[test]
fn each_side_is_evaluated_once() {
    Fake::new()
        .run("let n = 0; let f = || { n += 1; n }; assert f.call() == 1; assert n == 1;")
        .passes();
}

#[test]
fn structures_list_their_differences() {
    let text = error("assert #{ a: 1, b: [1, 2] } == #{ a: 2, b: [1] };");
    assert!(text.contains("$.a     expected 2, received 1"), "{text}");
    assert!(text.contains("$.b[1]  unexpected, received 2"), "{text}");
}

#[test]
fn comparing_different_types_is_a_usage_error() {
    let ran = Fake::new().run("assert \"5\" != 5;");
    assert!(
        ran.error()
            .starts_with("a string and an integer cannot be compared with `!=`"),
        "{}",
        ran.error()
    );
    assert_eq!(ran.bad_news[0].kind, Kind::Usage);
    Fake::new()
        .run("let x = (); assert x == (); assert 5 != (); assert 1 < 1.5;")
        .passes();
}

#[test]
fn a_claim_that_is_no_boolean_is_a_usage_error() {
    assert!(error("assert 200;").starts_with("a claim must be true or false"));
}

#[test]
fn membership_is_checked_both_ways() {
    Fake::new()
        .run("assert 1 in [1, 2]; assert 3 !in [1, 2]; assert \"a\" in #{ a: 1 };")
        .passes();
    assert!(error("assert 3 in [1, 2];").contains("not in: [1,2]"));
    assert!(error("assert 1 !in [1, 2];").contains("in:   [1,2]"));
}

#[test]
fn and_stops_at_the_first_false_side_and_or_shows_all() {
    assert!(error("assert 1 == 1 && 2 == 3;").contains("is 2"));
    let text = error("assert 1 == 2 || 3 == 4;");
    assert!(
        text.contains("side 1: is 1") && text.contains("side 2: is 3"),
        "{text}"
    );
    Fake::new()
        .run("assert true || fail(\"not reached\");")
        .passes();
}

#[test]
fn verify_goes_on_and_still_fails() {
    let ran = Fake::new().run("verify 1 == 2; state.reached = true; verify 3 == 4;");
    assert!(ran.result.is_ok());
    assert_eq!(ran.bad_news.len(), 2);
    assert!(ran.bad_news.iter().all(|news| news.soft));
    assert_eq!(ran.state["reached"], true);
}

#[test]
fn an_expectation_under_verify_is_soft_too() {
    let ran = Fake::new()
        .run("verify expect(1).to_equal(2); state.reached = true; expect(3).to_equal(4);");
    assert!(
        ran.error().contains("expect(3).to_equal(4)"),
        "{}",
        ran.error()
    );
    let soft: Vec<bool> = ran.bad_news.iter().map(|news| news.soft).collect();
    assert_eq!(soft, [true, false]);
    assert_eq!(ran.state["reached"], true);
}

#[test]
fn catching_a_failed_claim_does_not_unfail_it() {
    let ran =
        Fake::new().run("try { assert 1 == 2; } catch { } [1].map(|x| { assert x == 3; x });");
    assert_eq!(ran.bad_news.len(), 2);
}

#[test]
fn only_text_may_follow_the_comma() {
    let text = error("let l = [|| assert true, || assert false];");
    assert!(
        text.contains("only a message in quotes may follow"),
        "{text}"
    );
    Fake::new()
        .run("let n = 1; assert n == 1, `n is ${n}`;")
        .passes();
}

#[test]
fn claims_are_counted() {
    assert_eq!(Fake::new().run("assert true; verify true;").assertions, 2);
}
