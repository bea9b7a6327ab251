//! Text from outside stays text: it moves no cursor, closes no element and gives no command.

use super::Project;
use insta::assert_snapshot;
use quick_junit::Report;

/// Clears the screen, sets the title, closes elements, and speaks to GitHub.
const HOSTILE: &str = "\\x1b[2J\\x1b]0;owned\\x07\\r\\n::error file=x::owned\\r\\n##[error]owned]]></testsuite><b a=\\\"'&amp;\\x00\\u202e";

/// Everything a script can show, made of hostile text that came over the wire.
fn project() -> Project {
    let script = format!(
        r####"
let evil = "{HOSTILE}";
scenario("fails with <b>&\"']]> owned", || {{
    let back = http.post("/anything", #{{ body: evil, headers: #{{ "Content-Type": "text/plain" }} }});
    step(back.json.body, || log(back.json.body));
    attach("evil.txt", back.json.body);
    verify back.json.body == "fine";
    fail(back.json.body);
}});
scenario("##[warning]skipped", || skip(evil));
scenario("##[error]throws", || {{ throw evil; }});
scenario("waits", || wait_until(#{{ timeout: "50ms", message: evil }}, || false));
"####
    );
    Project::script(&script)
}

const RUN: &[&str] = &[
    "run",
    "--reporter=terminal",
    "--reporter=github",
    "--reporter=junit=junit.xml",
    "--reporter=tap=run.tap",
    "--reporter=json=run.json",
    "a.rhai",
];

/// No control character but the line feed, and nothing that turns the direction of writing around.
fn is_calm(text: &str) -> bool {
    text.chars()
        .all(|c| (!c.is_control() || c == '\n') && c != '\u{202e}')
}

#[test]
fn the_terminal_is_not_steered() {
    let ran = project().run(RUN).exits(1);
    assert!(is_calm(&ran.stdout), "{:?}", ran.stdout);
    assert!(is_calm(&ran.stderr), "{:?}", ran.stderr);
    assert!(ran.stdout.contains("owned"), "it is still shown");
}

#[test]
fn github_gets_no_command_but_ours() {
    let project = project();
    let ran = project.run(RUN).exits(1);
    let commands: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| line.trim_start().starts_with("::") || line.contains("##["))
        .filter(|line| {
            !line.starts_with("::error file=a.rhai,") && !line.starts_with("::notice file=a.rhai,")
        })
        .collect();
    assert!(commands.is_empty(), "{commands:#?}");
    assert!(ran.times("\n::error file=a.rhai,") >= 3, "{}", ran.stdout);
}

#[test]
fn junit_is_well_formed_and_whole() {
    let project = project();
    project.run(RUN).exits(1);
    let text = project.read("junit.xml");
    let report =
        Report::deserialize_from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let cases: Vec<&str> = report
        .test_suites
        .iter()
        .flat_map(|suite| &suite.test_cases)
        .map(|case| case.name.as_str())
        .collect();
    assert_eq!(
        cases,
        [
            "fails with <b>&\"']]> owned",
            "\\x23#[warning]skipped",
            "\\x23#[error]throws",
            "waits"
        ]
    );
    assert!(is_calm(&text), "{text:?}");
}

#[test]
fn tap_and_json_keep_their_lines() {
    let project = project();
    project.run(RUN).exits(1);
    for line in project.read("run.json").lines() {
        let event: serde_json::Value = serde_json::from_str(line).expect("an event a line");
        assert!(event["seq"].is_u64());
    }
    let points: Vec<String> = project
        .read("run.tap")
        .lines()
        .filter(|line| {
            line.starts_with("ok ") || line.starts_with("not ok ") || line.starts_with("Bail")
        })
        .map(str::to_owned)
        .collect();
    assert_snapshot!(points.join("\n"), @r#"
    not ok 1 - a.rhai::fails with <b>&"']]> owned
    ok 2 - a.rhai::\\x23\#[warning]skipped # SKIP \\x1b[2J\\x1b]0;owned\\x07\\r\\n::error file=x::owned\\r\\n\\x23\#[error]owned]]></testsuite><b a="'&amp;\\x00\\u{202e}
    not ok 3 - a.rhai::\\x23\#[error]throws
    not ok 4 - a.rhai::waits
    "#);
}

#[test]
fn a_name_with_control_characters_is_refused() {
    let script = "let name = http_name();\nscenario(name, || { assert true; });\nfn http_name() { \"a\\x1b[2Jb\" }";
    assert_snapshot!(super::refused(script), @r"
    exit 2
    --- stderr
    error: the name of a scenario must not hold `::` or control characters
      --> a.rhai:2:1
       |
     2 | scenario(name, || { assert true; });
       | ^^^^^^^^
    ");
}

#[test]
fn a_replayed_run_is_as_calm() {
    let project = project();
    project.run(RUN).exits(1);
    for args in [
        &["show"][..],
        &["show", "-v"],
        &["report", "latest", "--reporter", "github"],
        &["runs"],
    ] {
        let ran = project.run(args);
        assert!(is_calm(&ran.stdout), "{args:?}: {:?}", ran.stdout);
    }
}
