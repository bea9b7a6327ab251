//! Pages of a real browser under the real program: what a person does, and what a red run shows of it.

#[path = "../common/mod.rs"]
mod common;

use common::{Project, run};
use std::path::{Path, PathBuf};

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("readable").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path],
        })
        .collect()
}

fn ends_with(files: &[PathBuf], end: &str) -> Option<PathBuf> {
    files
        .iter()
        .find(|file| file.to_string_lossy().ends_with(end))
        .cloned()
}

#[test]
fn g18_g19_g20_g21_g22_g28_ada_chats_in_her_browser() {
    run(
        &Project::bare(),
        &["run", "scenarios/platform/browser.rhai"],
    )
    .passes()
    .says("3 scenarios: 3 passed");
}

#[test]
fn g19_a_warning_is_seen_and_counted_and_fails_nothing() {
    let project = Project::new().file(
        "info.rhai",
        r#"
        let info = http.get("/nothing-is-here");
        if info.status >= 300 { log("warn", `the server tells nothing of itself: ${info.status}`) }
        assert info.status == 404;
        "#,
    );
    project
        .run(&["run", "info.rhai"])
        .passes()
        .says("warning: the server tells nothing of itself: 404")
        .says("1 scenario: 1 passed, 1 warning, 1 assertion");
}

#[test]
fn the_pages_of_the_demo_are_used_as_by_a_person() {
    run(&Project::bare(), &["run", "scenarios/browsing.rhai"]).passes();
}

#[test]
fn g23_what_follows_a_failed_step_does_not_happen_and_the_run_is_red() {
    let project = Project::new().file(
        "journey.rhai",
        r##"
        scenario("a journey", || {
            let page = browser.open("/login");
            step("log in", || {
                page.get_by_label("E-mail").fill("ada@example.com");
                expect(page.get_by_role("heading", "Dashboard")).to_be_visible(#{ timeout: "50ms" });
            });
            step("chat", || log("never said"));
        });
        "##,
    );
    let ran = project.run(&["run", "--json", "journey.rhai"]).exits(1);
    let events = ran.events();
    assert!(
        !events
            .iter()
            .any(|event| event.to_string().contains("never said"))
    );
    let failed = events
        .iter()
        .find(|event| event.to_string().contains("expectation failed"))
        .expect("told");
    assert!(failed.to_string().contains("there are"), "{failed}");
}

#[test]
fn g23_without_a_browser_a_journey_is_left_out_loudly_or_is_an_error() {
    let project = Project::bare().env("PATH", "/nonexistent").file(
        "journey.rhai",
        r#"scenario("a journey", #{ requires: ["browser"] }, || { browser.open("about:blank"); });"#,
    );
    project
        .run(&["run", "journey.rhai"])
        .says("1 skipped")
        .says("browser");
    let strict = project.run(&["run", "--strict", "journey.rhai"]);
    assert!(strict.code != 0, "{}", strict.whole());
    let project = project.file(
        "bold.rhai",
        r#"scenario("a journey", || { browser.open("about:blank"); });"#,
    );
    project
        .run(&["run", "bold.rhai"])
        .exits(3)
        .says("there is no driver for browsers on this machine");
}

#[test]
fn o10_a_row_that_says_failure_fails_the_validation_and_is_in_the_picture() {
    let aside = Project::bare();
    let ran = run(
        &aside,
        &["run", "engine/tests/browser_pages/row_says_failure.rhai"],
    );
    ran.says("expected: \"SUCCESS\"")
        .says("received: \"FAILURE\"");
    let kept = files(&aside.path("store"));
    let document = ends_with(&kept, "-dom.html").expect("a document");
    let document = std::fs::read_to_string(document).expect("a text");
    assert!(document.contains("FAILURE"), "{document}");
    let picture = std::fs::read(ends_with(&kept, "-screenshot.png").expect("a picture"));
    assert!(picture.expect("readable").starts_with(b"\x89PNG"));
}

#[test]
fn c13_o22_a_scenario_whose_time_is_up_on_a_page_tells_what_it_waited_for_and_keeps_the_page() {
    let project = Project::new().file(
        "journey.rhai",
        r##"
        scenario("a journey", #{ timeout: "8s" }, || {
            let page = browser.open("/login");
            page.get_by_role("button", "Enter").click();
        });
        "##,
    );
    project
        .run(&["run", "journey.rhai"])
        .exits(3)
        .says("scenario \"a journey\" took longer than its timeout of 8s")
        .says("journey.rhai:4:")
        .says("was in:")
        .says("locator:")
        .says("get_by_role(\"button\", \"Enter\")")
        .says("call log:")
        .says("/login");
    let kept = files(&project.path(".scenario"));
    assert!(ends_with(&kept, "-screenshot.png").is_some(), "{kept:?}");
    assert!(ends_with(&kept, "-aria.yml").is_some(), "{kept:?}");
}

#[test]
fn o10_o22_a_failure_on_a_page_keeps_picture_document_and_roles_without_secrets() {
    let project = Project::new().env("ADA_PASSWORD", "lovelace").file(
        "journey.rhai",
        r##"
        let page = browser.open("/login");
        page.get_by_label("Password").fill(secret("ADA_PASSWORD"));
        page.get_by_label("E-mail").fill("ada@example.com");
        expect(page.get_by_role("alert")).to_have_text("Welcome", #{ timeout: "50ms" });
        "##,
    );
    let ran = project.run(&["run", "journey.rhai"]).exits(1);
    ran.says("expectation failed: `expect(page.get_by_role(\"alert\")).to_have_text(");
    let kept = files(&project.path(".scenario"));
    let picture = ends_with(&kept, "-screenshot.png").expect("a picture");
    assert!(
        std::fs::read(picture)
            .expect("readable")
            .starts_with(b"\x89PNG")
    );
    let document = std::fs::read_to_string(ends_with(&kept, "-dom.html").expect("a document"))
        .expect("a text");
    assert!(document.contains("value=\"ada@example.com\""), "{document}");
    assert!(
        !document.contains("lovelace") && !document.contains("<script"),
        "{document}"
    );
    let roles =
        std::fs::read_to_string(ends_with(&kept, "-aria.yml").expect("roles")).expect("a text");
    assert!(
        roles.contains("- textbox \"E-mail\": ada@example.com"),
        "{roles}"
    );
    assert!(!roles.contains("lovelace"), "{roles}");
}

/// Names of the artifacts of a run's scenarios.
fn kept(project: &Project) -> Vec<String> {
    let all = files(&project.path(".scenario/runs"));
    let artifacts = all
        .iter()
        .filter(|file| file.to_string_lossy().contains("/artifacts/"));
    artifacts
        .filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned()))
        .collect()
}

#[test]
fn o22_a_trace_keeps_the_steps_of_all_of_those_that_failed_or_none() {
    let script = r##"
        scenario("fine", || { expect(browser.open("/login")).to_have_title(regex("Sign in")) });
        scenario("broken", || { expect(browser.open("/login")).to_have_title("Cart", #{ timeout: "1ms" }) });
    "##;
    for (mode, before, after) in [("off", 0, 0), ("on", 4, 3), ("retain-on-failure", 2, 1)] {
        let project = Project::script(script);
        project.run(&["run", "a.rhai", "--trace", mode]).exits(1);
        let kept = kept(&project);
        let count = |end: &str| kept.iter().filter(|name| name.ends_with(end)).count();
        assert_eq!(
            (count("-before.png"), count("-after.png")),
            (before, after),
            "{mode}: {kept:?}"
        );
        assert_eq!(count("-screenshot.png"), 1, "{mode}: {kept:?}");
    }
}

#[test]
fn o22_what_a_page_said_and_sent_is_kept_without_secrets() {
    let project = Project::new().env("ADA_PASSWORD", "lovelace").file(
        "journey.rhai",
        r##"
        let word = secret("ADA_PASSWORD");
        let page = browser.open("/login");
        page.evaluate(`console.error("it is ${word}")`);
        page.evaluate(`/* a title ends in the midst of what comes in here */ "${word}"`);
        page.evaluate(`fetch("/anything?word=${word}", { method: "POST", body: "word=${word}" }).then((it) => it.text())`);
        page.evaluate(`history.pushState(1, "", "/login?word=${word}")`);
        expect(page).to_have_title("Cart", #{ timeout: "1ms" });
        "##,
    );
    let ran = project.run(&["run", "journey.rhai", "--json"]).exits(1);
    let all = files(&project.path(".scenario"));
    for file in &all {
        let text = std::fs::read(file).expect("readable");
        let text = String::from_utf8_lossy(&text);
        assert!(!text.contains("lovelace"), "{}", file.display());
    }
    assert!(!ran.whole().contains("lovel"), "{}", ran.whole());
    let read = |end: &str| {
        let file = ends_with(&all, end).unwrap_or_else(|| panic!("{end} of {all:?}"));
        std::fs::read_to_string(file).expect("a text")
    };
    assert!(read("-console.jsonl").contains("it is [masked:ADA_PASSWORD]"));
    let network = read("-network.jsonl");
    assert!(
        network.contains("\"body\":\"word=[masked:ADA_PASSWORD]\""),
        "{network}"
    );
    assert!(network.contains("/anything?word=[masked:ADA_PASSWORD]"));
}

#[test]
fn o22_what_a_cut_in_a_page_leaves_of_a_secret_is_hidden_too() {
    // No part of it comes twice, and it is longer than what is shown of elements.
    let key: String = (0..100).map(|number| format!("k{number:03}")).collect();
    let project = Project::new().env("KEY", &key).file(
        "cuts.rhai",
        r##"
        let key = secret("KEY");
        let page = browser.open("about:blank");
        page.evaluate(`(key) => {
            const [short, long, longest] = [30, 800, 3900].map((many) => '-'.repeat(many) + key);
            document.title = key;
            const html = '<p>KEY</p><p>SHORT</p><p title=KEY class=KEY>one</p><p><i>KEY</i> <i>two</i></p><p id=KEY>last</p>'
                + '<button aria-label=LONG>Go</button><textarea>KEY</textarea><select><option>KEY</select>';
            document.body.innerHTML = html.replaceAll('KEY', key).replace('SHORT', short).replace('LONG', long);
            console.log(longest);
            console.log({ deep: key });
        }`, [key]);
        for what in [
            || page.locator("p").click(#{ timeout: "1ms" }),
            || page.get_by_text("nothing").click(#{ timeout: "1ms" }),
            || page.get_by_role("paragraph", key).click(#{ timeout: "1ms" }),
            || page.locator("select").select_option("other", #{ timeout: "1ms" }),
            || page.locator("button").fill(key),
            || page.evaluate(`() => { throw new Error("${key}") }`),
            || page.wait_for_function(`"${key}" && 0`, #{ timeout: "1ms" }),
            || expect(page.locator("textarea")).to_be_empty(#{ timeout: "1ms" }),
            || expect(page.locator("p").first()).to_have_text("other", #{ timeout: "1ms" }),
            || expect(page.locator("p")).to_have_text(["other"], #{ timeout: "1ms" }),
            || expect(page).to_match_aria_snapshot("- button: Stop", #{ timeout: "1ms" }),
            || page.check_accessibility(),
        ] {
            try { what.call() } catch {}
        }
        "##,
    );
    let ran = project.run(&["run", "cuts.rhai", "-v"]);
    assert!(ran.whole().contains("[masked:KEY]…"), "{}", ran.whole());
    let parts: Vec<&str> = (0..key.len() - 8).map(|at| &key[at..at + 8]).collect();
    let leaks = |text: &str| parts.iter().find(|part| text.contains(**part)).copied();
    assert_eq!(leaks(&ran.whole()), None, "{}", ran.whole());
    for file in files(&project.path(".scenario")) {
        let text = std::fs::read(&file).expect("readable");
        let text = String::from_utf8_lossy(&text);
        assert_eq!(leaks(&text), None, "{}: {text}", file.display());
    }
}

#[test]
fn a_browser_that_is_slow_on_purpose_is_slow_and_one_without_a_screen_opens_no_window() {
    let script = r#"
        let page = browser.open("about:blank");
        let before = page.evaluate("Date.now()");
        assert page.evaluate("Date.now()") - before >= 300;
    "#;
    let project = Project::script(script);
    project
        .run(&["run", "a.rhai", "--slow-mo", "300ms"])
        .passes();
    project
        .run(&["run", "a.rhai", "--headed"])
        .exits(3)
        .says("there is no screen to open a window on")
        .says("xvfb-run");
}
