//! 20 journeys in a real browser, each isolated: log in, chat, log out; and what single things cost.
//! `node engine/benches/browser.playwright.mjs URL` does the same with Playwright, where that is installed.

mod common;

use common::{Demo, folder, median, program, roles, scenario};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const JOURNEYS: usize = 20;

const JOURNEY: &str = r#"
for n in 0..20 {
    scenario(`journey ${n}`, || {
        let page = browser.open("/login");
        page.get_by_label("E-mail").fill("ada@example.com");
        page.get_by_label("Password").fill("lovelace");
        page.get_by_role("button", "Sign in").click();
        expect(page).to_have_url("/dashboard");
        page.get_by_role("textbox", "Message").fill("hello");
        page.get_by_role("button", "Send").click();
        expect(page.get_by_test_id("reply").last()).to_contain_text("hello");
        page.get_by_role("button", "Log out").click();
        expect(page).to_have_url("/login");
    });
}
"#;

/// Pages opened and closed, one after the other; the first, which starts the browser, is left out of the sum.
const PAGES: &str = r#"
browser.open("about:blank");
let began = timestamp();
for n in 0..40 {
    let context = browser.new_context();
    context.open("about:blank");
    context.close();
}
log(`${began.elapsed / 40.0 * 1000.0} ms`);
"#;

/// The same where something is done in between, as scenarios do: only opening and closing are counted.
const PAUSES: &str = r#"
browser.open("about:blank");
let took = 0.0;
for n in 0..40 {
    let began = timestamp();
    let context = browser.new_context();
    context.open("about:blank");
    if n >= 10 { took += began.elapsed; }
    sleep("250ms");
    let began = timestamp();
    context.close();
    if n >= 10 { took += began.elapsed; }
}
log(`${took / 30.0 * 1000.0} ms`);
"#;

/// An action on an element that is ready.
const CLICKS: &str = r#"
let page = browser.open("data:text/html,<button onclick='window.n = (window.n || 0) + 1'>go</button>");
let button = page.get_by_role("button", "go");
button.click();
let began = timestamp();
for n in 0..100 { button.click(); }
log(`${began.elapsed / 100.0 * 1000.0} ms`);
assert page.evaluate("window.n") == 101;
"#;

fn main() {
    roles(|_| {});
    let demo = Demo::start();
    let url = demo.url();
    let folder = folder("browser");
    std::fs::write(folder.join("journeys.rhai"), JOURNEY).expect("written");
    println!("| what | wall ms | each ms |\n|---|---|---|");
    for jobs in ["1", "2"] {
        let args = [
            "run",
            "journeys.rhai",
            "--base-url",
            &url,
            "--jobs",
            jobs,
            "-q",
        ];
        let figures = median(3, || scenario(&folder, &args));
        row(
            &format!("{JOURNEYS} journeys, {jobs} at a time"),
            figures.wall,
            JOURNEYS,
        );
    }
    for (name, script) in [
        ("a page of its own, opened and closed in a loop", PAGES),
        ("the same, something else done in between", PAUSES),
        ("a click on a button that is ready", CLICKS),
    ] {
        let mut each: Vec<f64> = (0..3).map(|_| logged(&folder, script, &url)).collect();
        each.sort_by(f64::total_cmp);
        println!("| {name} | | {:.1} |", each[1]);
    }
    let _ = std::fs::remove_dir_all(folder);
}

fn row(name: &str, wall: Duration, count: usize) {
    let millis = wall.as_secs_f64() * 1e3;
    println!("| {name} | {millis:.0} | {:.1} |", millis / count as f64);
}

/// The figure that a script logs.
fn logged(folder: &Path, script: &str, url: &str) -> f64 {
    std::fs::write(folder.join("one.rhai"), script).expect("written");
    let args = [
        "run",
        "one.rhai",
        "--base-url",
        url,
        "-v",
        "--color",
        "never",
    ];
    let mut command = Command::new(program());
    command.args(args).current_dir(folder).env_remove("CI");
    let output = command.output().expect("ran");
    let text = String::from_utf8_lossy(&output.stdout);
    let figure = text.lines().find_map(|line| {
        line.trim()
            .strip_prefix("log ")?
            .trim()
            .strip_suffix(" ms")?
            .parse()
            .ok()
    });
    figure.unwrap_or_else(|| panic!("no figure in {text}"))
}
