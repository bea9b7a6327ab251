//! A run of the program on a pseudo-terminal, as a person at a keyboard has it: `script` of util-linux lends one.

use super::{PATIENCE, Pipe, Project};
use std::io::Write;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Instant;

/// A program on a terminal. It is killed when the test ends first.
pub struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: Pipe,
    /// What was looked at already, in characters of the text.
    seen: usize,
}

impl Project {
    /// Starts the program on a terminal of so many columns.
    pub fn terminal(&self, args: &[&str], columns: u16) -> Terminal {
        let mut command = Command::new("script");
        let quoted: Vec<String> = args.iter().map(|arg| format!("'{arg}'")).collect();
        let program = env!("CARGO_BIN_EXE_scenario");
        let line = format!(
            "stty rows 24 cols {columns}; exec '{program}' {}",
            quoted.join(" ")
        );
        command.args(["-q", "-e", "-f", "-c", &line, "/dev/null"]);
        self.prepare(&mut command);
        command
            .env("TERM", "xterm-256color")
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("script of util-linux starts");
        Terminal {
            keys: child.stdin.take().expect("piped"),
            screen: Pipe::read(child.stdout.take().expect("piped")),
            child,
            seen: 0,
        }
    }
}

impl Terminal {
    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("it reads");
        self.keys.flush().expect("it reads");
    }

    /// Types a line and Enter; what comes from then on is looked at.
    pub fn enter(&mut self, line: &str) {
        self.seen = self.text().len();
        self.press(line);
        self.press("\r");
    }

    /// Everything that was written, without colours and cursor moves.
    pub fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.screen.so_far()).into_owned();
        console::strip_ansi_codes(&text).replace('\r', "")
    }

    fn news(&self) -> String {
        self.text().get(self.seen..).unwrap_or_default().to_owned()
    }

    /// Waits until `text` was written since the last look, and looks behind it from now on.
    #[track_caller]
    pub fn until(&mut self, text: &str) {
        let began = Instant::now();
        loop {
            let news = self.news();
            if let Some(at) = news.find(text) {
                self.seen += at + text.len();
                return;
            }
            let ended = self.screen.is_closed();
            assert!(
                began.elapsed() < PATIENCE && !ended,
                "nothing said {text:?} since\n{news}\nall of it:\n{}",
                self.text()
            );
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }

    /// Waits for the end and gives the exit code.
    #[track_caller]
    pub fn end(mut self) -> i32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code().unwrap_or(-1);
            }
            assert!(
                began.elapsed() < PATIENCE,
                "it never ended:\n{}",
                self.text()
            );
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
