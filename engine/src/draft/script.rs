//! A draft as the text of a script.

use super::render::{Node, quoted};
use super::request::{Auth, Body, Content, Draft, Exchange, Expected, Part, Planned, Request};
use super::secrets::{Secrets, is_secret};
use std::collections::BTreeMap;

/// How a script is written.
#[derive(Clone, Debug, Default)]
pub struct Style {
    /// Addresses below it are written relative to it.
    pub base_url: Option<String>,
    /// Answers are attached under the names `answer-1`, `answer-2`, …, so that they can be looked at once it ran.
    pub attach: bool,
}

/// A written script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    pub text: String,
    /// The variables it takes its secrets from, with their values; an empty one is not known.
    pub secrets: BTreeMap<String, String>,
}

/// Writes a draft down.
pub fn write(draft: &Draft, style: &Style) -> Script {
    let mut writer = Writer {
        style,
        secrets: Secrets::default(),
        answers: 0,
    };
    let scenarios: Vec<String> = draft.scenarios.iter().map(|s| writer.scenario(s)).collect();
    let mut text = format!(
        "// Written by `scenario new` from {}. Name each scenario after what it proves.\n",
        one_line(&draft.origin)
    );
    let secrets = writer.secrets.found;
    if !secrets.is_empty() {
        let names: Vec<&str> = secrets.keys().map(String::as_str).collect();
        text.push_str(&format!(
            "// Secrets come from the environment: set {} (in a `.env` that is not committed, or in the shell).\n",
            names.join(", ")
        ));
    }
    for scenario in scenarios {
        text.push('\n');
        text.push_str(&scenario);
    }
    Script { text, secrets }
}

struct Writer<'a> {
    style: &'a Style,
    secrets: Secrets,
    answers: usize,
}

impl Writer<'_> {
    fn scenario(&mut self, planned: &Planned) -> String {
        let mut out = format!("scenario({}, || {{\n", quoted(&one_line(&planned.name)));
        let steps: Vec<String> = planned.exchanges.iter().map(|e| self.exchange(e)).collect();
        out.push_str(&steps.join("\n"));
        out.push_str("});\n");
        out
    }

    fn exchange(&mut self, exchange: &Exchange) -> String {
        let request = &exchange.request;
        let mut out = String::new();
        let mut sender = "http";
        if !request.client.is_empty() {
            let options = request.client.iter();
            let options =
                options.map(|(key, value)| ((*key).to_owned(), Node::of(value, &mut |_, _| None)));
            let options = Node::Map(options.collect()).write(4, 28);
            out.push_str(&format!("    let api = http.client({options});\n"));
            sender = "api";
        }
        let url = quoted(&self.url(&request.url));
        let known = ["get", "post", "put", "patch", "delete", "head", "options"];
        let method = request.method.to_lowercase();
        let mut call = match known.contains(&method.as_str()) {
            true => format!("    let res = {sender}.{method}({url}"),
            false => format!(
                "    let res = {sender}.request({}, {url}",
                quoted(&request.method)
            ),
        };
        let options = self.options(request);
        if !options.is_empty() {
            call.push_str(", ");
            let column = call.chars().count();
            call.push_str(&Node::Map(options).write(4, column));
        }
        out.push_str(&call);
        out.push_str(");\n");
        self.claims(exchange.expected.as_ref(), &mut out);
        out
    }

    /// What is claimed of the answer.
    fn claims(&mut self, expected: Option<&Expected>, out: &mut String) {
        self.answers += 1;
        // Before any claim, so that an answer can be looked at whatever it is.
        if self.style.attach {
            let number = self.answers;
            out.push_str(&format!(
                "    attach(\"answer-{number}.json\", #{{ status: res.status, type: res.header(\"content-type\"), text: res.text }});\n"
            ));
        }
        match expected {
            Some(expected) => {
                out.push_str(&format!("    assert res.status == {};\n", expected.status));
                if let Some(shape) = &expected.shape {
                    let shape = Node::of(shape, &mut |_, _| None).write(4, 33);
                    out.push_str(&format!("    expect(res.json).to_match({shape});\n"));
                }
                if let Some(media) = &expected.media_type {
                    out.push_str(&format!(
                        "    assert res.header(\"content-type\").starts_with({});\n",
                        quoted(media)
                    ));
                }
            }
            None => out.push_str("    assert res.ok;\n"),
        }
    }

    /// An address as short as it may be.
    fn url(&self, url: &str) -> String {
        let base = self
            .style
            .base_url
            .as_deref()
            .map(|base| base.trim_end_matches('/'));
        match base.and_then(|base| url.strip_prefix(base)) {
            Some("") => "/".into(),
            Some(rest) if rest.starts_with('/') => rest.to_owned(),
            _ => url.to_owned(),
        }
    }

    fn options(&mut self, request: &Request) -> Vec<(String, Node)> {
        let mut options = Vec::new();
        let mut add = |key: &str, node| options.push((key.to_owned(), node));
        if let Some(auth) = &request.auth {
            add("auth", self.auth(auth));
        }
        if !request.headers.is_empty() {
            add("headers", self.pairs(&request.headers));
        }
        if !request.query.is_empty() {
            add("query", self.pairs(&request.query));
        }
        match &request.body {
            Body::None => {}
            Body::Json(json) => {
                let mut hide = |key: &str, text: &str| self.hidden(key, text);
                add("json", Node::of(json, &mut hide));
            }
            Body::Form(fields) => add("form", self.pairs(fields)),
            Body::Multipart(parts) => {
                let parts = parts.iter();
                let parts = parts.map(|part| (part.name.clone(), self.part(part)));
                add("multipart", Node::Map(parts.collect()));
            }
            Body::Text(text) => add("body", Node::Text(text.clone())),
            Body::File(path) => add("file", Node::Text(path.clone())),
        }
        if let Some(redirects) = request.redirects {
            add("redirects", Node::Code(redirects.to_string()));
        }
        if let Some(retries) = request.retries {
            add("retry", Node::Code(retries.to_string()));
        }
        if let Some(seconds) = request.timeout {
            add(
                "timeout",
                Node::Text(format!("{}ms", (seconds * 1000.0) as u64)),
            );
        }
        options
    }

    fn auth(&mut self, auth: &Auth) -> Node {
        match auth {
            Auth::Basic(user, password) => {
                let password = self.secret("api password", password);
                Node::List(vec![Node::Text(user.clone()), password])
            }
            Auth::Bearer(token) => {
                Node::Map(vec![("bearer".into(), self.secret("api token", token))])
            }
        }
    }

    /// Names and values; a name that comes twice gets a list.
    fn pairs(&mut self, pairs: &[(String, String)]) -> Node {
        let mut entries: Vec<(String, Node)> = Vec::new();
        for (name, value) in pairs {
            let node = self
                .hidden(name, value)
                .unwrap_or(Node::Text(value.clone()));
            match entries.iter_mut().find(|(known, _)| known == name) {
                Some((_, Node::List(list))) => list.push(node),
                Some((_, known)) => {
                    let first = std::mem::replace(known, Node::List(Vec::new()));
                    *known = Node::List(vec![first, node]);
                }
                None => entries.push((name.clone(), node)),
            }
        }
        Node::Map(entries)
    }

    fn part(&mut self, part: &Part) -> Node {
        let mut entries = vec![match &part.content {
            Content::Text(text) => match (&part.filename, &part.content_type) {
                (None, None) => {
                    let hidden = self.hidden(&part.name, text);
                    return hidden.unwrap_or(Node::Text(text.clone()));
                }
                _ => ("content".to_owned(), Node::Text(text.clone())),
            },
            Content::File(path) => ("file".to_owned(), Node::Text(path.clone())),
        }];
        if let Some(name) = &part.filename {
            entries.push(("filename".into(), Node::Text(name.clone())));
        }
        if let Some(kind) = &part.content_type {
            entries.push(("content_type".into(), Node::Text(kind.clone())));
        }
        Node::Map(entries)
    }

    /// A secret in place of a value, if the name tells that it is one.
    fn hidden(&mut self, name: &str, value: &str) -> Option<Node> {
        if !is_secret(name) {
            return None;
        }
        let variable = self.secrets.keep(name, value)?;
        Some(Node::Code(format!("secret({})", quoted(&variable))))
    }

    fn secret(&mut self, purpose: &str, value: &str) -> Node {
        match self.secrets.keep(purpose, value) {
            Some(name) => Node::Code(format!("secret({})", quoted(&name))),
            None => Node::Text(value.to_owned()),
        }
    }
}

/// Text from outside cannot begin a line of its own in a comment.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}
