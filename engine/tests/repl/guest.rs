//! A prompt in the midst of a run: where a script pauses, and where it failed.

use super::common::Project;

const SHOP: &str = r#"
fn discount(n) { n - 1 }
scenario("buy");
phase("pay", |state| {
    state.order = 7;
    let price = 3;
    step("look", || {
        let res = http.get("/health");
        assert res.status == 201;
    });
});
"#;

#[test]
fn a_failure_opens_a_prompt_with_its_variables_and_an_edit_is_tried_again() {
    let project = Project::script(SHOP);
    let mut screen = project.terminal(&["run", "--on-failure=repl", "a.rhai"], 100);
    screen.until("failed:");
    screen.until("is 200");
    screen.until("failed> ");
    // Those of the step, of the phase around it, and of the file.
    screen.enter("[res.status, price, state.order, discount(5)]");
    screen.until("\n[200, 3, 7, 4]\n");
    screen.until("failed> ");
    screen.enter("http.get(\"/health\").json.status");
    screen.until("\n\"ok\"\n");
    // A retry with the same mistake comes back here; one with a broken file stays here.
    screen.enter("retry");
    // The prompt it was typed at is drawn again with each key.
    screen.until("failed:");
    screen.until("failed> ");
    project.write("a.rhai", "let = ");
    screen.enter("retry");
    screen.until("a.rhai:1:");
    screen.until("failed> ");
    project.write("a.rhai", SHOP.replace("201", "200"));
    screen.enter("retry");
    screen.until("1 passed");
    assert_eq!(screen.end(), 0);
}

#[test]
fn going_on_reports_the_failure_and_skipping_leaves_the_phase_out() {
    let project = Project::script(SHOP);
    let mut screen = project.terminal(&["run", "--on-failure=repl", "a.rhai"], 100);
    screen.until("failed> ");
    screen.enter("continue");
    screen.until("1 failed");
    assert_eq!(screen.end(), 1);
    let mut screen = project.terminal(&["run", "--on-failure=repl", "a.rhai"], 100);
    screen.until("failed> ");
    screen.enter("skip");
    screen.until("1 skipped");
    assert_eq!(screen.end(), 0);
}

#[test]
fn a_pause_shows_the_script_where_it_stands_and_gives_back_what_was_changed() {
    let project = Project::script(
        "scenario(\"pauses\", #{ timeout: \"20s\" }, |state| {\n    let price = 3;\n    let list = [1];\n    pause();\n    state.price = price;\n    assert price == 30;\n    assert list == [1, 2];\n});\n",
    );
    let mut screen = project.terminal(&["run", "a.rhai"], 100);
    screen.until("paused:");
    screen.until("a.rhai:4:5");
    screen.until("paused> ");
    screen.enter("price *= 10; list.push(2); price");
    screen.until("\n30\n");
    // What fails here is nobody's failure.
    screen.enter("assert price == 1");
    screen.until("is 30");
    screen.until("paused> ");
    screen.enter("continue");
    screen.until("1 passed");
    assert_eq!(screen.end(), 0);
}

#[test]
fn others_go_on_while_one_is_looked_at_and_tell_later() {
    let project = Project::script(
        "scenario(\"looked at\", || { pause(); assert true; });\nscenario(\"beside\", || { sleep(\"300ms\"); assert true; });\n",
    );
    let mut screen = project.terminal(&["run", "a.rhai", "-j", "2"], 100);
    screen.until("paused> ");
    screen.enter("sleep(\"1s\"); \"looked\"");
    screen.until("\"looked\"");
    screen.until("paused> ");
    screen.enter("continue");
    screen.until("2 passed");
    assert_eq!(screen.end(), 0);
}

#[test]
fn without_a_terminal_nothing_stops() {
    let project =
        Project::script("scenario(\"pauses\", |state| { let n = 1; pause(); assert n == 2; });\n");
    let ran = project
        .run(&["run", "--on-failure=repl", "a.rhai"])
        .exits(1);
    assert!(
        ran.stderr
            .contains("--on-failure=repl stops nowhere, because there is no terminal")
    );
    project
        .run(&["run", "-v", "a.rhai"])
        .exits(1)
        .says("was passed over");
}

const WAITING: &str = r#"
scenario("export");
phase("start", |state| { state.id = 7; });
phase("validate", #{ ready: |state| {
    let health = http.get("/health").json;
    if health.status == "ok" { give_up(`task ${state.id} failed`) }
    false
}, every: "50ms", within: "10m" }, |state| { assert state.id == 7; });
"#;

#[test]
fn a_wait_that_can_never_end_opens_a_prompt_and_is_asked_again_after_an_edit() {
    let project = Project::script(WAITING);
    let mut screen = project.terminal(&["run", "--on-failure=repl", "a.rhai"], 100);
    screen.until("task 7 failed");
    screen.until("failed> ");
    screen.enter("state.id * 6");
    screen.until("\n42\n");
    screen.until("failed> ");
    project.write(
        "a.rhai",
        WAITING.replace("give_up(`task ${state.id} failed`)", "return true;"),
    );
    screen.enter("retry");
    screen.until("1 passed");
    assert_eq!(screen.end(), 0);
}

#[test]
fn branches_pause_one_after_the_other_and_each_has_its_own_variables() {
    let project = Project::script(
        "scenario(\"pauses\", #{ timeout: \"20s\" }, |state| {\n    let base = 10;\n    let got = parallel([1, 2].map(|n| || { let own = base * n; pause(); own }));\n    state.got = got;\n    assert got == [11, 21];\n});\n",
    );
    let mut screen = project.terminal(&["run", "a.rhai"], 100);
    for _ in 0..2 {
        screen.until("a.rhai:3:");
        screen.until("paused> ");
        screen.enter("own += 1; own in [11, 21]");
        screen.until("\ntrue\n");
        screen.until("paused> ");
        screen.enter("continue");
    }
    screen.until("1 passed");
    assert_eq!(screen.end(), 0);
}

#[test]
fn a_branch_that_is_begun_anew_ends_the_others_and_one_that_failed_shows_its_variables() {
    let script = "scenario(\"branches\", #{ timeout: \"10m\" }, || {\n    parallel([\n        || { let mine = 7; WHAT },\n        || { wait_until(\"9m\", || false) },\n    ]);\n});\n";
    let project = Project::script(&script.replace("WHAT", "pause()"));
    let mut screen = project.terminal(&["run", "--on-failure=repl", "a.rhai"], 100);
    screen.until("paused> ");
    let failing = script.replace("WHAT", "assert mine == 8");
    project.write(
        "a.rhai",
        failing.replace("wait_until(\"9m\", || false)", "1"),
    );
    screen.enter("retry");
    screen.until("failed:");
    screen.until("failed> ");
    screen.enter("mine * 6");
    screen.until("\n42\n");
    screen.until("failed> ");
    screen.enter("skip");
    screen.until("1 skipped");
    assert_eq!(screen.end(), 0);
}

#[test]
fn a_clean_up_pauses_and_one_that_failed_is_shown_and_tried_again_with_its_phase() {
    let script = "scenario(\"cleans\", || {\n    defer(\"sweep\", || { let left = 3; assert left == WANTED; });\n    defer(|| { let n = 1; pause(); log(`n is ${n}`); });\n    assert true;\n});\n";
    let project = Project::script(&script.replace("WANTED", "0"));
    let mut screen = project.terminal(&["run", "--on-failure=repl", "-v", "a.rhai"], 100);
    screen.until("a.rhai:3:");
    screen.until("paused> ");
    screen.enter("n = 5");
    screen.until("paused> ");
    screen.enter("continue");
    screen.until("› sweep");
    screen.until("failed> ");
    screen.enter("left * 14");
    screen.until("\n42\n");
    screen.until("failed> ");
    project.write("a.rhai", script.replace("WANTED", "3"));
    screen.enter("retry");
    screen.until("paused> ");
    screen.enter("continue");
    screen.until("n is 1");
    screen.until("1 passed");
    assert!(screen.text().contains("n is 5"), "{}", screen.text());
    assert_eq!(screen.end(), 0);
}

#[test]
fn what_answers_a_request_cannot_pause_and_says_so() {
    let project = Project::script(
        "scenario(\"answers\", || {\n    let api = mock_server(\"api\");\n    api.on(\"GET /x\", |req| { pause(); #{ status: 204 } });\n    assert http.get(`${api.url}/x`).status == 204;\n});\n",
    );
    let mut screen = project.terminal(&["run", "-v", "a.rhai"], 160);
    screen.until("was passed over: who asked for this answer waits");
    screen.until("1 passed");
    assert_eq!(screen.end(), 0);
}

#[test]
fn a_wait_pauses_and_is_asked_anew_or_left_out() {
    let script = "scenario(\"export\");\nphase(\"go\", #{ ready: |state| { let seen = 7; pause(); seen == WANTED }, every: \"50ms\", within: \"10m\" }, || { assert true; });\n";
    let project = Project::script(&script.replace("WANTED", "8"));
    for word in ["retry", "skip"] {
        let mut screen = project.terminal(&["run", "a.rhai"], 160);
        screen.until("paused> ");
        screen.enter("seen * 6");
        screen.until("\n42\n");
        screen.until("paused> ");
        if word == "retry" {
            project.write("a.rhai", script.replace("pause(); seen == WANTED", "true"));
        }
        screen.enter(word);
        screen.until(match word {
            "retry" => "1 passed",
            _ => "1 skipped",
        });
        assert_eq!(screen.end(), 0);
        project.write("a.rhai", script.replace("WANTED", "8"));
    }
}
