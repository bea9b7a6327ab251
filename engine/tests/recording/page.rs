//! The page of a run, looked at with a browser. What is tested is what a person would see: Chromium draws it and hands out
//! the document it came to.

use super::Project;
use std::process::{Command, Stdio};

/// What came of a page: the document, and what the browser complained about.
pub struct Seen {
    pub document: String,
    pub console: String,
}

/// Opens a page of the project in Chromium; `at` is the part of the address behind `#`.
pub fn look(project: &Project, page: &str, at: &str) -> Seen {
    look_at(&format!("file://{}#{at}", project.path(page).display()))
}

/// Opens a page by its address.
pub fn look_at(url: &str) -> Seen {
    let browser = ["chromium-headless-shell", "chromium", "chromium-browser"]
        .into_iter()
        .find(|name| {
            let asked = Command::new(name)
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            asked.is_ok_and(|status| status.success())
        })
        .expect("these tests need Chromium: apt-get install chromium-headless-shell");
    let profile = tempfile::tempdir().expect("a directory");
    let out = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--enable-logging=stderr",
            "--window-size=1360,2400",
            "--virtual-time-budget=20000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(url)
        .output()
        .expect("it starts");
    let console = String::from_utf8_lossy(&out.stderr);
    let console = console.lines().filter(|line| line.contains("CONSOLE"));
    Seen {
        document: String::from_utf8_lossy(&out.stdout).into_owned(),
        console: console.collect::<Vec<_>>().join("\n"),
    }
}

impl Seen {
    pub fn shows(&self, text: &str) -> &Self {
        assert!(
            self.main().contains(text),
            "`{text}` is not on the page:\n{}",
            self.main()
        );
        self
    }

    pub fn is_quiet(&self) -> &Self {
        assert_eq!(self.console, "", "the browser complains");
        assert!(
            self.document.contains("data-ready"),
            "the page was not drawn:\n{}",
            &self.document[..self.document.len().min(4000)]
        );
        self
    }

    /// What stands in the page itself, without its data and script.
    pub fn main(&self) -> &str {
        let (_, behind) = self
            .document
            .split_once("<body")
            .unwrap_or(("", &self.document));
        behind
            .split_once("<script")
            .map_or(behind, |(before, _)| before)
    }
}

const BROKEN: &str = r##"
scenario("Export finishes", #{ tags: ["export"], retries: 1 });
phase("prepare", |state| {
    let api = spawn_service("api", #{
        cmd: "echo up; while read line; do echo \"got $line\"; done; sleep 60",
        ready: #{ log: "up" },
    });
    state.task = 42;
    step("ask for it", || {
        exec(`echo hello > ${api.dir}/data/x; sleep 0.1`);
        http.get("/anything?from=page");
    });
    attach("note.txt", "a note");
});
phase("validate", #{ ready: || http.get("/health").status == 200, every: "20ms" }, |state| {
    expect(http.get("/anything?n=1").json).to_match(#{ method: "POST", path: "/other" });
});
scenario("Works", || { assert http.get("/health").status == 200; });
"##;

fn broken() -> Project {
    let project = Project::script(BROKEN);
    project
        .run(&["run", "--reporter=html=report.html", "a.rhai"])
        .exits(1);
    project
}

const EXPORT: &str = "s=a.rhai%3A%3AExport+finishes&open=all";

#[test]
fn o21_o22_a_red_run_tells_what_broke_where_and_what_was_going_on() {
    let project = broken();
    look(&project, "report.html", "")
        .is_quiet()
        .shows("1 failed")
        .shows("1 passed")
        .shows("What broke")
        .shows("Export finishes");
    let page = look(&project, "report.html", EXPORT);
    page.is_quiet()
        .shows("The product is wrong")
        .shows("a.rhai:16:")
        .shows("2 mismatches")
        .shows("Try 1")
        .shows("Try 2")
        .shows("copy as curl")
        .shows("/anything?from=page")
        .shows("ask for it")
        .shows("a note")
        .shows("State handed on");
}

#[test]
fn c33_g17_phases_are_a_graph_and_phases_steps_and_services_a_time_line() {
    let project = broken();
    let page = look(&project, "report.html", EXPORT);
    page.is_quiet()
        .shows("Phases: prepare passed, validate failed")
        .shows("aria-label=\"Timeline")
        .shows("when ready");
    let lanes = page.main().matches("class=\"lane\"").count();
    assert!(lanes >= 3, "two phases and a service have a lane: {lanes}");
}

#[test]
fn a20_the_lines_a_service_wrote_during_a_step_stand_in_the_step() {
    let script = r##"
scenario("Talks", || {
    let api = spawn_service("api", #{ cmd: "echo up; while [ ! -f $SCENARIO_SERVICE_DIR/data/go ]; do sleep 0.02; done; echo 'it was asked <b>now</b>'; sleep 60", ready: #{ log: "up" } });
    step("ask", || { exec(["touch", `${api.dir}/data/go`]); api.wait_for_log("asked"); });
    step("later", || sleep("50ms"));
    assert 1 == 2;
});
"##;
    let project = Project::script(script);
    project
        .run(&["run", "--reporter=html=report.html", "a.rhai"])
        .exits(1);
    let page = look(&project, "report.html", "s=a.rhai%3A%3ATalks&open=all");
    page.is_quiet()
        .shows("api wrote during this step")
        .shows("it was asked &lt;b&gt;now&lt;/b&gt;");
    let of_step = |title: &str| {
        let (_, behind) = page
            .main()
            .split_once(&format!(">{title}</span>"))
            .unwrap_or_else(|| panic!("no step {title}"));
        behind
            .split("class=\"site\"")
            .nth(1)
            .unwrap_or_default()
            .split("<details")
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    assert!(
        !of_step("later").contains("it was asked"),
        "what came before the step is not in it"
    );
}

#[test]
fn a20_lines_of_services_that_scenarios_share_stand_in_their_steps_too() {
    let service = r##"#{ scope: "SCOPE", ready: #{ log: "up" },
        cmd: "echo up; seen=0; while true; do for f in $SCENARIO_SERVICE_DIR/data/*.ask; do [ -f \"$f\" ] && cat \"$f\" && rm \"$f\" && touch \"$f.told\"; done; sleep 0.02; done" }"##;
    let script = r##"
fn ask(name, scope) {
    let api = spawn_service(`${scope}_api`, SERVICE);
    step(`ask ${name}`, || {
        write_file("line", name + " was here\n");
        exec(`cp '${work_dir()}/line' '${api.dir}/data/.${name}' && mv '${api.dir}/data/.${name}' '${api.dir}/data/${name}.ask'`);
        wait_until(|| exec(`test -f '${api.dir}/data/${name}.ask.told'`, #{ may_fail: true }).ok);
        api.wait_for_log(`${name} was here`);
    });
}
scenario("First", || ask("ada", "SCOPE"));
scenario("Second", #{ needs: ["First"] }, || ask("bob", "SCOPE"));
"##;
    for scope in ["file", "run"] {
        let text = script.replace("SERVICE", service).replace("SCOPE", scope);
        let project = Project::script(&text);
        project
            .run(&["run", "--reporter=html=report.html", "a.rhai"])
            .passes();
        for (name, own, other) in [("First", "ada", "bob"), ("Second", "bob", "ada")] {
            let at = format!("s=a.rhai%3A%3A{name}&open=all");
            let page = look(&project, "report.html", &at);
            page.is_quiet()
                .shows(&format!("{scope}_api wrote during this step"))
                .shows(&format!("{own} was here"));
            assert!(
                !page.main().contains(&format!(">{other} was here")),
                "{scope}: what others made it say is theirs"
            );
        }
    }
}

/// Row 14: nothing of this may run, wherever it stands.
const EVIL: &str = r#"</script><script>document.documentElement.dataset.owned=1</script><img src=x onerror="document.documentElement.dataset.owned=2"><svg onload="document.documentElement.dataset.owned=3">{{script}}"#;

#[test]
fn hostile_text_executes_nothing_in_a_browser() {
    let script = r##"
let evil = env("EVIL");
scenario(evil, #{ tags: ["javascript:alert(1)"] }, |state| {
    state.x = evil;
    log(evil);
    step(evil, || http.post("/anything", #{ json: #{ evil: evil }, headers: #{ "X-Evil": "<b>evil</b>" } }));
    spawn_service("svc", #{ cmd: ["sh", "-c", "echo \"$EVIL\"; echo up; sleep 60"], ready: #{ log: "up" } });
    attach("evil.html", evil);
    attach("evil.svg", evil);
    verify evil == "x";
    throw evil;
});
"##;
    let project = Project::script(script).env("EVIL", EVIL);
    project
        .run(&["run", "--reporter=html=report.html", "a.rhai"])
        .exits(1);
    let at: String = format!("a.rhai::{EVIL}")
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    for at in [String::new(), format!("s={at}&open=all"), format!("q={at}")] {
        let page = look(&project, "report.html", &at);
        page.is_quiet();
        assert!(!page.document.contains("data-owned"), "something ran");
        assert!(
            !page.main().contains("<img src=\"x\""),
            "markup came through"
        );
    }
    look(&project, "report.html", &format!("s={at}&open=all")).shows("&lt;img src=x onerror=");
}

#[test]
fn parked_killed_and_empty_runs_have_their_page() {
    let script = r#"
scenario("Waits", #{});
phase("start", |state| { state.id = 7; assert 1 == 1; });
phase("approve", #{ ready: signal("approved"), within: "10m" }, || ());
"#;
    // The demo system would end with the run, so nothing could be parked on it.
    let project = Project::bare().file("a.rhai", script);
    project
        .run(&[
            "run",
            "--max-wait=0s",
            "--reporter=html=report.html",
            "a.rhai",
        ])
        .exits(75);
    look(&project, "report.html", "")
        .is_quiet()
        .shows("1 parked");
    look(&project, "report.html", "s=a.rhai%3A%3AWaits")
        .is_quiet()
        .shows("scenario resume")
        .shows("by signal");
    // What a former process recorded is in the page of the one that goes on.
    project.run(&["signal", "latest", "approved"]).passes();
    project
        .run(&["resume", "--reporter=html=whole.html"])
        .passes();
    look(&project, "whole.html", "s=a.rhai%3A%3AWaits&open=all")
        .is_quiet()
        .shows("approve")
        .shows("1 passed");
}

#[test]
fn statements_pictures_and_large_files_are_there_and_the_page_stays_small() {
    let script = r##"
scenario("Shows", || {
    let db = sql.connect("sqlite::memory:");
    db.query("select 6 * 7 as answer");
    let text = "";
    text.pad(3000000, "x");
    attach("big.txt", text);
    let page = browser.open("/login");
    page.get_by_label("E-mail").fill("ada@example.com");
    page.evaluate("console.error('the till is empty')");
    expect(page.get_by_role("heading")).to_have_text("Thank you", #{ timeout: "100ms" });
});
"##;
    let project = Project::script(script);
    project
        .run(&[
            "run",
            "--trace",
            "on",
            "--reporter=html=report.html",
            "a.rhai",
        ])
        .exits(1);
    let page = look(&project, "report.html", "s=a.rhai%3A%3AShows&open=all");
    page.is_quiet()
        .shows("select 6 * 7 as answer")
        .shows("copy the statement")
        .shows("before: a picture of the page")
        .shows("after: a picture of the page")
        .shows("the till is empty")
        .shows("big.txt");
    let beside: Vec<u64> = project
        .path("report.files")
        .read_dir()
        .expect("a folder beside the page")
        .flatten()
        .filter_map(|file| Some(file.metadata().ok()?.len()))
        .collect();
    assert_eq!(beside, [3_000_000]);
    let size = std::fs::metadata(project.path("report.html")).expect("a page");
    assert!(size.len() < 2_000_000, "{}", size.len());
}

#[test]
fn what_takes_much_longer_than_it_used_to_is_named() {
    let project = Project::script("scenario(\"Usually quick\", || { assert 1 == 1; });\n");
    for _ in 0..3 {
        project.run(&["run", "a.rhai"]).passes();
    }
    project.write(
        "a.rhai",
        "scenario(\"Usually quick\", || { sleep(\"3s\"); assert 1 == 1; });\n",
    );
    project
        .run(&["run", "--reporter=html=report.html", "a.rhai"])
        .passes();
    look(&project, "report.html", "")
        .is_quiet()
        .shows("Slower than usual");
    look(&project, "report.html", "s=a.rhai%3A%3AUsually+quick")
        .is_quiet()
        .shows("Earlier runs, oldest first: passed, passed, passed, passed")
        .shows("× slower than usual");
}
