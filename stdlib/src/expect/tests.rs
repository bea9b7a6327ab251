use crate::host::failure::Kind;
use crate::host::fake::{Fake, Ran};

fn run(script: &str) -> Ran {
    Fake::new().run(script)
}

fn error(script: &str) -> String {
    run(script).error().to_owned()
}

#[test]
fn c39_a_failed_claim_shows_the_line_and_both_values() {
    let ran = run("let name = \"Bob\";\nexpect(name).to_equal(\"Ada\");");
    assert_eq!(
        ran.error(),
        r#"expectation failed: `expect(name).to_equal("Ada")`
  --> test.rhai:2:1
   |
 2 | expect(name).to_equal("Ada");
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ received "Bob"
  expected: "Ada"
  received: "Bob""#
    );
    assert_eq!(ran.bad_news[0].kind, Kind::Failure);
}

#[test]
fn a_message_stands_before_the_explanation() {
    let text = error("expect(1, \"orders left\").to_equal(0);");
    assert!(
        text.starts_with(
            "orders left: expectation failed: `expect(1, \"orders left\").to_equal(0)`\n"
        ),
        "{text}"
    );
}

#[test]
fn a_partial_match_lists_all_mismatches_by_path() {
    let text = error(
        r##"let body = #{ id: "x", items: [#{ name: "Ada" }, #{ name: "Bob" }], total: 3.0 };
expect(body).to_match(#{
    id: "#integer",
    items: [#{ name: "Ada" }, #{ name: "Eve" }],
    total: 3,
    at: "#time",
});"##,
    );
    assert_eq!(
        text,
        r##"expectation failed: `expect(body).to_match(…)`
  --> test.rhai:2:1
   |
 2 | expect(body).to_match(#{
   | ^^^^^^^^^^^^^^^^^^^^^^^^ 4 mismatches
  expected: at least {"at": "#time", "id": "#integer", "items": [{"name": "Ada"}, {"name": "Eve"}], "total": 3}
  received: {"id": "x", "items": [{"name": "Ada"}, {"name": "Bob"}], "total": 3.0}
  mismatches:
    $.at             missing, expected #time
    $.id             expected #integer, received "x" (a string)
    $.items[1].name  expected "Eve", received "Bob"
    $.total          expected 3, received 3.0 (a float, not an integer)
  diff:
    --- expected
    +++ received
     {
    -  "at": "#time",
    -  "id": "#integer",
    +  "id": "x",
       "items": [
         {
           "name": "Ada",
         },
         {
    -      "name": "Eve",
    +      "name": "Bob",
         },
       ],
    -  "total": 3,
    +  "total": 3.0,
     }"##
    );
}

#[test]
fn every_matcher_and_its_opposite() {
    for (holds, fails) in [
        (
            "expect([1, #{ a: 2 }]).to_equal([1, #{ a: 2 }])",
            "expect(1).to_equal(2)",
        ),
        (
            "expect(\"ab\").to_match(\"^a\")",
            "expect(\"ab\").to_match(\"^b\")",
        ),
        (
            "expect(#{ a: 1, b: 2 }).to_match(#{ a: 1 })",
            "expect(#{ a: 1 }).to_match(#{ a: 2 })",
        ),
        (
            "expect(5).to_match_schema(#{ type: \"integer\" })",
            "expect(5).to_match_schema(#{ type: \"string\" })",
        ),
        (
            "expect([1, 2]).to_contain(2)",
            "expect([1, 2]).to_contain(3)",
        ),
        (
            "expect([1, 2]).to_contain_only([2, 1])",
            "expect([1, 2]).to_contain_only([1])",
        ),
        (
            "expect(1).to_be_one_of([1, 2])",
            "expect(3).to_be_one_of([1, 2])",
        ),
        (
            "expect(\"ab\").to_start_with(\"a\")",
            "expect(\"ab\").to_start_with(\"b\")",
        ),
        (
            "expect(\"ab\").to_end_with(\"b\")",
            "expect(\"ab\").to_end_with(\"a\")",
        ),
        (
            "expect(2).to_be_greater_than(1)",
            "expect(1).to_be_greater_than(1)",
        ),
        (
            "expect(1).to_be_greater_than_or_equal(1)",
            "expect(0).to_be_greater_than_or_equal(1)",
        ),
        (
            "expect(1).to_be_less_than(1.5)",
            "expect(1).to_be_less_than(1)",
        ),
        (
            "expect(1).to_be_less_than_or_equal(1)",
            "expect(2).to_be_less_than_or_equal(1)",
        ),
        (
            "expect(1.05).to_be_close_to(1, 0.1)",
            "expect(1.5).to_be_close_to(1, 0.1)",
        ),
        (
            "expect(now()).to_be_within(\"1m\")",
            "expect(\"2020-01-01T00:00:00Z\").to_be_within(\"1m\")",
        ),
        (
            "expect(\"2020-01-01T00:00:01Z\").to_be_within(\"1s\", \"2020-01-01T00:00:00Z\")",
            "expect(\"2020-01-01T00:00:02Z\").to_be_within(\"1s\", time(\"2020-01-01T00:00:00Z\"))",
        ),
        (
            "expect(1).to_be_of_type(\"integer\")",
            "expect(1).to_be_of_type(\"string\")",
        ),
        (
            "expect(\"äö\").to_have_length(2)",
            "expect([]).to_have_length(2)",
        ),
        ("expect(#{}).to_be_empty()", "expect([1]).to_be_empty()"),
        (
            "expect(\"x\").to_be_truthy()",
            "expect(\"\").to_be_truthy()",
        ),
        ("expect(()).to_be_falsy()", "expect(true).to_be_falsy()"),
    ] {
        let opposite = |claim: &str| claim.replacen(").to_", ").not_to_", 1);
        run(&format!("assert {holds};")).passes();
        run(&format!("{};", opposite(fails))).passes();
        for wrong in [fails.to_owned(), opposite(holds)] {
            let ran = run(&format!("{wrong};"));
            assert!(
                ran.error()
                    .starts_with(&format!("expectation failed: `{wrong}`\n")),
                "{}",
                ran.error()
            );
            assert_eq!((ran.bad_news.len(), ran.assertions), (1, 1));
        }
    }
}

#[test]
fn comparing_different_types_is_a_usage_error_under_either_sign() {
    for claim in [
        "expect(\"5\").to_equal(5)",
        "expect(\"5\").not_to_equal(5)",
        "expect(\"5\").to_be_less_than(6)",
    ] {
        let ran = run(claim);
        assert_eq!(ran.bad_news[0].kind, Kind::Usage, "{claim}");
        assert!(
            ran.error().starts_with(&format!(
                "`{claim}` cannot be judged: cannot compare a string with an integer"
            )),
            "{}",
            ran.error()
        );
    }
    run("expect(5).not_to_equal(()); expect(()).to_equal(());").passes();
}

#[test]
fn an_unknown_marker_is_a_usage_error_with_a_suggestion() {
    assert_eq!(
        error(r##"expect(#{}).to_match(#{ a: "#strnig" });"##),
        r##"`expect(#{}).to_match(#{ a: "#strnig" })` cannot be judged: unknown marker `#strnig` at $.a
  --> test.rhai:1:1
   |
 1 | expect(#{}).to_match(#{ a: "#strnig" });
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: did you mean `#string`? To match the text itself write `#literal #strnig`"##
    );
}

#[test]
fn times_are_compared_as_moments() {
    run(r#"
        let t = time("2026-01-05T10:00:00Z");
        expect("2026-01-05T11:00:00+01:00").to_equal(t);
        expect(t).to_equal(time("2026-01-05T11:00:00+01:00"));
        expect("2026-01-05T10:30:00+01:00").to_be_less_than(t);
        expect(t + "1s").to_be_greater_than(t);
        expect(t).not_to_equal(());
    "#)
    .passes();
    let text =
        error("expect(time(\"2026-01-05T10:00:00Z\")).not_to_equal(\"2026-01-05T10:00:00.000Z\");");
    assert!(
        text.starts_with("cannot compare a time with a string"),
        "{text}"
    );
    let text = error("expect(\"soon\").not_to_equal(time(\"2026-01-05T10:00:00Z\"));");
    assert!(
        text.contains("expected: not 2026-01-05T10:00:00Z\n  received: \"soon\" (not a time)"),
        "{text}"
    );
}

#[test]
fn what_is_not_json_is_a_usage_error() {
    assert!(error("expect(|| 1).to_equal(1);").contains("hint: call it first"));
    assert!(
        error("expect(0.0/0.0).not_to_equal(1.0);").starts_with("what `expect` was given is NaN")
    );
    assert!(error("expect(blob(3)).to_have_length(3);").contains("sha256(bytes)"));
    assert!(
        error("expect(5).to_match_schema(7);")
            .contains("a map or the path of a file, not an integer")
    );
}

#[test]
fn a_schema_may_be_a_file_beside_the_script() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(
        folder.path().join("id.json"),
        r#"{"type": "object", "required": ["id"]}"#,
    )
    .expect("a file");
    std::fs::write(
        folder.path().join("id.yaml"),
        "type: object\nrequired: [id]\n",
    )
    .expect("a file");
    let run = |script: &str| {
        Fake::new()
            .world(|world| world.project = folder.path().into())
            .run(script)
    };
    run("expect(#{ id: 1 }).to_match_schema(\"id.json\"); expect(#{ id: 1 }).to_match_schema(\"id.yaml\");").passes();
    let text = run("expect(#{}).to_match_schema(\"id.json\");")
        .error()
        .to_owned();
    assert!(
        text.contains("received {}")
            && text.contains("$.id  missing, expected a required property"),
        "{text}"
    );
    let text = run("expect(#{}).to_match_schema(\"ids.json\");")
        .error()
        .to_owned();
    assert!(
        text.starts_with("no such file: ids.json") && text.contains("did you mean `id.json`?"),
        "{text}"
    );
}

#[test]
fn a2_a_failed_claim_means_not_yet_and_a_claim_that_holds_ends_a_wait() {
    run("let n = 0; wait_until(\"5s\", || { n += 1; expect(n).to_equal(3) });").passes();
    let text = error("wait_until(\"50ms\", || expect(1).to_equal(2));");
    assert!(
        text.contains("last seen:     expectation failed: `expect(1).to_equal(2)` (received 1)"),
        "{text}"
    );
    assert!(error("wait_until(\"30s\", || expect(\"1\").to_equal(2));").contains("cannot compare"));
}

#[test]
fn catching_a_failed_claim_does_not_unfail_it() {
    let ran = run("try { expect(1).to_equal(2); } catch { } [1].map(|x| expect(x).to_equal(3));");
    assert_eq!(ran.bad_news.len(), 2);
}

#[test]
fn claims_in_functions_show_the_line_of_the_claim() {
    let text = error("fn check(x) {\n    expect(x)\n        .to_equal(1)\n}\ncheck(2);");
    assert!(
        text.starts_with("expectation failed: `expect(…).to_equal(1)`\n  --> test.rhai:3:"),
        "{text}"
    );
    assert!(text.contains("called from test.rhai:5:1"), "{text}");
}

#[test]
fn a_huge_value_makes_a_short_message() {
    let text =
        error("let list = []; for i in 0..5000 { list.push(i); } expect(list).to_equal([1]);");
    assert!(text.len() < 4000, "{}", text.len());
    assert!(text.contains("… and 4960 more"), "{text}");
}

#[test]
fn a_misspelt_matcher_is_no_claim() {
    assert!(error("expect(1).to_eqaul(1);").contains("to_eqaul"));
}

#[test]
fn secrets_are_hidden_before_a_message_is_cut() {
    let masked = |script: &str| {
        Fake::new()
            .world(|world| world.masker.add_secret("TOKEN", "secret-0123456789-secret"))
            .run(script)
            .error()
            .to_owned()
    };
    let text = masked(
        "let t = \"x\"; while t.len() < 185 { t += \"x\"; } \
         expect(t + \"secret-0123456789-secret and more of it\").to_equal(t + \"another\");",
    );
    assert!(
        !text.lines().skip(5).any(|line| line.contains("0123")),
        "{text}"
    );
    assert!(text.contains("[masked:TOKEN]"), "{text}");
    let text = masked("expect(sha256(\"x\")).to_equal(\"secret-0123456789-secret\");");
    assert!(text.contains("expected: \"[masked:TOKEN]\""), "{text}");
    let text = masked(
        "expect(\"secret-0123456789-secret\").to_equal(base64_encode(\"secret-0123456789-secret\"));",
    );
    assert!(
        text.contains("the values differ only in what is masked"),
        "{text}"
    );
}
