//! `scenario record`: a person uses a real browser, and what comes of it is a scenario that passes.

use crate::common::{Project, Running, Signal};
use crate::person::Person;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

/// A project whose browser keeps its files in it, where a person can be found.
fn at_home(project: Project) -> Project {
    let place = project.path(".tmp");
    std::fs::create_dir_all(&place).expect("a directory");
    let place = place.to_string_lossy().into_owned();
    project.env("TMPDIR", &place)
}

/// The line a person waits for before they use a page: the recorder has written down what came before.
fn wrote(project: &Project, running: &Running, file: &str, text: &str) {
    running.wait(&format!("{text:?} was never written"), || {
        std::fs::read_to_string(project.path(file)).is_ok_and(|script| script.contains(text))
    });
}

/// The lines of the body of the only scenario in a file.
fn body(project: &Project, file: &str) -> Vec<String> {
    let script = project.read(file);
    let (_, body) = script.split_once("|| {\n").expect("a scenario");
    let (body, _) = body.rsplit_once("\n});").expect("its end");
    body.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn what_a_person_does_becomes_a_scenario_that_passes() {
    let project = at_home(Project::new());
    let running = project.start(&["record", "/login", "--headless", "-o", "login.rhai"]);
    running.until("recording");
    let mut person = Person::at(&project, &running, "/login");
    person.clicks("#email").types("ada@example.com");
    person.clicks("#password").types("lovelace").presses_enter();
    wrote(&project, &running, "login.rhai", "/dashboard");
    person.sees(
        &running,
        "location.pathname === '/dashboard' && document.readyState === 'complete'",
    );
    person.points_out("[data-testid=welcome]");
    wrote(&project, &running, "login.rhai", "welcome");
    person.leaves();
    let ran = running.end().passes();
    ran.says("secret   PASSWORD has no value yet")
        .says("Now once PASSWORD is set: scenario run login.rhai");
    let script = project.read("login.rhai");
    assert!(!script.contains("lovelace"), "{script}");
    let lines = body(&project, "login.rhai");
    assert_eq!(
        lines[..6],
        [
            "let page = browser.open(\"/login\");",
            "page.get_by_role(\"textbox\", \"E-mail\").fill(\"ada@example.com\");",
            "page.get_by_role(\"textbox\", \"Password\").fill(secret(\"PASSWORD\"));",
            "page.get_by_role(\"textbox\", \"Password\").press(\"Enter\");",
            "expect(page).to_have_url(\"/dashboard\");",
            lines[5].as_str(),
        ]
    );
    assert!(
        lines[5].starts_with("expect(page.get_by_test_id(\"welcome\")).to_have_text("),
        "{lines:?}"
    );
    project
        .run(&["run", "login.rhai", "--env", "PASSWORD=lovelace"])
        .passes()
        .says("1 passed");
}

#[test]
fn lists_boxes_numbers_files_and_typed_addresses_are_recorded_and_run() {
    let project = at_home(Project::new())
        .file("note.txt", "tea, rum")
        .file(".env", "ADA_PASSWORD=lovelace\n");
    let running = project.start(&[
        "record",
        "/login?next=/files",
        "--headless",
        "-o",
        "tasks.rhai",
    ]);
    running.until("recording");
    let mut person = Person::at(&project, &running, "/login");
    person.clicks("#email").types("ada@example.com");
    person.clicks("#password").types("lovelace");
    person.clicks("main button");
    wrote(&project, &running, "tasks.rhai", "to_have_url(\"/files\")");
    person.sees(
        &running,
        "location.pathname === '/files' && document.readyState === 'complete'",
    );
    person.gives("#file", &project.path("note.txt"));
    wrote(&project, &running, "tasks.rhai", "tea, rum");
    person.clicks("main form button");
    person.sees(
        &running,
        "document.body.innerText.includes('note.txt') && document.readyState === 'complete'",
    );
    let home = running_url(&running);
    person.goes_to(&running, &format!("{home}/"));
    person.chooses("#kind", "imp");
    person.clicks("#rows").clears().types("7");
    person.clicks("label[for=fail]").clicks("#fail");
    person.clicks("#seconds").clears().types("0.1");
    person.clicks("#start");
    person.sees(
        &running,
        "document.querySelector('#tasks .state')?.textContent === 'SUCCESS'",
    );
    person.points_out("#tasks .state");
    wrote(&project, &running, "tasks.rhai", "SUCCESS");
    running.signal(Signal::INT);
    running.end().passes().says("Now: scenario run tasks.rhai");
    let lines = body(&project, "tasks.rhai");
    for wanted in [
        "page.get_by_role(\"textbox\", \"Password\").fill(secret(\"ADA_PASSWORD\"));",
        "page.get_by_role(\"button\", \"File\").set_input_files(#{ name: \"note.txt\", content: \"tea, rum\" });",
        "page.visit(\"/\");",
        "page.get_by_role(\"combobox\", \"Kind\").select_option(\"import\");",
        "page.get_by_role(\"spinbutton\", \"Rows\").fill(\"7\");",
        "page.get_by_role(\"checkbox\", \"Let it fail\").check();",
        "page.get_by_role(\"checkbox\", \"Let it fail\").uncheck();",
        "page.get_by_role(\"button\", \"Start\").click();",
    ] {
        assert!(
            lines.iter().any(|line| line == wanted),
            "{wanted}\nis not in\n{}",
            lines.join("\n")
        );
    }
    project
        .run(&["run", "tasks.rhai"])
        .passes()
        .says("1 passed");
}

/// Where the recorded system is.
fn running_url(running: &Running) -> String {
    let said = running.said();
    let url = said
        .split_whitespace()
        .find(|word| word.starts_with("http://"));
    let url = url.expect("an address");
    let (scheme, rest) = url.split_once("://").expect("a scheme");
    let host = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

/// A server of fixed pages, for as long as the test.
fn serve(pages: &'static [(&'static str, &'static str, &'static str)]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // One at a time would wait for a browser that opens connections ahead of need.
            std::thread::spawn(move || answer(stream, pages));
        }
    });
    format!("http://{address}")
}

fn answer(stream: TcpStream, pages: &[(&str, &str, &str)]) {
    let mut reader = BufReader::new(&stream);
    let mut first = String::new();
    let _ = reader.read_line(&mut first);
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
        line.clear();
    }
    let path = first.split_whitespace().nth(1).unwrap_or_default();
    let found = pages.iter().find(|(known, _, _)| *known == path);
    let (status, kind, body) = found
        .map_or(("404 Not Found", "text/plain", ""), |(_, kind, body)| {
            ("200 OK", *kind, *body)
        });
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = (&stream).write_all(format!("{head}{body}").as_bytes());
}

const SHOP: &[(&str, &str, &str)] = &[
    (
        "/",
        "text/html",
        "<!doctype html><title>Shop</title><a href=/help target=_blank>Help</a><a href=/list download>List</a>\
         <iframe title=Till src=/till></iframe><button id=ask onclick=\"this.textContent = confirm('Sure?')\">Delete</button>\
         <ul><li id=one ondblclick=\"this.textContent = 'Opened'\">Box</li></ul>",
    ),
    (
        "/help",
        "text/html",
        "<!doctype html><title>Help</title><button onclick=\"this.textContent = 'Thanks'\">Ask</button>",
    ),
    (
        "/till",
        "text/html",
        "<!doctype html><button style=\"position: fixed; inset: 0; width: 100%\" onclick=\"this.textContent = 'Paid'\">Pay</button>",
    ),
    ("/list", "text/csv", "a,b"),
];

#[test]
fn new_tabs_frames_downloads_and_dialogs_are_recorded_and_run() {
    let url = serve(SHOP);
    let project = at_home(Project::bare()).file("scenario.toml", format!("base_url = {url:?}\n"));
    let running = project.start(&["record", "--headless"]);
    running.until("recording");
    let file = "scenarios/recorded.rhai";
    let mut person = Person::at(&project, &running, &url);
    person.sees(&running, "frames[0].document.querySelector('button')");
    // The frame is told where it is by its place in the page.
    person
        .clicks("iframe")
        .sees(&running, "frames[0].document.body.textContent === 'Paid'");
    wrote(&project, &running, file, "frame_locator");
    person.clicks("a[download]");
    wrote(&project, &running, file, "wait_for_download");
    person.clicks_and_answers(&running, "#ask", true);
    person.sees(
        &running,
        "document.querySelector('#ask').textContent === 'true'",
    );
    wrote(&project, &running, file, "answer_dialogs");
    person.double_clicks("#one").sees(
        &running,
        "document.querySelector('#one').textContent === 'Opened'",
    );
    wrote(&project, &running, file, "dblclick");
    person.clicks("a[target]");
    let mut help = person.turns_to(&running, "/help");
    wrote(&project, &running, file, "/help");
    help.clicks("button").sees(
        &running,
        "document.querySelector('button').textContent === 'Thanks'",
    );
    wrote(&project, &running, file, "Ask");
    help.leaves();
    person.points_out("#one");
    wrote(&project, &running, file, "Opened");
    person.leaves();
    running.end().passes();
    assert_eq!(
        body(&project, file),
        [
            "let page = browser.open(\"/\");",
            "page.frame_locator(\"iframe[title=\\\"Till\\\"]\").get_by_role(\"button\", \"Pay\").click();",
            "let download = page.wait_for_download(|page| page.get_by_role(\"link\", \"List\").click());",
            "page.answer_dialogs(#{ accept: true });",
            "page.get_by_role(\"button\", \"Delete\").click();",
            "page.get_by_text(\"Box\").dblclick();",
            "let page_2 = page.wait_for_popup(|page| page.get_by_role(\"link\", \"Help\").click());",
            "expect(page_2).to_have_url(\"/help\");",
            "page_2.get_by_role(\"button\", \"Ask\").click();",
            "page_2.close();",
            "expect(page.get_by_text(\"Opened\")).to_be_visible();",
        ]
    );
    project.run(&["run", file]).passes().says("1 passed");
}

#[test]
fn without_a_screen_or_with_a_file_that_exists_record_says_so() {
    let project = Project::new().file("there.rhai", "// mine\n");
    project
        .run(&["record", "/login"])
        .exits(3)
        .says("there is no screen to open a window on")
        .says("--headless");
    project
        .run(&["record", "--headless", "-o", "there.rhai"])
        .exits(2)
        .says("there.rhai exists");
    assert_eq!(project.read("there.rhai"), "// mine\n");
}
