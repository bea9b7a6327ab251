//! A recording as the text of a script.

use super::recording::{Line, Recording, Said};
use super::render::quoted;
use super::script::Script;
use super::secrets::{is_secret, variable};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use scenario_stdlib::browser::record::{Act, Choice, Claim, Deed};
use std::collections::BTreeMap;

/// What a transcript is written with.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// Addresses below it are written relative to it.
    pub base_url: Option<String>,
    /// Secrets that have a name already, by value.
    pub known: BTreeMap<String, String>,
    /// The folder beside the script for files that were chosen.
    pub folder: String,
}

/// A written recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    pub script: Script,
    /// What lies beside the script, by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The lines by themselves.
    pub lines: Vec<String>,
}

/// A file as short as this stands in the script.
const SHORT: usize = 200;

/// Writes a recording down.
pub fn transcribe(recording: &Recording, manner: &Manner) -> Transcript {
    let mut writer = Writer {
        recording,
        manner,
        secrets: BTreeMap::new(),
        files: BTreeMap::new(),
    };
    let mut lines: Vec<&Line> = recording.lines.iter().collect();
    // The end of a recording closes everything, and so does the end of a scenario.
    while lines
        .last()
        .is_some_and(|line| line.what == Said::Close || is_focus(line))
    {
        lines.pop();
    }
    let mut written: Vec<String> = lines.iter().filter_map(|line| writer.line(line)).collect();
    let claims = |line: &&Line| match &line.what {
        Said::IsAt(_) => true,
        Said::Did(deed) => matches!(deed.act, Act::Claim { .. }),
        _ => false,
    };
    if let Some(last) = lines.last()
        && !lines.iter().any(claims)
        && let Some(url) = recording.is_at(last.page)
    {
        // A scenario that claims nothing proves nothing.
        written.push(writer.is_at(last.page, url));
    }
    let Writer { secrets, files, .. } = writer;
    let mut text = String::from(
        "// Written by `scenario record`. Name the scenario after what it proves, and claim what matters.\n",
    );
    if !secrets.is_empty() {
        let names: Vec<&str> = secrets.keys().map(String::as_str).collect();
        text.push_str(&format!(
            "// Secrets come from the environment: set {} (in a `.env` that is not committed, or in the shell).\n",
            names.join(", ")
        ));
    }
    let began = recording.began_at().unwrap_or("/");
    let name = format!(
        "Recorded at {}",
        relative(began, manner.base_url.as_deref())
    );
    text.push_str(&format!(
        "\nscenario({}, #{{ requires: [\"browser\"] }}, || {{\n",
        quoted(&name)
    ));
    for line in &written {
        text.push_str(&format!("    {line}\n"));
    }
    text.push_str("});\n");
    Transcript {
        script: Script { text, secrets },
        files,
        lines: written,
    }
}

fn is_focus(line: &Line) -> bool {
    matches!(&line.what, Said::Did(deed) if deed.act == Act::Focus && !deed.at.contains("\"combobox\""))
}

/// What a page is called in the script.
fn name(page: u32) -> String {
    match page {
        1 => "page".into(),
        number => format!("page_{number}"),
    }
}

/// An address as short as it may be.
fn relative(url: &str, base: Option<&str>) -> String {
    let base = base.map(|base| base.trim_end_matches('/'));
    match base.and_then(|base| url.strip_prefix(base)) {
        Some("") => "/".into(),
        Some(rest) if rest.starts_with('/') => rest.to_owned(),
        _ => url.to_owned(),
    }
}

/// An address to be claimed: what differs from run to run stands for anything.
fn lasting(url: &str) -> String {
    let (path, rest) = match url.find(['?', '#']) {
        Some(at) => url.split_at(at),
        None => (url, ""),
    };
    let (scheme, path) = match path.split_once("://") {
        Some((scheme, path)) => (format!("{scheme}://"), path),
        None => (String::new(), path),
    };
    let changes = |part: &&str| {
        let digits = part.chars().filter(char::is_ascii_digit).count();
        part.chars().all(|c| c.is_ascii_digit()) && !part.is_empty()
            || (part.len() >= 16 && digits >= 3 && !part.contains('.'))
    };
    let mut parts: Vec<&str> = path.split('/').collect();
    for part in parts.iter_mut().skip(1) {
        if changes(&&**part) {
            *part = "*";
        }
    }
    let end = if rest.is_empty() { "" } else { "**" };
    format!("{scheme}{}{end}", parts.join("/"))
}

struct Writer<'a> {
    recording: &'a Recording,
    manner: &'a Manner,
    secrets: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Writer<'_> {
    fn url(&self, url: &str) -> String {
        relative(url, self.manner.base_url.as_deref())
    }

    fn is_at(&self, page: u32, url: &str) -> String {
        let url = quoted(&lasting(&self.url(url)));
        format!("expect({}).to_have_url({url});", name(page))
    }

    fn line(&mut self, line: &Line) -> Option<String> {
        let page = name(line.page);
        Some(match &line.what {
            Said::Open(url) => format!("let {page} = browser.open({});", quoted(&self.url(url))),
            Said::Visit(url) => format!("{page}.visit({});", quoted(&self.url(url))),
            Said::Back => format!("{page}.back();"),
            Said::Reload => format!("{page}.reload();"),
            Said::Did(deed) => format!("{};", self.deed(&page, deed)?),
            Said::Popup { by, deed } => {
                let deed = deed.as_ref().and_then(|deed| self.deed("page", deed));
                let block = deed.unwrap_or_else(|| "{}".into());
                format!("let {page} = {}.wait_for_popup(|page| {block});", name(*by))
            }
            Said::Download(deed) => {
                let deed = self.deed("page", deed)?;
                format!("let download = {page}.wait_for_download(|page| {deed});")
            }
            Said::IsAt(url) => self.is_at(line.page, url),
            Said::Answer { accepted, text } => {
                let text = text.as_ref().filter(|_| *accepted);
                let text = text.map(|text| format!(", text: {}", quoted(text)));
                format!(
                    "{page}.answer_dialogs(#{{ accept: {accepted}{} }});",
                    text.unwrap_or_default()
                )
            }
            Said::Close => format!("{page}.close();"),
        })
    }

    /// What is done, without the semicolon; `None` for what needs no line.
    fn deed(&mut self, page: &str, deed: &Deed) -> Option<String> {
        let mut place = page.to_owned();
        for frame in &deed.frames {
            place.push_str(&format!(".frame_locator({})", quoted(frame)));
        }
        let at = format!("{place}.{}", deed.at);
        Some(match &deed.act {
            Act::Focus if deed.at.contains("\"combobox\"") => format!("{at}.click()"),
            Act::Focus | Act::Content { .. } => return None,
            Act::Click { button: None } => format!("{at}.click()"),
            Act::Click {
                button: Some(button),
            } => {
                format!("{at}.click(#{{ button: {} }})", quoted(button))
            }
            Act::Dblclick => format!("{at}.dblclick()"),
            Act::Fill {
                value,
                secret,
                called,
            } => {
                format!("{at}.fill({})", self.value(value, *secret, called))
            }
            Act::Check => format!("{at}.check()"),
            Act::Uncheck => format!("{at}.uncheck()"),
            Act::Select { options, many } => {
                let options: Vec<String> = options.iter().map(choice).collect();
                match options.as_slice() {
                    [one] if !many => format!("{at}.select_option({one})"),
                    all => format!("{at}.select_option([{}])", all.join(", ")),
                }
            }
            Act::Press { key } if deed.at.is_empty() => {
                format!("{page}.keyboard.press({})", quoted(key))
            }
            Act::Press { key } => format!("{at}.press({})", quoted(key)),
            Act::Files { number, names } => {
                let files = names.iter().enumerate();
                let files: Vec<String> = files
                    .map(|(index, name)| self.file(number, index, name))
                    .collect();
                match files.as_slice() {
                    [one] => format!("{at}.set_input_files({one})"),
                    all => format!("{at}.set_input_files([{}])", all.join(", ")),
                }
            }
            Act::Claim { what, text } => {
                let text = quoted(text.as_deref().unwrap_or_default());
                match what {
                    Claim::Visible => format!("expect({at}).to_be_visible()"),
                    Claim::Text => format!("expect({at}).to_have_text({text})"),
                    Claim::Value => format!("expect({at}).to_have_value({text})"),
                    Claim::Checked => format!("expect({at}).to_be_checked()"),
                    Claim::Unchecked => format!("expect({at}).not_to_be_checked()"),
                }
            }
        })
    }

    /// What is written into a field; a secret by its name only.
    fn value(&mut self, value: &str, secret: bool, called: &str) -> String {
        if value.is_empty() || !(secret || is_secret(called)) {
            return quoted(value);
        }
        let variable = match self.manner.known.get(value) {
            Some(known) => known.clone(),
            None => self.free_name(called, value),
        };
        self.secrets.insert(variable.clone(), value.to_owned());
        format!("secret({})", quoted(&variable))
    }

    fn free_name(&self, called: &str, value: &str) -> String {
        let base = variable(called);
        let is_free = |name: &String| self.secrets.get(name).is_none_or(|known| known == value);
        let names =
            std::iter::once(base.clone()).chain((2..).map(|number| format!("{base}_{number}")));
        names.into_iter().find(is_free).unwrap_or(base)
    }

    /// A file that was chosen: what is short stands here, all else beside the script.
    fn file(&mut self, number: &str, index: usize, name: &str) -> String {
        let content = self.recording.contents.get(&(number.to_owned(), index));
        let bytes = content.and_then(|base64| BASE64_STANDARD.decode(base64).ok());
        let plain: String = name.replace(['/', '\\'], "_");
        let Some(bytes) = bytes else {
            return quoted(&plain);
        };
        match String::from_utf8(bytes) {
            Ok(text) if text.len() <= SHORT => {
                format!("#{{ name: {}, content: {} }}", quoted(name), quoted(&text))
            }
            held => {
                let bytes = held.map_or_else(|error| error.into_bytes(), String::into_bytes);
                let path = format!("{}/{plain}", self.manner.folder);
                self.files.insert(path.clone(), bytes);
                quoted(&path)
            }
        }
    }
}

fn choice(choice: &Choice) -> String {
    match choice {
        Choice::Text(text) => quoted(text),
        Choice::Value(value) => format!("#{{ value: {} }}", quoted(value)),
    }
}
