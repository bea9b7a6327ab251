//! Closures that run later: what they capture, what they take, and what they lose.

use super::refused;
use insta::assert_snapshot;

#[test]
fn a_phase_handle_is_not_captured() {
    let script = "let first = phase(\"first\", || { assert true; });\nphase(\"second\", || { assert first != (); });";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: a closure that runs later captures a PhaseHandle, which lives only in its own phase
      --> a.rhai:2:1
       |
     2 | phase("second", || { assert first != (); });
       | ^^^^^
      hint: put plain data on `state` and make the rest inside the closure
    "#);
}

#[test]
fn what_a_phase_assigns_to_a_captured_variable_would_be_lost() {
    let script = "let id = 0;\nphase(\"prepare\", || { id = 7; });\nphase(\"check\", || { assert id == 7; });";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: `id` is changed in a closure of `phase`, which works on a copy: the change would be lost
      --> a.rhai:2:23
       |
     2 | phase("prepare", || { id = 7; });
       |                       ^^
      hint: only `state` crosses phases: write `state.id`
    "#);
}

#[test]
fn what_a_branch_assigns_would_be_lost() {
    let script =
        "let seen = 0;\nparallel([|| { seen += 1; }, || { seen += 1; }]);\nassert seen == 2;";
    assert_snapshot!(refused(script), @r"
    exit 2
    --- stderr
    error: `seen` is changed in a closure of `parallel`, which works on a copy: the change would be lost
      --> a.rhai:2:16
       |
     2 | parallel([|| { seen += 1; }, || { seen += 1; }]);
       |                ^^^^
      hint: let the closure return it: `parallel` gives back what its closures return
    ");
}

#[test]
fn the_state_is_the_only_parameter() {
    assert_snapshot!(refused("phase(\"a\", |state, page| { assert true; });"), @r#"
    exit 2
    --- stderr
    error: the closure of `phase` has at most 1 parameter, not 2
      --> a.rhai:1:12
       |
     1 | phase("a", |state, page| { assert true; });
       |            ^
      hint: write `|| …` or `|x| …`
    "#);
}

#[test]
fn assigning_to_state_itself_would_be_lost() {
    assert_snapshot!(refused("phase(\"a\", |state| { state = #{ id: 1 }; });"), @r#"
    exit 2
    --- stderr
    error: `state` is only the name of the state here: what is assigned to it would be lost
      --> a.rhai:1:22
       |
     1 | phase("a", |state| { state = #{ id: 1 }; });
       |                      ^^^^^
      hint: set its properties, as in `state.id = …`, or return a map
    "#);
}
