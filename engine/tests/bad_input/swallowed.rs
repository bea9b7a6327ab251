//! Catching does not un-fail a phase, wherever the error was caught.

use super::run;
use insta::assert_snapshot;

#[test]
fn a_caught_claim_still_failed() {
    let script = "try { assert 1 == 2; } catch (error) { }\nlog(\"going on\");";
    assert_snapshot!(run(script).exits(1).story(), @"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a
      failure: assertion failed: `1 == 2`
        --> a.rhai:1:14
         |
       1 | try { assert 1 == 2; } catch (error) { }
         |              ^^^^^^ is 1
        log:
     [time] going on

    1 scenario: 1 failed, 1 assertion, [time]
    ");
}

#[test]
fn a_claim_inside_map_still_failed() {
    let script = "let checked = [1, 2].map(|n| { assert n == 1; n });\nassert true;";
    assert_snapshot!(run(script).exits(1).story(), @r"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a
      failure: assertion failed: `n == 1`
        --> a.rhai:1:39
         |
       1 | let checked = [1, 2].map(|n| { assert n == 1; n });
         |                                       ^^^^^^ is 2

    1 scenario: 1 failed, 2 assertions, [time]
    ");
}

#[test]
fn a_caught_fault_is_still_a_fault() {
    // A file stands where a directory is needed, which no product under test can be blamed for.
    let script = "\
try { write_file(\"a/b.txt\", \"x\"); write_file(\"a/b.txt/c.txt\", \"y\"); } catch (error) { }
assert true;";
    assert_snapshot!(run(script).story(), @r#"
    exit 3

    ERROR  a.rhai  a  [time]

      a.rhai::a › write a/b.txt/c.txt
      fault: cannot make the directory `[project]/.scenario/runs/[run]/work/a_rhai__a-1-1ed327c0/a/b.txt`: File exists (os error 17)
        --> a.rhai:1:35
         |
       1 | try { write_file("a/b.txt", "x"); write_file("a/b.txt/c.txt", "y"); } catch (error) { }
         |                                   ^^^^^^^^^^
        steps:
          ok [time]  write a/b.txt  a.rhai:1
          FAIL [time]  write a/b.txt/c.txt  a.rhai:1

    1 scenario: 1 errored, 0 assertions, [time]
    --- stderr
    kept: .scenario/runs/[run]/work/a_rhai__a-1-1ed327c0
    "#);
}

#[test]
fn a_refused_connection_inside_map_still_failed() {
    let closed = super::common::Closed::new();
    let script = format!(
        "let codes = [1].map(|n| {{\n    try {{ http.get(\"{}\").status }} catch (error) {{ 200 }}\n}});\nassert true;",
        closed.url()
    );
    assert_snapshot!(run(&script).exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a › GET http://127.0.0.1:[port]
      failure: GET http://127.0.0.1:[port]/: connection to 127.0.0.1:[port] refused
        --> a.rhai:2:16
         |
       2 |     try { http.get("http://127.0.0.1:[port]").status } catch (error) { 200 }
         |                ^^^
        last exchange:
          GET http://127.0.0.1:[port]/
          < failed after [time]: connection to 127.0.0.1:[port] refused
          again: curl http://127.0.0.1:[port]/
        hint: is the service started, and is this its port?

    1 scenario: 1 failed, 1 assertion, [time]
    "#);
}

#[test]
fn an_error_in_a_comparer_is_not_taken_for_equal() {
    let script = "let tasks = [#{ id: 3 }, #{ id: 1 }];\ntasks.sort(|a, b| a.idd - b.idd);\nassert tasks[0].id == 3;";
    assert_snapshot!(run(script).exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: there is no property `idd`
        --> a.rhai:2:21
         |
       2 | tasks.sort(|a, b| a.idd - b.idd);
         |                     ^^^
        called from a.rhai:2:7
        hint: use .get("idd") if it may be missing

    1 scenario: 1 errored, 0 assertions, [time]
    "#);
}

#[test]
fn an_answer_that_is_no_bool_is_not_taken_for_false() {
    let script = "let tasks = [#{ error: \"lost\" }];\nassert !tasks.some(|task| task.error);";
    assert_snapshot!(run(script).exits(2).story(), @r"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: the closure of `some` must give back true or false, not a string
        --> a.rhai:2:15
         |
       2 | assert !tasks.some(|task| task.error);
         |               ^^^^
        hint: compare it: |x| x.error != ()

    1 scenario: 1 errored, 1 assertion, [time]
    ");
}

#[test]
fn a_usage_error_in_one_branch_of_parallel_is_not_lost() {
    let script =
        "try { parallel([|| { assert 1 == 1 }, || { assert \"1\" == 1 }]); } catch (error) { }";
    assert_snapshot!(run(script).exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a › 2 branches › branch 2
      usage: a string and an integer cannot be compared with `==`
        --> a.rhai:1:51
         |
       1 | try { parallel([|| { assert 1 == 1 }, || { assert "1" == 1 }]); } catch (error) { }
         |                                                   ^^^^^^^^
        left:  "1"
        right: 1
        hint: convert one side: parse_int(text), or value.to_string()
        steps:
          FAIL [time]  2 branches  a.rhai:1
          ok [time]    branch 1
          FAIL [time]    branch 2

    1 scenario: 1 errored, 2 assertions, [time]
    "#);
}

#[test]
fn a_deadline_cannot_be_caught() {
    let script = "loop { try { sleep(\"10s\"); } catch (error) { } }";
    let ran = super::Project::script(script).run(&["run", "--phase-timeout", "200ms", "a.rhai"]);
    assert_snapshot!(ran.exits(3).story(), @r#"
    exit 3

    ERROR  a.rhai  a  [time]

      a.rhai::a
      fault: phase "run" took longer than its timeout of [time]
        --> a.rhai:1:1
         |
       1 | loop { try { sleep("10s"); } catch (error) { } }
         | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        was in: sleep 10s
        hint: raise it with the option `timeout`, or find out what it waits for

    1 scenario: 1 errored, 0 assertions, [time]
    "#);
}
