//! A request as a curl command that can be pasted into a shell.
//!
//! Whatever is in the request came from somewhere, so everything is quoted, and nothing in the text can move
//! the cursor of a terminal or start another command.

use std::fmt::Write;

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, USER_AGENT,
};
use reqwest::{Method, Url};

use super::exchange::{BodyRecord, PartRecord, RequestRecord};
use super::headers;
use super::spec::{ClientSpec, HttpVersion, Pem, ProxySpec};
use super::text::Mask;

/// Bodies up to this size are written out; larger ones are named as a file to make.
const WRITTEN_OUT: u64 = 16 << 10;

/// The command for one request of a client like `spec`.
pub(crate) fn command(request: &RequestRecord, spec: &ClientSpec, mask: &Mask) -> String {
    let mut line = Line::begun(request, spec, mask);
    line.body(&request.body);
    if needs_globoff(&request.url) {
        line.flag("--globoff");
    }
    line.word(request.url.as_str());
    format!("{}curl{}", line.before, line.text)
}

/// What stands in [`command`] between `curl` and the body and URL, if these are just `body`, as it is shown, and the URL: then
/// whoever looks at an account can put the command together, and all the others need not be made.
pub(crate) fn options(
    request: &RequestRecord,
    spec: &ClientSpec,
    mask: &Mask,
    body: &str,
) -> Option<String> {
    let is_shown = match &request.body {
        BodyRecord::Empty => true,
        BodyRecord::Bytes { start, size } => {
            let is_whole = *size > 0 && start.len() as u64 == *size;
            is_whole && start == body.as_bytes() && is_plain(body)
        }
        BodyRecord::Multipart(_) | BodyRecord::File { .. } => false,
    };
    let is_plain = is_shown && !needs_globoff(&request.url);
    is_plain.then(|| Line::begun(request, spec, mask).text)
}

/// Whether curl would take parts of the URL for patterns.
fn needs_globoff(url: &Url) -> bool {
    url.as_str().contains(['[', ']', '{', '}'])
}

struct Line<'a> {
    /// What is piped into curl, if anything.
    before: String,
    text: String,
    /// Applied before a word is quoted, which could split a secret.
    mask: &'a Mask,
}

impl<'a> Line<'a> {
    /// All that comes before the body.
    fn begun(request: &RequestRecord, spec: &ClientSpec, mask: &'a Mask) -> Self {
        let mut line = Self {
            before: String::new(),
            text: String::new(),
            mask,
        };
        line.connection(spec, request);
        line.method(request);
        line.headers(request);
        line
    }

    fn flag(&mut self, flag: &str) {
        self.text.push(' ');
        self.text.push_str(flag);
    }

    fn word(&mut self, word: &str) {
        self.text.push(' ');
        self.text.push_str(&quote(&self.mask.apply(word)));
    }

    fn option(&mut self, flag: &str, value: &str) {
        self.flag(flag);
        self.word(value);
    }

    fn pem(&mut self, flag: &str, pem: &Option<Pem>) {
        match pem {
            Some(Pem::File(path)) => self.option(flag, &path.to_string_lossy()),
            Some(Pem::Text(_)) => {
                self.option(flag, &format!("{}.pem", flag.trim_start_matches('-')))
            }
            None => {}
        }
    }

    fn connection(&mut self, spec: &ClientSpec, request: &RequestRecord) {
        if request.url.scheme() == "https" {
            if spec.tls.insecure {
                self.flag("--insecure");
            }
            self.pem("--cacert", &spec.tls.ca);
            self.pem("--cert", &spec.tls.cert);
            self.pem("--key", &spec.tls.key);
        }
        match spec.version {
            HttpVersion::Negotiated => {}
            HttpVersion::Http1 => self.flag("--http1.1"),
            HttpVersion::Http2 if request.url.scheme() == "https" => self.flag("--http2"),
            HttpVersion::Http2 => self.flag("--http2-prior-knowledge"),
        }
        if let Some(path) = &spec.unix_socket {
            self.option("--unix-socket", &path.to_string_lossy());
        }
        if let ProxySpec::Url { url, .. } = &spec.proxy {
            self.option("--proxy", url);
        }
        let host = request.url.host_str().unwrap_or_default();
        if let (Some(address), Some(port)) = (
            spec.resolve.get(host).and_then(|all| all.first()),
            request.url.port_or_known_default(),
        ) {
            let at = if request.url.port().is_some() || address.port() == 0 {
                port
            } else {
                address.port()
            };
            let value = format!(
                "{host}:{port}:{}",
                std::net::SocketAddr::new(address.ip(), at)
            );
            self.option("--connect-to", &value);
        }
        if request.headers.contains_key(ACCEPT_ENCODING) {
            self.flag("--compressed");
        }
    }

    fn method(&mut self, request: &RequestRecord) {
        let has_body = !matches!(request.body, BodyRecord::Empty);
        match &request.method {
            &Method::HEAD => self.flag("--head"),
            &Method::GET if !has_body => {}
            &Method::POST if has_body => {}
            other => self.option("-X", other.as_str()),
        }
    }

    fn headers(&mut self, request: &RequestRecord) {
        let is_form = matches!(request.body, BodyRecord::Multipart(_));
        for (name, value) in &request.headers {
            let text = String::from_utf8_lossy(value.as_bytes());
            if is_implied(name, &text, is_form) {
                continue;
            }
            if text.is_empty() {
                self.option("-H", &format!("{name};"));
            } else {
                self.option("-H", &format!("{name}: {text}"));
            }
        }
        // Headers curl would add by itself, where the request had none.
        if !request.headers.contains_key(ACCEPT) {
            self.option("-H", "accept:");
        }
        if !request.headers.contains_key(CONTENT_TYPE) && is_raw(&request.body) {
            self.option("-H", "content-type:");
        }
    }

    fn body(&mut self, body: &BodyRecord) {
        match body {
            BodyRecord::Empty => {}
            BodyRecord::File { path, .. } => {
                self.option("--data-binary", &format!("@{}", path.to_string_lossy()));
            }
            BodyRecord::Bytes { start, size }
                if *size > WRITTEN_OUT || start.len() as u64 != *size =>
            {
                self.option("--data-binary", &format!("@body-of-{size}-bytes"));
            }
            BodyRecord::Bytes { start, .. } => match std::str::from_utf8(start) {
                Ok(text) if is_plain(text) => self.option("--data-raw", text),
                Ok(text) => {
                    let masked = self.mask.apply(text);
                    self.before = format!("printf {} | ", octal(masked.as_bytes()));
                    self.option("--data-binary", "@-");
                }
                Err(_) => {
                    self.before = format!("printf {} | ", octal(start));
                    self.option("--data-binary", "@-");
                }
            },
            BodyRecord::Multipart(parts) => parts.iter().for_each(|part| self.part(part)),
        }
    }

    fn part(&mut self, part: &PartRecord) {
        let decorated = part.file_name.is_some() || part.content_type.is_some();
        match (&part.text, &part.path) {
            (Some(text), _) if !decorated => {
                self.option("--form-string", &format!("{}={text}", part.name));
            }
            (text, path) => {
                let content = match (text, path) {
                    (Some(text), _) => form_word(&self.mask.apply(text)),
                    (None, Some(path)) => format!("@{}", form_word(&path.to_string_lossy())),
                    (None, None) => format!("@part-of-{}-bytes", part.size),
                };
                let mut value = format!("{}={content}", part.name);
                if let Some(file_name) = &part.file_name {
                    let _ = write!(value, ";filename={}", form_word(file_name));
                }
                if let Some(content_type) = &part.content_type {
                    let _ = write!(value, ";type={content_type}");
                }
                self.option("-F", &value);
            }
        }
    }
}

fn is_raw(body: &BodyRecord) -> bool {
    matches!(body, BodyRecord::Bytes { .. } | BodyRecord::File { .. })
}

/// Headers that curl sends alike, or that must be left for it to work out.
fn is_implied(name: &HeaderName, value: &str, is_form: bool) -> bool {
    match *name {
        ACCEPT => value == "*/*",
        USER_AGENT => value == headers::USER_AGENT,
        ACCEPT_ENCODING | CONTENT_LENGTH => true,
        CONTENT_TYPE => is_form,
        HOST => false,
        // Whoever repeats it by hand is not part of that trace.
        _ if name == "traceparent" => true,
        _ => false,
    }
}

/// Text a terminal shows as it is.
fn is_plain(text: &str) -> bool {
    !text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
}

/// A value of `-F` with its own kind of quotes, which keep `;`, `,` and `"` from meaning anything.
fn form_word(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A word the shell takes as it is.
fn quote(word: &str) -> String {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:=@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_safe) {
        return word.to_owned();
    }
    if !is_plain(word) {
        return format!("\"$(printf {})\"", octal(word.as_bytes()));
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Bytes as `printf` writes them, in any POSIX shell.
fn octal(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2 + 2);
    out.push('\'');
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str(r"\\"),
            b'%' => out.push_str("%%"),
            b'\'' => out.push_str(r"\047"),
            b' '..=b'~' => out.push(byte as char),
            other => {
                let _ = write!(out, "\\{other:03o}");
            }
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use reqwest::Url;
    use reqwest::header::HeaderValue;

    fn request(method: Method, url: &str, body: BodyRecord) -> RequestRecord {
        RequestRecord {
            method,
            url: Url::parse(url).expect("a good URL"),
            headers: headers::defaults(false),
            body,
        }
    }

    fn bytes(body: &'static [u8]) -> BodyRecord {
        BodyRecord::Bytes {
            start: Bytes::from_static(body),
            size: body.len() as u64,
        }
    }

    fn curl(request: &RequestRecord) -> String {
        command(request, &ClientSpec::default(), &Mask::default())
    }

    #[test]
    fn a_plain_get_is_short() {
        let get = request(Method::GET, "http://h/x?a=1&b=2", BodyRecord::Empty);
        assert_eq!(curl(&get), "curl 'http://h/x?a=1&b=2'");
    }

    #[test]
    fn a_post_shows_headers_and_body_quoted() {
        let mut post = request(Method::POST, "http://h/", bytes(b"{\"it\":\"it's\"}"));
        post.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert_eq!(
            curl(&post),
            r#"curl -H 'content-type: application/json' --data-raw '{"it":"it'\''s"}' http://h/"#
        );
    }

    #[test]
    fn a_body_without_content_type_stays_without() {
        let put = request(Method::PUT, "http://h/", bytes(b"x"));
        assert_eq!(
            curl(&put),
            "curl -X PUT -H content-type: --data-raw x http://h/"
        );
    }

    #[test]
    fn the_options_are_what_is_missing_between_the_word_curl_and_body_and_url() {
        let mut post = request(Method::POST, "http://h/", bytes(b"{}"));
        post.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let told = |request: &RequestRecord, body: &str| {
            options(request, &ClientSpec::default(), &Mask::default(), body)
        };
        let middle = told(&post, "{}").expect("it is told");
        assert_eq!(
            format!("curl{middle} --data-raw '{{}}' http://h/"),
            curl(&post)
        );
        let get = request(Method::GET, "http://h/", BodyRecord::Empty);
        assert_eq!(told(&get, "").as_deref(), Some(""));
        let cut = told(&post, "{");
        let nothing = told(&request(Method::POST, "http://h/", bytes(b"")), "");
        let bell = told(&request(Method::POST, "http://h/", bytes(b"\x07")), "\x07");
        let globs = told(
            &request(Method::GET, "http://[::1]/", BodyRecord::Empty),
            "",
        );
        assert_eq!([cut, nothing, bell, globs], [None, None, None, None]);
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        let post = request(Method::POST, "http://h/", bytes(b"\x1b[2J%\\\x00\xff"));
        let shown = curl(&post);
        assert!(
            shown.starts_with(r"printf '\033[2J%%\\\000\377' | curl"),
            "{shown}"
        );
        assert!(shown.contains("--data-binary @-"));
        assert!(!shown.contains('\x1b'));
    }

    #[test]
    fn a_shell_finds_nothing_to_run() {
        for evil in ["$(reboot)", "`id`", "a;b", "'", "!x", "", "\u{1b}"] {
            let quoted = quote(evil);
            let inside_single = quoted.starts_with('\'') && quoted.ends_with('\'');
            assert!(
                inside_single || quoted.starts_with("\"$(printf '"),
                "{quoted}"
            );
        }
    }

    #[test]
    fn a_secret_is_hidden_before_quotes_can_split_it() {
        let mask = Mask::new(|text| Some(text.replace("it's", "[masked:X]")));
        let post = request(Method::POST, "http://h/", bytes(b"so it's"));
        let shown = command(&post, &ClientSpec::default(), &mask);
        assert!(shown.contains("--data-raw 'so [masked:X]'"), "{shown}");
    }

    #[test]
    fn brackets_in_a_url_are_no_pattern() {
        let get = request(Method::GET, "http://[::1]:80/", BodyRecord::Empty);
        assert!(curl(&get).contains(" --globoff "));
    }

    #[test]
    fn parts_and_files_of_a_form() {
        let part = |text: Option<&str>, path: Option<&str>| PartRecord {
            name: "f".into(),
            file_name: path.map(|_| "a.csv".into()),
            content_type: path.map(|_| "text/csv".into()),
            text: text.map(str::to_owned),
            path: path.map(Into::into),
            size: 3,
        };
        let form = vec![part(Some("@x;y"), None), part(None, Some("/tmp/a b.csv"))];
        let post = request(Method::POST, "http://h/", BodyRecord::Multipart(form));
        assert_eq!(
            curl(&post),
            "curl --form-string 'f=@x;y' -F 'f=@\"/tmp/a b.csv\";filename=\"a.csv\";type=text/csv' http://h/"
        );
    }

    #[test]
    fn the_way_to_connect_is_told() {
        let mut get = request(Method::HEAD, "https://api.test/", BodyRecord::Empty);
        get.headers
            .insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        let mut spec = ClientSpec::default();
        spec.tls.insecure = true;
        spec.tls.ca = Some(Pem::File("ca.pem".into()));
        spec.resolve.insert(
            "api.test".into(),
            vec![std::net::SocketAddr::from(([127, 0, 0, 1], 8443))],
        );
        assert_eq!(
            command(&get, &spec, &Mask::default()),
            "curl --insecure --cacert ca.pem --connect-to api.test:443:127.0.0.1:8443 --compressed --head https://api.test/"
        );
    }
}
