//! Scripts that do not parse, and names that are not there.

use super::{Project, refused, run};
use insta::assert_snapshot;

#[test]
fn a_syntax_error_is_drawn() {
    let script = "scenario(\"a\", || {\n    let res = http.get(\"/\"\n    assert res.ok;\n});";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: this `(` is never closed
      --> a.rhai:2:23
       |
     2 |     let res = http.get("/"
       |                       ^
      hint: add `)` before the `}` in line 4
    "#);
}

#[test]
fn a_script_that_is_no_text_is_named() {
    let project = Project::new().file("a.rhai", b"assert \xff == 1;");
    assert_snapshot!(project.run(&["check", "a.rhai"]).exits(2).whole(), @r"
    exit 2
    --- stderr
    error: cannot read a.rhai: stream did not contain valid UTF-8
    ");
}

#[test]
fn an_undefined_variable_has_a_neighbour() {
    let script = "let response = http.get(\"/health\");\nassert respone.status == 200;";
    assert_snapshot!(refused(script), @r"
    exit 2
    --- stderr
    error: unknown variable `respone`
      --> a.rhai:2:8
       |
     2 | assert respone.status == 200;
       |        ^^^^^^^
      hint: did you mean `response`?
    ");
}

#[test]
fn an_undefined_function_has_a_neighbour() {
    assert_snapshot!(refused("wait_untill(\"1s\", || true);"), @r#"
    exit 2
    --- stderr
    error: unknown function `wait_untill`
      --> a.rhai:1:1
       |
     1 | wait_untill("1s", || true);
       | ^^^^^^^^^^^
      hint: did you mean `wait_until`?
    "#);
}

#[test]
fn a_wrong_number_of_arguments_is_counted() {
    assert_snapshot!(refused("fn login(user, password) { user + password }\nlogin(\"ada\");"), @r#"
    exit 2
    --- stderr
    error: `login` takes 2 arguments, not 1
      --> a.rhai:2:1
       |
     2 | login("ada");
       | ^^^^^
    "#);
}

#[test]
fn a_primitive_with_too_many_arguments_is_refused() {
    assert_snapshot!(refused("http.get(\"/health\", #{}, 3);"), @r#"
    exit 2
    --- stderr
    error: `get` takes 1 or 2 arguments, not 3
      --> a.rhai:1:6
       |
     1 | http.get("/health", #{}, 3);
       |      ^^^
    "#);
}

#[test]
fn an_unknown_option_has_a_neighbour() {
    assert_snapshot!(run("http.get(\"/health\", #{ timeuot: \"3s\" });").exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: `http.get` has no option `timeuot`
        --> a.rhai:1:6
         |
       1 | http.get("/health", #{ timeuot: "3s" });
         |      ^^^
        hint: did you mean `timeout`?

    1 scenario: 1 errored, 0 assertions, [time]
    "#);
}

#[test]
fn an_option_of_the_wrong_type_shows_what_it_got() {
    assert_snapshot!(run("http.get(\"/health\", #{ query: \"a=1\" });").exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: option `query` of `http.get` must be a map #{ … }
        --> a.rhai:1:6
         |
       1 | http.get("/health", #{ query: "a=1" });
         |      ^^^
        got: "a=1" (a string)

    1 scenario: 1 errored, 0 assertions, [time]
    "#);
}

#[test]
fn an_unknown_option_of_a_scenario_is_found_at_load() {
    assert_snapshot!(refused("scenario(\"a\", #{ retrys: 2 }, || { assert true; });"), @r#"
    exit 2
    --- stderr
    error: `scenario` has no option `retrys`
      --> a.rhai:1:1
       |
     1 | scenario("a", #{ retrys: 2 }, || { assert true; });
       | ^^^^^^^^
      hint: did you mean `retries`?
    "#);
}

#[test]
fn an_option_of_a_phase_of_the_wrong_type_is_found_at_load() {
    assert_snapshot!(refused("phase(\"a\", #{ retries: \"two\" }, || { assert true; });"), @r#"
    exit 2
    --- stderr
    error: option `retries` of `phase` must be a whole number from 0 to 100
      --> a.rhai:1:1
       |
     1 | phase("a", #{ retries: "two" }, || { assert true; });
       | ^^^^^
      got: "two" (a string)
    "#);
}

#[test]
fn c14_a_wrong_duration_has_its_line() {
    assert_snapshot!(refused("\n\nscenario(\"a\", #{ timeout: \"5 hourglasses\" }, || { assert true; });"), @r#"
    exit 2
    --- stderr
    error: option `timeout` of `scenario`: `5 hourglasses` is not a duration: `hourglasses` is no unit of time
      --> a.rhai:3:1
       |
     3 | scenario("a", #{ timeout: "5 hourglasses" }, || { assert true; });
       | ^^^^^^^^
      hint: write it like "500ms", "30s", "1m30s", "2.5 minutes" or "1 hour and 5 seconds"
    "#);
}

#[test]
fn a_module_that_is_not_there() {
    assert_snapshot!(refused("import \"lib/login\" as login;\nassert login::ok();"), @r#"
    exit 2
    --- stderr
    error: there is no module "lib/login"
      --> a.rhai:1:8
       |
     1 | import "lib/login" as login;
       |        ^^^^^^^^^^^
      looked for: lib/login.rhai
    "#);
}

#[test]
fn a_module_cannot_be_fetched_from_outside_the_project() {
    assert_snapshot!(refused("import \"../../etc/login\" as login;\nassert login::ok();"), @r#"
    exit 2
    --- stderr
    error: there is no module "../../etc/login"
      --> a.rhai:1:8
       |
     1 | import "../../etc/login" as login;
       |        ^^^^^^^^^^^^^^^^^
      looked for: /etc/login.rhai
    "#);
}

#[test]
fn a_function_a_module_does_not_have() {
    let project = Project::new()
        .file("lib/login.rhai", "fn as_user(name) { name }")
        .file(
            "a.rhai",
            "import \"lib/login\" as login;\nassert login::as_usr(\"ada\") == \"ada\";",
        );
    assert_snapshot!(project.run(&["check", "a.rhai"]).exits(2).whole(), @r#"
    exit 2
    --- stderr
    error: `login` has no function `as_usr`
      --> a.rhai:2:15
       |
     2 | assert login::as_usr("ada") == "ada";
       |               ^^^^^^
      hint: did you mean `as_user`?
    "#);
}

#[test]
fn every_bad_file_is_told_and_nothing_runs() {
    let project = Project::new()
        .file("a.rhai", "assert nobody == 1;")
        .file("b.rhai", "assert http.get(\"/health\").ok;")
        .file("c.rhai", "assert 1 == ;");
    assert_snapshot!(project.run(&["run", "a.rhai", "b.rhai", "c.rhai"]).exits(2).whole(), @r"
    exit 2
    --- stderr
    error: unknown variable `nobody`
      --> a.rhai:1:8
       |
     1 | assert nobody == 1;
       |        ^^^^^^

    error: `;` is unexpected here
      --> c.rhai:1:13
       |
     1 | assert 1 == ;
       |             ^

    2 errors
    ");
}
