//! Command lines that name what is not there.

use super::Project;
use insta::assert_snapshot;

fn project() -> Project {
    Project::new()
        .file("scenario.toml", "base_url = \"demo:\"\nscripts = [\".\"]\n")
        .file(
            "login.rhai",
            "scenario(\"log in\", #{ tags: [\"smoke\"] }, || { assert true; });",
        )
}

/// All that the program says about `args`, with its exit code.
fn said(args: &[&str]) -> String {
    project().run(args).whole()
}

#[test]
fn a_file_that_is_not_there_is_usage() {
    assert_snapshot!(said(&["run", "logn.rhai"]), @r"
    exit 2
    --- stderr
    error: there is no file or folder `logn.rhai`
      hint: did you mean `login.rhai`?
    ");
}

#[test]
fn a_pattern_without_match_selects_nothing() {
    assert_snapshot!(said(&["run", "checkout/*.rhai"]), @r"
    exit 4
    --- stderr
    error: no script matches `checkout/*.rhai`
      hint: `*` stays within a folder, `**/` goes through all below
    ");
}

#[test]
fn a_bad_pattern_is_usage() {
    assert_snapshot!(said(&["run", "[.rhai"]), @r"
    exit 2
    --- stderr
    error: `[.rhai` is not a pattern: invalid range pattern
    ");
}

#[test]
fn a_tag_expression_that_ends_too_soon() {
    assert_snapshot!(said(&["run", "--tags", "smoke and"]), @r#"
    exit 2
    --- stderr
    error: cannot read the tag expression: expected a tag
      --> --tags:1:10
       |
     1 | smoke and
       |          ^
      hint: write it like "smoke and not slow", "a or (b and c)" or "a,b"
    "#);
}

#[test]
fn a_tag_expression_with_an_open_bracket() {
    assert_snapshot!(said(&["run", "--tags", "(smoke or slow"]), @r#"
    exit 2
    --- stderr
    error: cannot read the tag expression: this `(` is not closed
      --> --tags:1:1
       |
     1 | (smoke or slow
       | ^
      hint: write it like "smoke and not slow", "a or (b and c)" or "a,b"
    "#);
}

#[test]
fn tags_that_match_nothing_say_why() {
    assert_snapshot!(said(&["run", "--tags", "slow"]), @r"
    exit 4
    --- stderr
    error: no scenario was selected
      login.rhai::log in: its tags [smoke] do not match `slow`
      hint: `scenario list` shows what there is
    ");
}

#[test]
fn a_bad_regular_expression_is_shown() {
    assert_snapshot!(said(&["run", "-k", "/log(/"]), @r"
    exit 2
    --- stderr
    error: `/log(/` is not a regular expression
      why:
        regex parse error:
            log(
               ^
        error: unclosed group
      hint: without slashes it is taken as plain text
    ");
}

#[test]
fn a_line_in_front_of_every_scenario() {
    let project = Project::new().file(
        "a.rhai",
        "// a note\n\nscenario(\"a\", || { assert true; });",
    );
    assert_snapshot!(project.run(&["run", "a.rhai:1"]).whole(), @r"
    exit 2
    --- stderr
    error: no scenario of a.rhai begins at or before line 1
      hint: the first one begins at a.rhai:3
    ");
}

#[test]
fn a_scenario_that_is_not_in_the_file() {
    assert_snapshot!(said(&["run", "login.rhai::log out"]), @r"
    exit 2
    --- stderr
    error: login.rhai has no scenario `log out`
      hint: known are: log in
    ");
}

#[test]
fn an_unknown_flag_has_a_neighbour() {
    assert_snapshot!(said(&["run", "--retrys", "2"]), @r"
    exit 2
    --- stderr
    error: unexpected argument '--retrys' found

      tip: a similar argument exists: '--retries'

    Usage: scenario run --retries <N> [PATH]...

    For more information, try '--help'.
    ");
}

#[test]
fn an_unknown_command_has_a_neighbour() {
    assert_snapshot!(said(&["runn"]), @r"
    exit 2
    --- stderr
    error: unrecognized subcommand 'runn'

      tip: some similar subcommands exist: 'runs', 'run'

    Usage: scenario <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn a_flag_of_the_wrong_type() {
    assert_snapshot!(said(&["run", "--jobs", "many"]), @r#"
    exit 2
    --- stderr
    error: invalid value 'many' for '--jobs <N>': expected "natural" or a whole number, at least 1

    For more information, try '--help'.
    "#);
}

#[test]
fn a_shard_beyond_the_last() {
    assert_snapshot!(said(&["run", "--shard", "3/2"]), @r"
    exit 2
    --- stderr
    error: invalid value '3/2' for '--shard <K/N>': there is no part 3 of 2; the first is 1/2

    For more information, try '--help'.
    ");
}

#[test]
fn an_unknown_reporter_has_a_neighbour() {
    assert_snapshot!(said(&["run", "--reporter", "junitt=x.xml"]), @r"
    exit 2
    --- stderr
    error: there is no reporter `junitt`
      hint: did you mean `junit`?
    ");
}

#[test]
fn two_reports_cannot_share_standard_output() {
    assert_snapshot!(said(&["run", "--reporter", "junit", "--reporter", "json"]), @r"
    exit 2
    --- stderr
    error: reporters `junit` and `json` both write to standard output
      hint: give one of them a file: --reporter junit=FILE
    ");
}

#[test]
fn a_run_nobody_stored() {
    assert_snapshot!(said(&["show", "2020"]), @r"
    exit 2
    --- stderr
    error: there is no store of runs at [project]/.scenario/store.db
      hint: it is made by the first `scenario run`
    ");
}

#[test]
fn last_failed_without_a_former_run() {
    assert_snapshot!(said(&["run", "--last-failed"]), @r"
    exit 2
    --- stderr
    error: there is no store of runs at [project]/.scenario/store.db
      hint: it is made by the first `scenario run`
    ");
}

#[test]
fn an_unknown_topic_has_a_neighbour() {
    assert_snapshot!(said(&["help", "htp"]), @r"
    exit 2
    --- stderr
    error: there is no topic `htp`
      hint: did you mean `http`?
    ");
}

#[test]
fn a_script_name_that_holds_terminal_escapes_is_shown_harmlessly() {
    let said = said(&["run", "\u{1b}[2Jnope.rhai"]);
    assert!(!said.contains('\u{1b}'), "{said:?}");
}

#[test]
fn a_seed_that_json_could_not_carry() {
    let ran = project()
        .run(&["run", "--seed", "9007199254740993"])
        .exits(2);
    ran.says("9007199254740993 is not in 0..=9007199254740992");
    let ran = project()
        .env("SCENARIO_SEED", "9007199254740993")
        .run(&["run"]);
    ran.exits(2).says("the largest is 9007199254740992");
}

#[test]
fn help_on_a_topic_takes_color_like_the_others() {
    let plain = project()
        .run(&["help", "http", "--color", "never"])
        .passes();
    assert!(plain.stdout.starts_with("# http"), "{}", plain.stdout);
    let coloured = project()
        .run(&["help", "run", "--color", "always"])
        .passes();
    assert!(coloured.stdout.contains("\u{1b}["), "{}", coloured.stdout);
}
