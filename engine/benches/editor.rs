//! (h) Writing: `check` of 1,000 files, how long an editor waits after a key for diagnostics and completions, and a person
//! for the prompt of `scenario repl` and for what Tab offers there.

mod common;

use common::{folder, median, program, roles, scenario};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

const FILES: usize = 1_000;
const KEYS: usize = 100;

fn main() {
    roles(|_| {});
    let folder = folder("editor");
    let text = include_str!("../../scenarios/login.rhai")
        .replace("tags: [\"accounts\"", "tags: [\"smoke\"");
    for number in 0..FILES {
        std::fs::write(folder.join(format!("s{number:04}.rhai")), &text).expect("written");
    }
    let figures = median(5, || scenario(&folder, &["check"]));
    println!(
        "check of {FILES} files: {:.3} s, {:.3} CPU s, {:.0} MB",
        figures.wall.as_secs_f64(),
        figures.cpu.as_secs_f64(),
        figures.peak_mb
    );
    let long = text.replace("Log in", "Log on");
    let many: String = (0..10)
        .map(|copy| long.replace("scenario(\"", &format!("scenario(\"{copy} ")))
        .collect();
    for (name, text) in [("of the guide", &long), ("ten times as long", &many)] {
        let mut editor = Editor::open(&folder);
        editor.open_text(text);
        let mut diagnostics: Vec<Duration> = (0..KEYS).map(|_| editor.key(text)).collect();
        let mut completions: Vec<Duration> = (0..KEYS).map(|_| editor.complete()).collect();
        println!(
            "a script {name}, {} lines: diagnostics after {}, completions after {} (median, slowest of {KEYS})",
            text.lines().count(),
            spread(&mut diagnostics),
            spread(&mut completions)
        );
    }
    let mut prompts = Vec::new();
    let mut offers = Vec::new();
    for _ in 0..20 {
        let (mut person, prompt) = Person::sit_down(&folder);
        prompts.push(prompt);
        // The first Tab finds out what there is, the next ones know.
        for _ in 0..5 {
            offers.push(person.complete());
        }
    }
    println!(
        "scenario repl: prompt after {}, completion after {} (median, slowest)",
        spread(&mut prompts),
        spread(&mut offers)
    );
    let _ = std::fs::remove_dir_all(folder);
}

/// As much of a person at a terminal as a measurement needs; `script` of util-linux lends the terminal.
struct Person {
    child: Child,
    keys: ChildStdin,
    screen: ChildStdout,
}

impl Person {
    /// Starts a session, and says how long it took to the prompt.
    fn sit_down(folder: &Path) -> (Self, Duration) {
        let line = format!("stty cols 120; exec '{}' repl", program().to_string_lossy());
        let began = Instant::now();
        let mut child = Command::new("script")
            .args(["-q", "-e", "-f", "-c", &line, "/dev/null"])
            .current_dir(folder)
            .env("TERM", "xterm-256color")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script of util-linux starts");
        let mut person = Self {
            keys: child.stdin.take().expect("piped"),
            screen: child.stdout.take().expect("piped"),
            child,
        };
        person.until("> ");
        (person, began.elapsed())
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("it reads");
        self.keys.flush().expect("it reads");
    }

    fn until(&mut self, text: &str) {
        let mut seen = Vec::new();
        let mut some = [0; 4096];
        loop {
            let count = self.screen.read(&mut some).expect("it writes");
            assert!(count > 0, "it ended");
            seen.extend(&some[..count]);
            let plain = console::strip_ansi_codes(&String::from_utf8_lossy(&seen)).into_owned();
            if plain.contains(text) {
                return;
            }
        }
    }

    /// Has a name completed, and forgets the line.
    fn complete(&mut self) -> Duration {
        self.press("http.grap");
        self.until("http.grap");
        let began = Instant::now();
        self.press("\t");
        self.until("http.graphql");
        let took = began.elapsed();
        self.press("\u{3}");
        self.until("> ");
        took
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spread(times: &mut [Duration]) -> String {
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    format!(
        "{:.1} ms, {:.1} ms",
        ms(times[times.len() / 2]),
        ms(times[times.len() - 1])
    )
}

/// As much of an editor as a measurement needs.
struct Editor {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    uri: String,
    number: u64,
}

impl Editor {
    fn open(folder: &Path) -> Self {
        let mut child = Command::new(program())
            .arg("lsp")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut editor = Self {
            input: child.stdin.take().expect("piped"),
            output: BufReader::new(child.stdout.take().expect("piped")),
            child,
            uri: format!("file://{}/typed.rhai", folder.display()),
            number: 0,
        };
        let root = format!("file://{}", folder.display());
        editor.send(json!({ "id": 0, "method": "initialize", "params": { "rootUri": root, "capabilities": {} } }));
        editor.until(|message| message["id"] == 0);
        editor.send(json!({ "method": "initialized", "params": {} }));
        editor
    }

    fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("sent");
        self.input.flush().expect("sent");
    }

    fn until(&mut self, is_it: impl Fn(&Value) -> bool) {
        loop {
            let mut length = 0;
            let mut line = String::new();
            while {
                line.clear();
                self.output.read_line(&mut line).expect("a line");
                !line.trim().is_empty()
            } {
                if let Some(value) = line.strip_prefix("Content-Length:") {
                    length = value.trim().parse().expect("a number");
                }
            }
            let mut body = vec![0; length];
            self.output.read_exact(&mut body).expect("a body");
            if is_it(&serde_json::from_slice(&body).expect("JSON")) {
                return;
            }
        }
    }

    fn diagnosed(&mut self) {
        let version = self.number;
        self.until(|message| message["params"]["version"].as_u64() == Some(version));
    }

    fn open_text(&mut self, text: &str) {
        let document = json!({ "uri": self.uri, "languageId": "rhai", "version": 0, "text": text });
        self.send(
            json!({ "method": "textDocument/didOpen", "params": { "textDocument": document } }),
        );
        self.diagnosed();
    }

    /// Types a character at the end.
    fn key(&mut self, text: &str) -> Duration {
        self.number += 1;
        let place = json!({ "line": text.lines().count() + 9, "character": 0 });
        let change = json!([{ "range": { "start": place, "end": place }, "text": " " }]);
        let document = json!({ "uri": self.uri, "version": self.number });
        let params = json!({ "textDocument": document, "contentChanges": change });
        let began = Instant::now();
        self.send(json!({ "method": "textDocument/didChange", "params": params }));
        self.diagnosed();
        began.elapsed()
    }

    /// Asks what may stand in the first line of code.
    fn complete(&mut self) -> Duration {
        self.number += 1;
        let id = self.number;
        let params = json!({ "textDocument": { "uri": self.uri }, "position": { "line": 4, "character": 0 } });
        let began = Instant::now();
        self.send(json!({ "id": id, "method": "textDocument/completion", "params": params }));
        self.until(|message| message["id"].as_u64() == Some(id));
        began.elapsed()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
