//! A person at a browser: mouse and keys through Chromium's own debugging port, next to whoever drives the browser. Looks at
//! the page only to know where things are.

use crate::common::{Project, Running};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// Somebody who looks at one page.
pub struct Person {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    asked: u64,
    port: u16,
    page: String,
}

/// The file in which a browser of the project says where it can be debugged.
fn port_file(folder: &Path) -> Option<PathBuf> {
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if entry.file_name() == "DevToolsActivePort" {
            return Some(path);
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir())
            && let Some(found) = port_file(&path)
        {
            return Some(found);
        }
    }
    None
}

/// What the browser says of its pages.
fn pages(port: u16) -> Vec<Value> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the browser listens");
    let ask = "GET /json/list HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    stream.write_all(ask.as_bytes()).expect("asked");
    // It keeps the connection open whatever it is asked.
    let mut answer = Vec::new();
    let mut some = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let length = lines.find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_it = name.eq_ignore_ascii_case("content-length");
                is_it.then(|| value.trim().parse::<usize>().ok()).flatten()
            });
            if body.len() >= length.expect("a length") {
                return serde_json::from_str(body).expect("a list");
            }
        }
        match stream.read(&mut some) {
            Ok(count @ 1..) => answer.extend(&some[..count]),
            _ => panic!("the browser broke off: {text}"),
        }
    }
}

impl Person {
    /// Sits down at the browser that `running` opened, in front of the page whose address holds `url`.
    pub fn at(project: &Project, running: &Running, url: &str) -> Self {
        let mut port = None;
        running.wait("no browser came up", || {
            let file = port_file(&project.path(""));
            let text = file.and_then(|file| std::fs::read_to_string(file).ok());
            port = text.and_then(|text| text.lines().next()?.parse().ok());
            port.is_some()
        });
        Self::before(running, port.expect("found above"), url)
    }

    /// Turns to another page.
    pub fn turns_to(&self, running: &Running, url: &str) -> Self {
        Self::before(running, self.port, url)
    }

    fn before(running: &Running, port: u16, url: &str) -> Self {
        let mut page = None;
        running.wait(&format!("there is no page at {url}"), || {
            page = pages(port).into_iter().find(|page| {
                page["type"] == "page" && page["url"].as_str().is_some_and(|at| at.contains(url))
            });
            page.is_some()
        });
        let page = page.expect("found above");
        let id = page["id"].as_str().unwrap_or_default().to_owned();
        let address = format!("ws://127.0.0.1:{port}/devtools/page/{id}");
        let (socket, _) = tungstenite::connect(address).expect("connected");
        let mut person = Self {
            socket,
            asked: 0,
            port,
            page: id,
        };
        person.sees(running, "document.readyState === 'complete'");
        person
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let sent = json!({ "id": self.asked, "method": method, "params": params });
        self.socket
            .send(Message::text(sent.to_string()))
            .expect("sent");
        loop {
            let got = self.socket.read().expect("answered");
            let Ok(text) = got.into_text() else { continue };
            let answer: Value = serde_json::from_str(&text).unwrap_or_default();
            if answer["id"] == self.asked {
                return answer;
            }
        }
    }

    fn look(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true });
        self.ask("Runtime.evaluate", asked)["result"]["result"]["value"].take()
    }

    /// Waits until something is so on the page.
    pub fn sees(&mut self, running: &Running, expression: &str) -> &mut Self {
        running.wait(&format!("never: {expression}"), || {
            self.look(&format!("!!({expression})")) == true
        });
        self
    }

    /// Where the middle of an element is.
    fn find(&mut self, css: &str) -> (f64, f64) {
        let place = self.look(&format!(
            "(() => {{ const one = document.querySelector({}); one.scrollIntoView({{ block: 'center' }}); \
             const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()",
            json!(css)
        ));
        let at = |index: usize| {
            place[index]
                .as_f64()
                .unwrap_or_else(|| panic!("there is no {css}"))
        };
        (at(0), at(1))
    }

    fn mouse(&mut self, kind: &str, (x, y): (f64, f64), held: u32) {
        let asked = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1, "modifiers": held });
        self.ask("Input.dispatchMouseEvent", asked);
    }

    /// Presses an element with the mouse.
    pub fn clicks(&mut self, css: &str) -> &mut Self {
        self.clicks_holding(css, 0)
    }

    /// Presses it with Alt held.
    pub fn points_out(&mut self, css: &str) -> &mut Self {
        self.clicks_holding(css, 1)
    }

    fn clicks_holding(&mut self, css: &str, held: u32) -> &mut Self {
        let place = self.find(css);
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            self.mouse(kind, place, held);
        }
        self
    }

    pub fn double_clicks(&mut self, css: &str) -> &mut Self {
        let place = self.find(css);
        for count in [1, 2] {
            for kind in ["mousePressed", "mouseReleased"] {
                let asked = json!({ "type": kind, "x": place.0, "y": place.1, "button": "left", "clickCount": count });
                self.ask("Input.dispatchMouseEvent", asked);
            }
        }
        self
    }

    /// Presses what opens a dialog, and answers that.
    pub fn clicks_and_answers(&mut self, running: &Running, css: &str, accept: bool) -> &mut Self {
        self.ask("Page.enable", json!({}));
        let (x, y) = self.find(css);
        self.mouse("mousePressed", (x, y), 0);
        // It is answered only once the dialog is.
        let released =
            json!({ "type": "mouseReleased", "x": x, "y": y, "button": "left", "clickCount": 1 });
        let sent = json!({ "id": 0, "method": "Input.dispatchMouseEvent", "params": released });
        self.socket
            .send(Message::text(sent.to_string()))
            .expect("sent");
        // Whoever else could answer it has the time to.
        for _ in 0..100 {
            self.ask("Browser.getVersion", json!({}));
        }
        running.wait("no dialog came", || {
            let answer = self.ask("Page.handleJavaScriptDialog", json!({ "accept": accept }));
            answer["error"].is_null()
        });
        self
    }

    /// Types into what has the focus, key by key.
    pub fn types(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            let key = c.to_string();
            self.ask(
                "Input.dispatchKeyEvent",
                json!({ "type": "keyDown", "key": key, "text": key }),
            );
            self.ask(
                "Input.dispatchKeyEvent",
                json!({ "type": "keyUp", "key": key }),
            );
        }
        self
    }

    pub fn presses_enter(&mut self) -> &mut Self {
        let key = json!({ "type": "keyDown", "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13 });
        self.ask("Input.dispatchKeyEvent", key);
        self.ask(
            "Input.dispatchKeyEvent",
            json!({ "type": "keyUp", "key": "Enter", "code": "Enter" }),
        );
        self
    }

    /// Empties a field that has the focus.
    pub fn clears(&mut self) -> &mut Self {
        let all = json!({ "type": "keyDown", "key": "a", "code": "KeyA", "modifiers": 2, "commands": ["selectAll"] });
        self.ask("Input.dispatchKeyEvent", all);
        let key = json!({ "type": "keyDown", "key": "Backspace", "code": "Backspace", "windowsVirtualKeyCode": 8 });
        self.ask("Input.dispatchKeyEvent", key);
        self
    }

    /// Chooses an option of a list with the keyboard: the first whose text begins so.
    pub fn chooses(&mut self, css: &str, text: &str) -> &mut Self {
        self.look(&format!("document.querySelector({}).focus()", json!(css)));
        self.types(text)
    }

    /// Gives a file to a field, as the dialog for files does.
    pub fn gives(&mut self, css: &str, file: &Path) -> &mut Self {
        let root = self.ask("DOM.getDocument", json!({}))["result"]["root"]["nodeId"].take();
        let found = self.ask(
            "DOM.querySelector",
            json!({ "nodeId": root, "selector": css }),
        );
        let node = found["result"]["nodeId"].clone();
        self.ask(
            "DOM.setFileInputFiles",
            json!({ "nodeId": node, "files": [file] }),
        );
        self
    }

    /// Types an address.
    pub fn goes_to(&mut self, running: &Running, url: &str) -> &mut Self {
        self.ask("Page.navigate", json!({ "url": url }));
        self.sees(
            running,
            &format!(
                "location.href.includes({}) && document.readyState === 'complete'",
                json!(url)
            ),
        )
    }

    /// Closes the window.
    pub fn leaves(mut self) {
        let target = json!({ "targetId": self.page });
        let sent = json!({ "id": 0, "method": "Target.closeTarget", "params": target });
        self.socket
            .send(Message::text(sent.to_string()))
            .expect("sent");
    }
}
