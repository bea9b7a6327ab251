//! Statements through a pipe: for scripts and editors.

use super::common::Project;
use super::repl;

#[test]
fn each_statement_gives_its_value_and_there_is_no_prompt() {
    let ran = repl(&Project::new(), &[], "1+1\n");
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "2\n", "")
    );
    let script = r#"
let x = 5;
fn double(n) {

  n * 2
}
double(x)
let add = |n| n + x
x = 7
add.call(1)
1 +
2
[#{ id: 1, name: "Ada" }, #{ id: 2, name: "Grace" }]
"a\nb"
state.task = 3
state.task
"#;
    let ran = repl(&Project::new(), &[], script).passes();
    assert_eq!(
        ran.stdout,
        "10\n8\n3\nid  name\n 1  Ada\n 2  Grace\n\"a\\nb\"\n3\n"
    );
}

#[test]
fn a_statement_that_fails_is_told_with_its_place_and_the_others_go_on() {
    let ran = repl(
        &Project::new(),
        &[],
        "let n = 2;\nassert n == 3\nlet m = htpp;\nn\n",
    )
    .exits(1);
    assert_eq!(ran.stdout, "2\n");
    assert_eq!(
        ran.stderr,
        "failed: assertion failed: `n == 3`\n   --> repl:2:8\n    |\n  2 | assert n == 3\n    |        ^^^^^^ is 2\n\
         error: unknown variable `htpp`\n   --> repl:3:9\n    |\n  3 | let m = htpp;\n    |         ^^^^\n  hint: did you mean `http`?\n"
            .replace("   -->", "  -->")
            .replace("    |", "   |")
            .replace("  2 |", " 2 |")
            .replace("  3 |", " 3 |")
    );
}

#[test]
fn an_endless_loop_ends_at_its_deadline_and_the_session_goes_on() {
    let ran = repl(
        &Project::new(),
        &["--timeout", "300ms"],
        "loop { }\n6 * 7\n",
    )
    .exits(1);
    assert_eq!(ran.stdout, "42\n");
    assert!(
        ran.stderr.contains("it took longer than 300ms"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains(":timeout"), "{}", ran.stderr);
}

#[test]
fn broken_input_is_a_sentence() {
    for (input, told) in [
        (")\n", "this `)` closes nothing"),
        ("let = 5\n", "error: "),
        ("let x = \n", "in the middle of a statement"),
        ("if true {\n", "this `{` is never closed"),
        ("\"abc\n", "this string is not closed"),
        (":hlep\n", "did you mean `:help`?"),
        (":logs db\n", "db"),
        (":load nowhere.rhai\n", "cannot read nowhere.rhai"),
        ("exit()\n", "error: "),
        ("phase(\"x\", || 1)\n", "error: "),
        ("fn f() { f() } f()\n", "too many nested calls"),
        (":retry\n", "no script stands still here"),
    ] {
        let ran = repl(&Project::new(), &[], input);
        assert_eq!(ran.code, 1, "{input}");
        assert!(ran.stderr.contains(told), "{input}: {}", ran.stderr);
    }
}

#[test]
fn a_response_is_shown_whole_and_a_secret_is_not() {
    let project = Project::new().env("TOKEN", "hunter2hunter2");
    let input = "http.get(\"/health\")\nlet t = secret(\"TOKEN\");\n`x ${t} y`\nprint(t)\n";
    let ran = repl(&project, &[], input).passes();
    assert!(ran.stdout.starts_with("HTTP/1.1 200  "), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("content-type: application/json\n"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("\n\n{ \"status\": \"ok\""),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"));
}

#[test]
fn what_worked_is_saved_as_a_scenario_that_passes() {
    let project = Project::new();
    let input = r#"
fn task_of(res) { res.json.id }
:phase prepare
let res = http.post("/tasks", #{ json: #{ kind: "export", seconds: 0.1 } })
res.status == 202
let id = task_of(res)
assert id == "never"
:phase validate
wait_until("20s", || http.get(`/tasks/${id}`).json.state == "SUCCESS")
http.get(`/tasks/${id}`).status == 200
:save scenarios/export.rhai
:save scenarios/export.rhai
"#;
    let ran = repl(&project, &[], input).exits(1).says("in 2 phases");
    assert!(
        ran.stdout.contains("on the state now: id"),
        "{}",
        ran.stdout
    );
    let text = project.read("scenarios/export.rhai");
    assert!(text.contains("assert res.status == 202;"), "{text}");
    assert!(text.contains("state.id = task_of(res);"), "{text}");
    assert!(!text.contains("never"), "{text}");
    project
        .run(&["run", "scenarios/export.rhai"])
        .passes()
        .says("export");
    // What somebody else wrote is not overwritten.
    repl(&project, &[], "let a = 1\n:save scenarios/export.rhai\n")
        .exits(1)
        .says("is there already");
    assert_eq!(project.read("scenarios/export.rhai"), text);
}

#[test]
fn a_file_lends_its_functions_and_is_read_anew() {
    let project = Project::new()
        .file("lib/shop.rhai", "fn price() { 3 }\n")
        .file(
            "scenarios/buy.rhai",
            "import \"../lib/shop\" as shop;\nconst COUNT = 2;\nfn total() { shop::price() * 2 }\nfn broken() {\n    let n = 1;\n    n.nowhere\n}\nscenario(\"buy\", || { assert total() == 6; });\n",
        );
    let ran = repl(
        &project,
        &["scenarios/buy.rhai"],
        "total() + COUNT\nbroken()\n",
    )
    .exits(1);
    assert_eq!(ran.stdout, "8\n");
    assert!(
        ran.stderr.contains("--> scenarios/buy.rhai:6:"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("called from repl:2:1"),
        "{}",
        ran.stderr
    );
    // The command `:run` leaves the session what it was, and an edit between is seen after `:reload`.
    let input = "let kept = total()\n:load edit.rhai\n:reload\n[kept, total()]\n";
    let edit = format!(
        "exec([\"sh\", \"-c\", \"echo 'fn price() {{ 5 }}' > {}\"]);\n",
        project.path("lib/shop.rhai").display()
    );
    project.write("edit.rhai", edit);
    let ran = repl(&project, &["scenarios/buy.rhai"], input).passes();
    assert!(ran.stdout.ends_with("[6, 10]\n"), "{}", ran.stdout);
}

#[test]
fn a_stack_stays_up_for_the_session_and_ends_with_it() {
    let project = Project::bare().file(
        "stacks/shop.rhai",
        "export const shop = stack(\"shop\", #{ services: #{ web: #{ cmd: [\"python3\", \"-m\", \"http.server\", \"{{ port }}\", \"--bind\", \"127.0.0.1\"], ports: [\"web\"] } } });\n",
    );
    let input = "http.get(shop.web.url).status\n:services\n:reload\nhttp.get(shop.web.url).status\nshop.web.wait_for_log(\"GET / HTTP.*\\n?\");\n:logs shop/web\n:save scenarios/web.rhai\nshop.web.pid\n";
    let ran = repl(&project, &["--stack", "stacks/shop.rhai"], input).passes();
    let answers = ran.stdout.lines().filter(|line| *line == "200").count();
    assert_eq!(answers, 2, "{}", ran.stdout);
    assert!(
        ran.stdout.contains("ready") && ran.stdout.contains("GET / HTTP"),
        "{}",
        ran.stdout
    );
    let pid: i32 = ran.stdout.lines().last().unwrap().parse().unwrap();
    assert!(
        !std::path::Path::new(&format!("/proc/{pid}")).exists(),
        "it outlived the session"
    );
    assert!(
        !project
            .path(".scenario/up")
            .read_dir()
            .is_ok_and(|mut left| left.next().is_some())
    );
    let text = project.read("scenarios/web.rhai");
    assert!(
        text.contains("import \"../stacks/shop\" as shop_stack;"),
        "{text}"
    );
    // The same from the module itself.
    let ran = repl(&project, &["stacks/shop.rhai"], "shop.services\n").passes();
    assert_eq!(ran.stdout, "[\"web\"]\n");
}

#[test]
fn a_run_that_failed_is_entered_where_it_stopped() {
    let project = Project::new().file(
        "a.rhai",
        "fn twice(n) { n * 2 }\nscenario(\"two\");\nphase(\"prepare\", |state| { state.task = 21; });\nphase(\"validate\", |state| { assert state.task == 1; });\n",
    );
    project.run(&["run", "a.rhai", "--var", "who=Ada"]).exits(1);
    let ran = repl(
        &project,
        &["--run"],
        "state.task\ntwice(state.task)\nvars.who\n",
    )
    .passes();
    assert_eq!(ran.stdout, "21\n42\n\"Ada\"\n");
    assert!(
        ran.stderr.contains("did not pass; `state` has 1 value\n"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("assertion failed"), "{}", ran.stderr);
    repl(&project, &["--run", "latest", "--scenario", "tow"], "")
        .exits(2)
        .says("did you mean `two`");
    repl(&project, &["--run", "r-nothing"], "").exits(2);
}

#[test]
fn help_is_that_of_the_book() {
    let ran = repl(
        &Project::new(),
        &[],
        ":help http.get\n:help wait_until\n:help\n",
    )
    .passes();
    for told in [
        "Http.get(url: text, options: map)",
        "`timeout`",
        "wait_until(",
        ":save FILE",
    ] {
        assert!(ran.stdout.contains(told), "{told}: {}", ran.stdout);
    }
    repl(&Project::new(), &[], ":help http.gett\n")
        .exits(1)
        .says("`:help http.get`");
}

#[test]
fn a_session_leaves_nothing_behind() {
    let project = Project::new();
    repl(
        &project,
        &[],
        "let d = temp_dir();\nwrite_file(\"a.txt\", \"x\");\ndefer(|| log(\"bye\"))\n",
    )
    .passes()
    .says("bye");
    let runs = project.path(".scenario/runs");
    let left: Vec<_> = runs
        .read_dir()
        .map(|all| all.flatten().collect())
        .unwrap_or_default();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn one_scenario_of_a_file_is_run_by_its_line_and_the_session_stays_what_it_was() {
    let two =
        "scenario(\"one\", || { assert 1 == 1; });\nscenario(\"two\", || { assert 2 == 2; });\n";
    let project = Project::new().file("two.rhai", two);
    let input = "let kept = 5\n:run two.rhai:2\nkept + 1\n";
    let ran = repl(&project, &[], input).passes();
    assert!(ran.stdout.contains("two.rhai  two"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("two.rhai  one"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("6\n"), "{}", ran.stdout);
    repl(&project, &[], ":run nowhere.rhai\n").exits(1);
}
