//! A curl command line as a request. Options that only change what curl prints are passed over; one that is not known is
//! an error, since the request would be another.

use super::error::DraftError;
use super::flags::{
    Does::{self, *},
    OPTIONS, has_value,
};
use super::noise;
use super::request::{Auth, Body, Content, Draft, Exchange, Part, Planned, Request, form};
use super::shell;
use serde_json::{Value, json};

/// The scenario of a curl command: its words, or all of them in one.
pub fn of_curl(words: &[String]) -> Result<Draft, DraftError> {
    let split;
    let words = match words {
        [line] => {
            split = shell::split(line)?;
            split.as_slice()
        }
        words => words,
    };
    let mut words = words.iter();
    let is_curl = |word: &String| {
        let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
        name.trim_end_matches(".exe") == "curl"
    };
    if !words.next().is_some_and(is_curl) {
        return Err(DraftError::NotCurl);
    }
    let mut reading = Reading::default();
    while let Some(word) = words.next() {
        reading.word(word, &mut words)?;
    }
    let request = reading.finish()?;
    Ok(Draft {
        origin: "a curl command".into(),
        scenarios: vec![Planned {
            name: format!("{} answers", request.title()),
            exchanges: vec![Exchange {
                request,
                expected: None,
            }],
        }],
    })
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    url: Option<String>,
    method: Option<String>,
    is_head: bool,
    is_get: bool,
    /// Pieces that are joined by `&`.
    data: Vec<String>,
    file: Option<String>,
    json: bool,
    parts: Vec<Part>,
    request: Request,
    only_words: bool,
}

impl Reading {
    fn word(
        &mut self,
        word: &str,
        rest: &mut std::slice::Iter<'_, String>,
    ) -> Result<(), DraftError> {
        if self.only_words || !word.starts_with('-') || word == "-" {
            self.url.get_or_insert_with(|| word.to_owned());
            return Ok(());
        }
        if word == "--" {
            self.only_words = true;
            return Ok(());
        }
        if let Some(name) = word.strip_prefix("--") {
            let row = OPTIONS.iter().find(|(_, long, _)| *long == name);
            let does = match row {
                Some((.., does)) => *does,
                // A flag that is switched off changes nothing that we do.
                None if name.starts_with("no-") => Nothing,
                None => return Err(DraftError::UnknownOption(word.to_owned())),
            };
            let value = match has_value(does) {
                true => {
                    let value = rest.next();
                    value.ok_or_else(|| DraftError::NoValue(word.to_owned()))?
                }
                false => "",
            };
            return self.option(does, value);
        }
        for (at, letter) in word[1..].char_indices() {
            let row = OPTIONS.iter().find(|(short, ..)| *short == letter);
            let Some((.., does)) = row else {
                return Err(DraftError::UnknownOption(format!("-{letter}")));
            };
            if !has_value(*does) {
                self.option(*does, "")?;
                continue;
            }
            // What is left of the word is the value, as in `-XPOST`.
            let left = &word[1 + at + letter.len_utf8()..];
            let value = match left {
                "" => rest
                    .next()
                    .ok_or_else(|| DraftError::NoValue(format!("-{letter}")))?
                    .as_str(),
                left => left,
            };
            return self.option(*does, value);
        }
        Ok(())
    }

    fn option(&mut self, does: Does, value: &str) -> Result<(), DraftError> {
        let text = || value.to_owned();
        match does {
            Nothing | NothingWith => {}
            Method => self.method = Some(value.to_uppercase()),
            Header => self.header(value),
            Data => match value.strip_prefix('@') {
                Some(file) => self.file = Some(file.to_owned()),
                None => self.data.push(text()),
            },
            DataRaw => self.data.push(text()),
            DataEncoded => self.data.push(encoded(value)),
            Json => {
                self.json = true;
                match value.strip_prefix('@') {
                    Some(file) => self.file = Some(file.to_owned()),
                    None => self.data.push(text()),
                }
            }
            Form => self.parts.extend(part(value, true)),
            FormText => self.parts.extend(part(value, false)),
            User => {
                let (user, password) = value.split_once(':').unwrap_or((value, ""));
                self.request.auth = Some(Auth::Basic(user.to_owned(), password.to_owned()));
            }
            Bearer => self.request.auth = Some(Auth::Bearer(text())),
            Insecure => self.client("insecure", json!(true)),
            Compressed => self.client("compressed", json!(true)),
            Follow => self.request.redirects = Some(self.request.redirects.unwrap_or(10)),
            MostRedirects => self.request.redirects = value.parse().ok(),
            // A name without `=` is a file of cookies.
            Cookie if value.contains('=') => self.push("Cookie", value),
            Cookie => {}
            Agent => self.push("User-Agent", value),
            Referer => self.push("Referer", value),
            MaxTime => self.request.timeout = value.parse().ok(),
            Head => self.is_head = true,
            Get => self.is_get = true,
            Url => self.url = Some(text()),
            Upload => {
                self.file = Some(text());
                self.method.get_or_insert_with(|| "PUT".into());
            }
            Retry => self.request.retries = value.parse().ok(),
            Proxy => self.client("proxy", json!(with_scheme(value))),
            Authority => self.client("ca", json!(value)),
            Certificate => {
                let (file, _) = value.split_once(':').unwrap_or((value, ""));
                self.client("cert", json!(file));
            }
            Key => self.client("key", json!(value)),
            Socket => self.client("unix_socket", json!(value)),
            Resolve => {
                let parts: Vec<&str> = value.splitn(3, ':').collect();
                if let [host, _, address] = parts[..] {
                    self.client("resolve", json!({ host: address.trim_matches(['[', ']']) }));
                }
            }
            Http1 => self.client("http_version", json!("1.1")),
            Http2 => self.client("http_version", json!("2")),
        }
        Ok(())
    }

    fn client(&mut self, key: &'static str, value: Value) {
        self.request.client.retain(|(known, _)| *known != key);
        self.request.client.push((key, value));
    }

    fn push(&mut self, name: &str, value: &str) {
        self.request
            .headers
            .push((name.to_owned(), value.to_owned()));
    }

    /// `Name: value`; one without a value is a header taken away.
    fn header(&mut self, line: &str) {
        if let Some((name, value)) = line.split_once(':') {
            let value = value.trim();
            if !value.is_empty() {
                self.push(name.trim(), value);
            }
        } else if let Some(name) = line.strip_suffix(';') {
            self.push(name.trim(), "");
        }
    }

    fn finish(self) -> Result<Request, DraftError> {
        let address = self.url.ok_or(DraftError::NoUrl)?;
        let read = Request::to("GET", &with_scheme(&address));
        let to = read.ok_or(DraftError::BadUrl(address))?;
        let mut request = Request {
            url: to.url,
            query: to.query,
            auth: self.request.auth.clone().or(to.auth),
            ..self.request
        };
        let data = self.data.join("&");
        let has_body = !self.data.is_empty() || self.file.is_some() || !self.parts.is_empty();
        request.method = match self.method {
            Some(method) => method,
            None if self.is_head => "HEAD".into(),
            None if has_body && !self.is_get => "POST".into(),
            None => "GET".into(),
        };
        request.understand_authorization();
        if self.is_get {
            request.query.extend(form(&data));
        } else if !self.parts.is_empty() {
            request.body = Body::Multipart(self.parts);
        } else if let Some(file) = self.file {
            request.body = Body::File(file);
        } else if has_body {
            if request.header("content-type").is_none() {
                // curl would call JSON a form all the same; whoever wrote it meant JSON.
                let parsed = serde_json::from_str::<Value>(&data);
                let is_json = parsed.is_ok_and(|data| data.is_object() || data.is_array());
                let media = match self.json || is_json {
                    true => "application/json",
                    false => "application/x-www-form-urlencoded",
                };
                request.headers.push(("Content-Type".into(), media.into()));
            }
            request.understand_body(data.clone());
            if !data.contains('=') && matches!(request.body, Body::Form(_)) {
                request.body = Body::Text(data);
            }
        }
        noise::of_browser(&mut request.headers);
        Ok(request)
    }
}

/// curl takes `localhost:8080/x` for HTTP.
fn with_scheme(address: &str) -> String {
    match address.contains("://") {
        true => address.to_owned(),
        false => format!("http://{address}"),
    }
}

/// `name=value`, of which curl encodes the value.
fn encoded(value: &str) -> String {
    let (name, value) = match value.split_once('=') {
        Some((name, value)) => (name, value),
        None => ("", value),
    };
    let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    match name {
        "" => value,
        name => format!("{name}={value}"),
    }
}

/// `name=value`, `name=@file;type=…;filename=…`.
fn part(text: &str, is_understood: bool) -> Option<Part> {
    let (name, value) = text.split_once('=')?;
    let plain = |content| Part {
        name: name.to_owned(),
        content,
        filename: None,
        content_type: None,
    };
    let file = value.strip_prefix(['@', '<']).filter(|_| is_understood);
    let Some(file) = file else {
        return Some(plain(Content::Text(value.to_owned())));
    };
    let mut fields = file.split(';');
    let path = fields.next().unwrap_or_default();
    let mut part = plain(Content::File(path.trim_matches('"').to_owned()));
    for field in fields {
        match field.split_once('=') {
            Some(("type", kind)) => part.content_type = Some(kind.to_owned()),
            Some(("filename", name)) => part.filename = Some(name.trim_matches('"').to_owned()),
            _ => {}
        }
    }
    Some(part)
}
