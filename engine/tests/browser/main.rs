//! Whole runs with a real browser, against the demo system: what stands in the report, and what is left when it is over.

#[path = "../common/mod.rs"]
mod common;

mod person;
mod recorded;

use common::house::{House, alive, gone, until};
use common::{Project, Signal};

const LOOK: &str = r#"
scenario("Somebody looks around", #{ requires: ["browser"] });
phase("look", || {
    let page = browser.open("/login");
    assert page.title == "Sign in · Demo";
    log(`size ${page.evaluate("innerWidth")}`);
});
"#;

#[test]
fn o12_the_viewport_is_that_of_the_command_line() {
    let project = Project::script(LOOK);
    let ran = project
        .run(&["run", "a.rhai", "-v", "--viewport", "MOBILE"])
        .passes();
    assert!(ran.whole().contains("size 320"), "{}", ran.whole());
    let ran = project
        .run(&["run", "a.rhai", "--viewport", "WATCH"])
        .exits(2);
    assert!(
        ran.whole().contains("`WATCH` is no viewport"),
        "{}",
        ran.whole()
    );
}

#[test]
fn o18_what_a_page_says_is_of_use_in_later_requests() {
    let script = r#"
        let page = browser.open("/files");
        let path = page.evaluate("document.querySelector('form').action");
        assert http.get(path).status == 200;
        assert http.get(page.url).text.contains("<title>");
    "#;
    Project::script(script).run(&["run", "a.rhai"]).passes();
}

#[test]
fn o22_a_failure_has_its_picture_and_its_document_and_a_trace_its_steps() {
    let script = r#"
        let page = browser.open("/login");
        page.wait_for_function("window.never", #{ timeout: "200ms" });
    "#;
    let project = Project::script(script);
    let ran = project
        .run(&["run", "a.rhai", "--json", "--trace", "on"])
        .exits(1);
    let names: Vec<String> = ran
        .events()
        .iter()
        .filter(|event| event.to_string().contains("\"attached\""))
        .map(ToString::to_string)
        .collect();
    for wanted in ["screenshot.png", "dom.html", "network.jsonl"] {
        assert!(
            names.iter().any(|event| event.contains(wanted)),
            "{wanted}: {names:?}"
        );
    }
    assert!(ran.stdout.contains("-before.png") && ran.stdout.contains("-after.png"));
}

#[test]
fn a_run_that_is_killed_leaves_no_browser() {
    let house = House::new(
        "let page = browser.open(\"/\"); log(\"opened\"); page.evaluate(\"new Promise(() => {})\");",
    );
    let (running, run) = house.start();
    running.until("opened");
    until("it is there", || {
        alive(&run)
            .iter()
            .any(|one| one.command.contains("--user-data-dir"))
    });
    running.signal(Signal::KILL);
    running.end();
    gone(&run).expect("driver and browser end with the run");
    until("its directories are gone", || {
        house.directories().is_empty()
    });
}

#[test]
fn a_browser_that_is_killed_costs_those_who_share_it_one_more_go_and_leaves_nothing() {
    let house = House::new(
        r#"
        for name in ["ada", "ben", "cleo"] {
            scenario(name, || {
                let page = browser.open("/");
                log(`opened ${name}`);
                wait_until(|| { page.title; exec("test -e go", #{ may_fail: true }).ok });
                assert page.title == "Tasks · Demo";
            });
        }
        scenario("dora", || { assert http.get("/").status == 200 });
        "#,
    );
    std::fs::write(
        house.project.path("scenario.toml"),
        "base_url = \"demo:\"\n[browser]\nprocesses = 1\n",
    )
    .expect("written");
    let (running, run) = house.start();
    for name in ["ada", "ben", "cleo"] {
        running.until(&format!("opened {name}"));
    }
    let browser = alive(&run)
        .into_iter()
        .find(|one| one.command.contains("--user-data-dir") && !one.command.contains("--type="))
        .expect("a browser");
    let began = std::time::Instant::now();
    browser.kill();
    running.until("the browser is gone: ");
    println!("told of after {:?}", began.elapsed());
    house.project.write("go", "");
    let ran = running.end().passes();
    let ended: Vec<_> = ran
        .events()
        .into_iter()
        .filter(|event| event.to_string().contains("\"scenario_ended\""))
        .collect();
    let flaky = ended
        .iter()
        .filter(|event| event.to_string().contains("\"flaky\":true"));
    assert_eq!((ended.len(), flaky.count()), (4, 3), "{ended:?}");
    gone(&run).expect("driver and browser end with the run");
    assert!(house.directories().is_empty(), "{:?}", house.directories());
}

#[test]
fn a_run_that_ends_leaves_no_browser() {
    let house = House::new("browser.open(\"/\");");
    let (running, run) = house.start();
    running.end().passes();
    gone(&run).expect("driver and browser end with the run");
    assert!(house.directories().is_empty(), "{:?}", house.directories());
}

#[test]
fn without_a_browser_a_scenario_that_requires_one_is_skipped_and_another_told_how_to_get_one() {
    let project = Project::script(LOOK).env("PATH", "/nonexistent");
    let ran = project.run(&["run", "a.rhai"]);
    assert!(ran.whole().contains("browser"), "{}", ran.whole());
    let project =
        Project::script("browser.open(\"/\");").env("CHROMEDRIVER", "/nowhere/chromedriver");
    let ran = project.run(&["run", "a.rhai"]);
    assert!(
        ran.whole()
            .contains("there is no program /nowhere/chromedriver"),
        "{}",
        ran.whole()
    );
}
