//! A script in colours, as it is typed. Works on tokens: what does not parse yet is painted, too.

use crate::complete::book;
use crate::report::Palette;
use crate::source::check::{Kind, tokens};

/// `text` in colours, character for character.
pub fn code(text: &str, palette: Palette) -> String {
    if !palette.is_on() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut end = 0;
    for token in tokens(text) {
        gap(&text[end..token.start], palette, &mut out);
        end = token.end();
        let painted = match token.kind {
            Kind::Text | Kind::Char | Kind::Template => palette.good(token.text),
            Kind::Number => palette.warn(token.text),
            Kind::Comment => palette.dim(token.text),
            Kind::Word if is_keyword(token.text) => palette.fault(token.text),
            Kind::Word if book().global(token.text).is_some() => palette.note(token.text),
            Kind::Word | Kind::Symbol => token.text.to_owned(),
        };
        out.push_str(&painted);
    }
    gap(&text[end..], palette, &mut out);
    out
}

/// What stands between tokens: blanks and comments.
fn gap(text: &str, palette: Palette, out: &mut String) {
    if text.trim().is_empty() {
        out.push_str(text);
    } else {
        out.push_str(&palette.dim(text));
    }
}

fn is_keyword(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "let", "const", "if", "else", "switch", "while", "do", "until", "loop", "for", "in",
        "continue", "break", "return", "fn", "import", "export", "as", "try", "catch", "throw",
        "true", "false", "assert", "verify",
    ];
    WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_add_no_character() {
        let text = "let a = http.get(\"/x\"); // one\nassert a.status == 2\u{a0}";
        let painted = code(text, Palette::new(true));
        assert!(painted.contains('\u{1b}'));
        assert_eq!(console::strip_ansi_codes(&painted), text);
        assert_eq!(code(text, Palette::new(false)), text);
    }
}
