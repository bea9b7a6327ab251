//! A person at a keyboard.

use super::common::Project;

const CTRL_C: &str = "\u{3}";
const CTRL_D: &str = "\u{4}";

#[test]
fn a_session_on_a_terminal_of_forty_columns() {
    let project = Project::new();
    let mut screen = project.terminal(&["repl"], 40);
    screen.until(":help");
    screen.until("> ");
    screen.enter("let res = http.get(\"/health\")");
    screen.until("> ");
    screen.enter("res.status");
    screen.until("\n200\n");
    screen.until("> ");
    // An open brace goes on in the next line.
    screen.enter("fn double(n) {");
    screen.press("  n * 2\r");
    screen.press("}\r");
    screen.enter("double(21)");
    screen.until("\n42\n");
    screen.until("> ");
    screen.enter("nowhere");
    screen.until("unknown variable `nowhere`");
    screen.until("> ");
    // Tab completes what there is, live keys too.
    screen.press("res.json.sta\t\r");
    screen.until("\"ok\"");
    screen.until("> ");
    screen.press("http.c\t\t");
    screen.until("client(");
    screen.until("cookies");
    screen.until("> http.c");
    screen.press(CTRL_C);
    screen.until("\n> ");
    screen.enter(":vars");
    screen.until("fn double(n)");
    screen.until("> ");
    // Words stay whole.
    screen.enter(":help");
    screen.until("  what a service wrote; -f follows until\n  Ctrl-C\n");
    screen.until("> ");
    screen.enter(":help sleep");
    screen.until("sleep(time: text)");
    screen.until("> ");
    screen.press(CTRL_D);
    assert_eq!(screen.end(), 0);
    let history = project.read(".scenario/repl_history");
    assert!(history.contains("double(21)"), "{history}");
}

#[test]
fn ctrl_c_cancels_a_call_and_never_the_session() {
    let project = Project::new();
    let mut screen = project.terminal(&["repl", "--timeout", "10m"], 80);
    screen.until("> ");
    for (call, sign) in [
        ("print(\"one\"); sleep(\"9m\")", "\none\n"),
        ("print(\"two\"); http.get(\"/delay/500000\")", "\ntwo\n"),
        ("print(\"three\"); loop { }", "\nthree\n"),
        ("print(\"four\"); wait_until(\"9m\", || false)", "\nfour\n"),
        ("print(\"five\"); exec(\"sleep 500\")", "\nfive\n"),
    ] {
        screen.enter(call);
        screen.until(sign);
        screen.press(CTRL_C);
        screen.until("stopped: Ctrl-C");
        screen.until("> ");
    }
    // At the prompt it only forgets the line.
    screen.press("let half = ");
    screen.until("half = ");
    screen.press(CTRL_C);
    screen.until("\n> ");
    screen.enter("6 * 7");
    screen.until("\n42\n");
    screen.enter(":quit");
    assert_eq!(screen.end(), 0);
}

#[test]
fn a_log_is_followed_until_ctrl_c() {
    let project = Project::new();
    let mut screen = project.terminal(&["repl", "--timeout", "10m"], 80);
    screen.until("> ");
    screen.enter("let api = spawn_service(\"api\", #{ cmd: \"echo up; while sleep 0.1; do echo tick; done\", ready: #{ log: \"up\" } });");
    screen.until("> ");
    screen.enter(":logs api -f");
    for _ in 0..3 {
        screen.until("\ntick\n");
    }
    screen.press(CTRL_C);
    screen.until("> ");
    screen.enter("api.is_running");
    screen.until("\ntrue\n");
    screen.until("> ");
    screen.press(CTRL_D);
    assert_eq!(screen.end(), 0);
}
