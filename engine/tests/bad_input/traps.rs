//! What the language would let pass, and with it a scenario that should not have.

use super::{Project, refused, run};
use insta::assert_snapshot;

#[test]
fn a_second_closure_behind_assert_would_be_its_message() {
    assert_snapshot!(refused("parallel([|| assert 1 == 1, || assert 1 == 2]);"), @r"
    exit 2
    --- stderr
    error: after `assert …,` only a message in quotes may follow; inside a list write `|| { assert … }`
      --> a.rhai:1:29
       |
     1 | parallel([|| assert 1 == 1, || assert 1 == 2]);
       |                             ^^
    ");
}

#[test]
fn assert_with_brackets_would_take_a_pair_for_its_claim() {
    assert_snapshot!(refused("assert(1 == 2, \"one is two\");"), @r#"
    exit 2
    --- stderr
    error: `assert` is a word, not a function: it takes no brackets
      --> a.rhai:1:7
       |
     1 | assert(1 == 2, "one is two");
       |       ^
      hint: write `assert 1 == 2, "one is two"`
    "#);
}

#[test]
fn values_of_different_types_are_not_compared() {
    assert_snapshot!(run("assert \"5\" != 5;").exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: a string and an integer cannot be compared with `!=`
        --> a.rhai:1:8
         |
       1 | assert "5" != 5;
         |        ^^^^^^^^
        left:  "5"
        right: 5
        hint: convert one side: parse_int(text), or value.to_string()

    1 scenario: 1 errored, 1 assertion, [time]
    "#);
}

#[test]
fn nothing_is_not_smaller_than_a_number() {
    let script = "let body = #{ count: () };\nassert body.count < 5;";
    assert_snapshot!(run(script).exits(2).story(), @"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: () and an integer cannot be compared with `<`
        --> a.rhai:2:8
         |
       2 | assert body.count < 5;
         |        ^^^^^^^^^^^^^^
        left:  ()
        right: 5
        hint: values of different types are never equal in Rhai, so this could not tell anything

    1 scenario: 1 errored, 1 assertion, [time]
    ");
}

#[test]
fn an_expectation_does_not_compare_types_either() {
    assert_snapshot!(run("expect(5).not_to_equal(\"5\");").exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: `expect(5).not_to_equal("5")` cannot be judged: cannot compare an integer with a string: received 5, expected "5"
        --> a.rhai:1:1
         |
       1 | expect(5).not_to_equal("5");
         | ^^^^^^^^^^^^^^^^^^^^^^^^^^^
        hint: convert one side first, e.g. `parse_int(x)` or `x.to_string()`

    1 scenario: 1 errored, 1 assertion, [time]
    "#);
}

#[test]
fn exit_would_end_the_run_as_passed() {
    let script = "scenario(\"a\", || {\n    exit();\n    assert 1 == 2;\n});";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: `exit` is refused: it would end the run as passed
      --> a.rhai:2:5
       |
     2 |     exit();
       |     ^^^^
      hint: `return` leaves a function or closure, `skip("why")` and `fail("why")` end a scenario
    "#);
}

#[test]
fn eval_would_hide_from_the_check() {
    assert_snapshot!(refused("eval(\"assert 1 == 2\");"), @r#"
    exit 2
    --- stderr
    error: `eval` is refused: what it runs would hide from this check
      --> a.rhai:1:1
       |
     1 | eval("assert 1 == 2");
       | ^^^^
      hint: write a function or a closure
    "#);
}

#[test]
fn a_shadowed_primitive_would_still_be_the_primitive() {
    let script =
        "let http = #{ get: |url| #{ status: 200 } };\nassert http.get(\"/\").status == 200;";
    assert_snapshot!(refused(script), @r"
    exit 2
    --- stderr
    error: `http` cannot be declared: it would still be the primitive
      --> a.rhai:1:5
       |
     1 | let http = #{ get: |url| #{ status: 200 } };
       |     ^^^^
      hint: choose another name
    ");
}

#[test]
fn a_function_cannot_take_the_name_of_a_primitive() {
    assert_snapshot!(refused("fn http() { #{ ok: true } }\nassert http.ok;"), @"
    exit 2
    --- stderr
    error: `http` cannot be declared: it would still be the primitive
      --> a.rhai:1:4
       |
     1 | fn http() { #{ ok: true } }
       |    ^^^^
      hint: choose another name
    ");
}

#[test]
fn a_comparison_alone_checks_nothing() {
    let script = "let res = http.get(\"/status/500\");\nres.status == 200;\nlog(\"fine\");";
    assert_snapshot!(refused(script), @r"
    exit 2
    --- stderr
    error: this comparison is thrown away: it checks nothing
      --> a.rhai:2:1
       |
     2 | res.status == 200;
       | ^^^
      hint: did you mean `assert res.status == 200`?
    ");
}

#[test]
fn an_expect_without_a_matcher_checks_nothing() {
    assert_snapshot!(refused("expect(http.get(\"/health\").status);"), @r#"
    exit 2
    --- stderr
    error: this `expect` checks nothing
      --> a.rhai:1:1
       |
     1 | expect(http.get("/health").status);
       | ^^^^^^
      hint: say what is expected, as in `expect(x).to_be(1)`
    "#);
}

#[test]
fn a_misspelt_property_is_not_a_missing_value() {
    let script = "let task = http.get(\"/health\").json;\nassert task.eror == ();";
    assert_snapshot!(run(script).exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: there is no property `eror`
        --> a.rhai:2:13
         |
       2 | assert task.eror == ();
         |             ^^^^
        hint: use .get("eror") if it may be missing

    1 scenario: 1 errored, 1 assertion, [time]
    "#);
}

#[test]
fn a_string_in_double_quotes_inserts_nothing() {
    let script = "let id = 7;\nassert http.get(\"/tasks/${id}\").status == 404;";
    assert_snapshot!(refused(script), @r##"
    exit 2
    --- stderr
    error: a string in double quotes does not insert `${id}`
      --> a.rhai:2:17
       |
     2 | assert http.get("/tasks/${id}").status == 404;
       |                 ^^^^^^^^^^^^^^
      hint: write the string in back-ticks; for a literal `${` write `#"…"#`
    "##);
}

#[test]
fn numbers_in_json_are_compared_strictly() {
    let script = "expect(#{ count: 1.0 }).to_match(#{ count: 1 });";
    assert_snapshot!(run(script).exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a
      failure: expectation failed: `expect(#{ count: 1.0 }).to_match(#{ count: 1 })`
        --> a.rhai:1:1
         |
       1 | expect(#{ count: 1.0 }).to_match(#{ count: 1 });
         | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ received {"count": 1.0}
        expected:   at least {"count": 1}
        received:   {"count": 1.0}
        mismatches: $.count  expected 1, received 1.0 (a float, not an integer)

    1 scenario: 1 failed, 1 assertion, [time]
    "#);
}

#[test]
fn asserting_nothing_is_reported() {
    assert_snapshot!(run("http.get(\"/status/500\");").passes().story(), @r"
    exit 0

    PASS   a.rhai  a  [time]  asserted nothing

    asserted nothing  a.rhai::a

    1 scenario: 1 passed, 1 asserted nothing, 0 assertions, [time]
    ");
}

#[test]
fn a_bare_number_is_no_condition() {
    let script = "wait_until(\"1s\", || http.get(\"/tasks\").json.len);";
    assert_snapshot!(run(script).exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a › wait until http.get("/tasks").json.len
      usage: a number is neither true nor false
        --> a.rhai:1:1
         |
       1 | wait_until("1s", || http.get("/tasks").json.len);
         | ^^^^^^^^^^
        got: 0
        hint: compare it: … > 0

    1 scenario: 1 errored, 1 assertion, [time]
    "#);
}

#[test]
fn a_function_of_the_script_would_be_called_instead_of_a_method() {
    let script = "fn header(name) { name }\nlet res = http.get(\"/health\");\nassert res.header(\"x\") == \"x\";";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: `.header(…)` calls the function `header` of this file, not the method
      --> a.rhai:3:12
       |
     3 | assert res.header("x") == "x";
       |            ^^^^^^
      hint: give the function another name
    "#);
}

#[test]
fn two_functions_of_modules_would_be_taken_for_each_other() {
    let says = |text: &str| format!("fn name() {{ \"{text}\" }}\nfn say() {{ name() }}");
    let script = "import \"m1\" as m1;\nimport \"m2\" as m2;\nassert m1::say() != m2::say();";
    let ran = Project::script(script)
        .file("m1.rhai", says("one"))
        .file("m2.rhai", says("two"))
        .run(&["check", "a.rhai"]);
    assert_snapshot!(ran.exits(2).whole(), @r#"
    exit 2
    --- stderr
    error: two functions `name` that are imported together would be taken for each other
      --> a.rhai:1:8
       |
     1 | import "m1" as m1;
       |        ^^^^
      called by its own file: m1.rhai:1
      the other:              m2.rhai:1
      hint: give one of them another name
    "#);
}
