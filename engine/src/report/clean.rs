//! Makes text from outside harmless. Names, bodies, titles and logs may hold anything; what leaves here moves no
//! cursor, turns no writing direction, closes no XML and gives no command to the machine that reads the log.
//! Knows no reporter.

use super::frame::frame;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::location::Location;
use std::fmt::Write;

/// Longest name of a scenario, phase or step that is shown.
pub const NAME: usize = 200;

/// Longest block of text that is shown: a diff, a body, a log line.
pub const BLOCK: usize = 16 * 1024;

/// Longest line of a script that is shown where there is no terminal to tell.
pub const LINE: usize = 160;

/// What makes some CI systems take a line, or the rest of it, for a command.
const COMMANDS: [&str; 3] = ["##[", "##vso[", "##teamcity["];

/// `text` as part of one line: line breaks are shown as `\n`, tabs become spaces.
pub fn line(text: &str, limit: usize) -> String {
    let (text, left) = split(text, limit);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push(' '),
            c => push(&mut out, c),
        }
    }
    say_cut(&mut out, left, " ");
    disarm(out)
}

/// A name, cut to [`NAME`] characters.
pub fn name(text: &str) -> String {
    short(text, NAME)
}

/// `text` as part of one line; what is beyond `limit` characters is `…`.
pub fn short(text: &str, limit: usize) -> String {
    match split(text, limit) {
        (text, 0) => line(text, usize::MAX),
        _ => line(split(text, limit.saturating_sub(1)).0, usize::MAX) + "…",
    }
}

/// `text` with its line breaks and tabs kept and everything else made visible.
pub fn block(text: &str, limit: usize) -> String {
    let (text, left) = split(text, limit);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\t' => out.push(c),
            c => push(&mut out, c),
        }
    }
    say_cut(&mut out, left, "\n");
    disarm(out)
}

/// Bad news as text. What stands in one line of it cannot break out of it, and the line of the script takes at most
/// `columns`.
pub fn failure(failure: &Failure, columns: usize) -> String {
    let mut clean = failure.clone();
    clean.message = block(&failure.message, BLOCK).replace('\n', "\n  ");
    clean.label = line(&failure.label, BLOCK);
    clean.hint = failure
        .hint
        .as_ref()
        .map(|hint| block(hint, BLOCK).replace('\n', "\n        "));
    for (own, detail) in clean.details.iter_mut().zip(&failure.details) {
        own.label = name(&detail.label);
        own.text = block(&detail.text, BLOCK);
    }
    for place in clean.location.iter_mut().chain(&mut clean.calls) {
        place.file = name(&place.file);
        place.text = line(&place.text, BLOCK);
    }
    let text = clean.render_with(|at, label| frame(at, label, columns));
    block(&text, BLOCK)
}

/// A place in a script; its line takes at most `columns`.
pub fn place(at: &Location, columns: usize) -> String {
    let mut clean = at.clone();
    clean.file = name(&at.file);
    clean.text = line(&at.text, BLOCK);
    block(&frame(&clean, "", columns), BLOCK)
}

/// A log line or a program's output: its colours are dropped, since they carry nothing; the rest is a [`block`].
pub fn log(text: &str, limit: usize) -> String {
    block(&without_colors(split(text, limit).0), limit)
}

/// One line of JSON text, the same value, without characters that a terminal or a CI log would act upon. Those can
/// only stand inside strings, where JSON has an escape for each.
pub fn json(text: String) -> String {
    let harmless = text
        .chars()
        .all(|c| !is_hostile(c) && c != '\n' && c != '\t');
    if harmless && !COMMANDS.iter().any(|command| text.contains(command)) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hostile(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    for command in COMMANDS {
        if out.contains(command) {
            out = out.replace(command, &format!("\\u0023{}", &command[1..]));
        }
    }
    out
}

/// The first `limit` characters, and how many bytes are behind them.
fn split(text: &str, limit: usize) -> (&str, usize) {
    match text.char_indices().nth(limit) {
        None => (text, 0),
        Some((end, _)) => (&text[..end], text.len() - end),
    }
}

fn say_cut(out: &mut String, left: usize, before: &str) {
    if left > 0 {
        let plural = if left == 1 { "" } else { "s" };
        let _ = write!(out, "…{before}({left} more byte{plural})");
    }
}

fn push(out: &mut String, c: char) {
    match c {
        '\r' => out.push_str("\\r"),
        c if !is_hostile(c) => out.push(c),
        c if (c as u32) < 0x100 => {
            let _ = write!(out, "\\x{:02x}", c as u32);
        }
        c => {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
    }
}

/// Whether showing `c` would do something else than show it. Joiners stay: emoji and several scripts need them.
fn is_hostile(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(c,
            // Writing direction.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators.
            | '\u{2028}' | '\u{2029}'
            // Invisible: soft hyphen, zero-width spaces, annotations, tags.
            | '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
            // Not allowed in XML.
            | '\u{fffe}' | '\u{ffff}')
}

/// Takes the meaning from what CI systems read as commands: GitHub takes a line that begins with `::`, blanks aside,
/// and `##[` anywhere; Azure and TeamCity have forms of the latter.
fn disarm(text: String) -> String {
    let mut text = text;
    for command in COMMANDS {
        if text.contains(command) {
            text = text.replace(command, &format!("\\x23{}", &command[1..]));
        }
    }
    let is_command = |line: &str| line.trim_start().starts_with("::");
    if !text.split('\n').any(is_command) {
        return text;
    }
    let lines = text.split('\n').map(|line| {
        if is_command(line) {
            line.replacen(':', "\\x3a", 1)
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Drops `ESC [ … m`, the sequences that only set colours.
fn without_colors(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("\u{1b}[") {
        let sequence = &rest[start + 2..];
        let length = sequence
            .find(|c: char| !(c.is_ascii_digit() || c == ';' || c == ':'))
            .unwrap_or(sequence.len());
        out.push_str(&rest[..start]);
        if sequence[length..].starts_with('m') {
            rest = &sequence[length + 1..];
        } else {
            out.push_str("\u{1b}[");
            rest = sequence;
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use scenario_stdlib::host::location::Location;

    #[test]
    fn terminal_escapes_become_visible() {
        assert_eq!(name("a\u{1b}]0;owned\u{7}b"), "a\\x1b]0;owned\\x07b");
        assert_eq!(name("\u{9b}2J\u{7f}\u{8}"), "\\x9b2J\\x7f\\x08");
        assert_eq!(name("over\rwritten"), "over\\rwritten");
    }

    #[test]
    fn writing_direction_and_invisible_characters_become_visible() {
        assert_eq!(name("a\u{202e}cod.exe"), "a\\u{202e}cod.exe");
        assert_eq!(
            name("\u{2066}\u{200b}\u{feff}"),
            "\\u{2066}\\u{200b}\\u{feff}"
        );
        assert_eq!(name("\u{e0041}\u{2028}"), "\\u{e0041}\\u{2028}");
    }

    #[test]
    fn people_may_be_called_as_they_are() {
        for text in [
            "Ada Lovelace",
            "Zoë",
            "日本語",
            "مرحبا",
            "👩‍🚀 launches",
            "a::b",
            "# 1",
        ] {
            assert_eq!(name(text), text);
        }
    }

    #[test]
    fn a_line_stays_one_line_and_a_block_keeps_its_lines() {
        assert_eq!(line("a\nb\tc", 99), "a\\nb c");
        assert_eq!(block("a\r\nb\tc\rd", 99), "a\nb\tc\\rd");
    }

    #[test]
    fn commands_to_ci_systems_lose_their_meaning() {
        assert_eq!(name("::error::x"), "\\x3a:error::x");
        assert_eq!(block("a\n  ::add-mask::b", 99), "a\n  \\x3a:add-mask::b");
        assert_eq!(
            name("x ##[error]y ##vso[a] ##teamcity[b"),
            "x \\x23#[error]y \\x23#vso[a] \\x23#teamcity[b"
        );
        assert_eq!(name("login.rhai::a"), "login.rhai::a");
    }

    #[test]
    fn a_name_of_a_megabyte_is_cut() {
        let text = "ä".repeat(1 << 20);
        assert_eq!(name(&text), format!("{}…", "ä".repeat(NAME - 1)));
        let shown = line(&text, NAME);
        assert!(shown.ends_with("ä… (2096752 more bytes)"), "{shown}");
    }

    #[test]
    fn logs_lose_their_colours_but_nothing_else() {
        let text = "\u{1b}[1;32mINFO\u{1b}[0m up \u{1b}[2J\u{1b}[";
        assert_eq!(log(text, 99), "INFO up \\x1b[2J\\x1b[");
    }

    #[test]
    fn bad_news_cannot_break_out_of_its_frame() {
        let evil = "a\n::error::\u{1b}[2J";
        let at = Location::in_source(evil, "let x;", 1, 1);
        let news = Failure::usage(evil)
            .label(evil)
            .detail(evil, "1")
            .hint(evil)
            .at(at);
        insta::assert_snapshot!(failure(&news, LINE));
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({"a": "\u{9b}2J \u{202e} ##[x \u{e0041} \u{7f} ok"});
        let text = json(value.to_string());
        assert!(text.is_ascii(), "{text}");
        assert!(!text.contains("##["));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    proptest! {
        #[test]
        fn nothing_hostile_is_left(text in any::<String>()) {
            for shown in [line(&text, 50), block(&text, 50), log(&text, 50)] {
                let left = shown.chars().find(|c| is_hostile(*c) && *c != '\n' && *c != '\t');
                prop_assert_eq!(left, None);
                let armed = shown.lines().any(|line| line.trim_start().starts_with("::"));
                prop_assert!(!armed);
            }
        }
    }
}
