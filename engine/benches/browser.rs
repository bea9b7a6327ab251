//! 20 journeys in a real browser, each isolated: log in, chat, log out; and what single things cost.
//! `node engine/benches/browser.playwright.mjs URL` does the same with Playwright, where that is installed.

mod common;

use common::{Demo, folder, median, roles, scenario};
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
log(`page: ${began.elapsed / 40.0 * 1000.0} ms`);
"#;

/// An action on an element that is ready.
const CLICKS: &str = r#"
let page = browser.open("data:text/html,<button onclick='window.n = (window.n || 0) + 1'>go</button>");
let button = page.get_by_role("button", "go");
button.click();
let began = timestamp();
for n in 0..100 { button.click(); }
log(`click: ${began.elapsed / 100.0 * 1000.0} ms`);
assert page.evaluate("window.n") == 101;
"#;

fn main() {
    roles(|_| {});
    let demo = Demo::start();
    let url = demo.url();
    let folder = folder("browser");
    std::fs::write(folder.join("journeys.rhai"), JOURNEY).expect("written");
    std::fs::write(folder.join("pages.rhai"), PAGES).expect("written");
    std::fs::write(folder.join("clicks.rhai"), CLICKS).expect("written");
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
    for (script, count) in [("pages.rhai", 40), ("clicks.rhai", 100)] {
        let args = ["run", script, "--base-url", &url, "-q"];
        let figures = median(3, || scenario(&folder, &args));
        row(
            &format!("{script}, the start of the browser included"),
            figures.wall,
            count,
        );
    }
    let _ = std::fs::remove_dir_all(folder);
}

fn row(name: &str, wall: Duration, count: usize) {
    let millis = wall.as_secs_f64() * 1e3;
    println!("| {name} | {millis:.0} | {:.1} |", millis / count as f64);
}
