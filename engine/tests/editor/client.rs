//! An editor, as far as its language server sees it: JSON-RPC frames over pipes.

use crate::common::Project;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// Long enough for any machine: only a hang is told apart by it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A session; the server is killed when the test ends first.
pub struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Messages that came while something else was waited for.
    kept: Vec<Value>,
    next_id: u64,
    root: String,
    version: i64,
}

impl Editor {
    /// Starts a server and greets it, with the capabilities of a usual client.
    pub fn open(project: &Project) -> Self {
        let mut editor = Self::start(project);
        let root = editor.root.clone();
        let answer = editor.ask(
            "initialize",
            json!({
                "processId": null,
                "rootUri": root,
                "capabilities": {
                    "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } },
                    "workspace": { "codeLens": { "refreshSupport": true } },
                },
            }),
        );
        assert!(
            answer["capabilities"]["completionProvider"].is_object(),
            "{answer}"
        );
        editor.tell("initialized", json!({}));
        editor
    }

    /// Starts a server without a word.
    pub fn start(project: &Project) -> Self {
        let mut child = project
            .command(&["lsp"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let (sender, messages) = channel();
        let output = child.stdout.take().expect("piped");
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = frame(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            messages,
            kept: Vec::new(),
            next_id: 0,
            root: format!("file://{}", project.path("").display())
                .trim_end_matches('/')
                .to_owned(),
            version: 0,
        }
    }

    pub fn uri(&self, file: &str) -> String {
        format!("{}/{file}", self.root)
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("open");
        input.write_all(bytes).expect("it listens");
        input.flush().expect("it listens");
    }

    pub fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{text}", text.len());
        self.send_raw(frame.as_bytes());
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks and waits for the result.
    #[track_caller]
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask_for_all(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Asks and waits for the answer, result or error.
    #[track_caller]
    pub fn ask_for_all(&mut self, method: &str, params: Value) -> Value {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        self.until(method, |message| {
            message["id"] == json!(id) && message.get("method").is_none()
        })
    }

    /// Waits for a message; what the server asks is answered meanwhile.
    #[track_caller]
    pub fn until(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&is_it) {
            return self.kept.remove(at);
        }
        loop {
            let message = match self.messages.recv_timeout(PATIENCE) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => panic!("{what}: nothing came; {:?}", self.kept),
                Err(RecvTimeoutError::Disconnected) => panic!("{what}: the server is gone"),
            };
            if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
                let answer = json!({ "jsonrpc": "2.0", "id": id, "result": null });
                self.send(&answer);
            }
            if is_it(&message) {
                return message;
            }
            self.kept.push(message);
        }
    }

    /// Opens a file with this text, whatever is on disk.
    pub fn type_file(&mut self, file: &str, text: &str) {
        self.version += 1;
        let uri = self.uri(file);
        let opened =
            json!({ "uri": uri, "languageId": "rhai", "version": self.version, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": opened }));
    }

    /// Replaces a stretch of an open file.
    pub fn replace(&mut self, file: &str, from: (u32, u32), to: (u32, u32), text: &str) {
        let range = json!({
            "start": { "line": from.0, "character": from.1 },
            "end": { "line": to.0, "character": to.1 },
        });
        self.change(file, json!([{ "range": range, "text": text }]));
    }

    pub fn change(&mut self, file: &str, changes: Value) {
        self.version += 1;
        let uri = self.uri(file);
        let changed = json!({ "uri": uri, "version": self.version });
        self.tell(
            "textDocument/didChange",
            json!({ "textDocument": changed, "contentChanges": changes }),
        );
    }

    /// The diagnostics of the text as it stands now.
    #[track_caller]
    pub fn diagnostics(&mut self, file: &str) -> Vec<Value> {
        let (uri, version) = (self.uri(file), self.version);
        let message = self.until("diagnostics", |message| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == json!(uri)
                && message["params"]["version"].as_i64() >= Some(version)
        });
        let found = message["params"]["diagnostics"].as_array();
        found.expect("a list").clone()
    }

    /// Asks about a place of a file.
    #[track_caller]
    pub fn at(&mut self, method: &str, file: &str, line: u32, character: u32) -> Value {
        let params = json!({
            "textDocument": { "uri": self.uri(file) },
            "position": { "line": line, "character": character },
        });
        self.ask(method, params)
    }

    /// The labels offered at a place.
    #[track_caller]
    pub fn completions(&mut self, file: &str, line: u32, character: u32) -> Vec<String> {
        let answer = self.at("textDocument/completion", file, line, character);
        let items = answer.as_array().expect("a list").iter();
        items
            .map(|item| item["label"].as_str().expect("a label").to_owned())
            .collect()
    }

    /// Ends the session as an editor does; the server must end by itself.
    #[track_caller]
    pub fn close(mut self) {
        self.ask("shutdown", Value::Null);
        self.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
        self.input.take();
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "{status}");
    }

    /// Whether the server still answers.
    #[track_caller]
    pub fn is_well(&mut self) {
        self.type_file("well.rhai", "assert 1 == 1;");
        assert_eq!(self.diagnostics("well.rhai"), Vec::<Value>::new());
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn frame(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.strip_prefix("Content-Length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
