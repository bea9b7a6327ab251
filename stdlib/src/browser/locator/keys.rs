//! Which key is meant by its name, and how a chord such as `Control+A` is pressed. Pure.

use crate::browser::Action;
use crate::host::failure::Failure;
use crate::host::suggest;
use std::time::Duration;

/// Names as in `KeyboardEvent.key`, and the codes WebDriver has for them.
const KEYS: &[(&str, char)] = &[
    ("Alt", '\u{E00A}'),
    ("AltRight", '\u{E052}'),
    ("ArrowDown", '\u{E015}'),
    ("ArrowLeft", '\u{E012}'),
    ("ArrowRight", '\u{E014}'),
    ("ArrowUp", '\u{E013}'),
    ("Backspace", '\u{E003}'),
    ("Control", '\u{E009}'),
    ("ControlOrMeta", '\u{E009}'),
    ("Delete", '\u{E017}'),
    ("End", '\u{E010}'),
    ("Enter", '\u{E007}'),
    ("Escape", '\u{E00C}'),
    ("F1", '\u{E031}'),
    ("F2", '\u{E032}'),
    ("F3", '\u{E033}'),
    ("F4", '\u{E034}'),
    ("F5", '\u{E035}'),
    ("F6", '\u{E036}'),
    ("F7", '\u{E037}'),
    ("F8", '\u{E038}'),
    ("F9", '\u{E039}'),
    ("F10", '\u{E03A}'),
    ("F11", '\u{E03B}'),
    ("F12", '\u{E03C}'),
    ("Home", '\u{E011}'),
    ("Insert", '\u{E016}'),
    ("Meta", '\u{E03D}'),
    ("PageDown", '\u{E00F}'),
    ("PageUp", '\u{E00E}'),
    ("Shift", '\u{E008}'),
    ("Space", ' '),
    ("Tab", '\u{E004}'),
];

/// The code of a key: a character stands for itself.
pub fn code(name: &str) -> Result<String, Failure> {
    if let Some((_, code)) = KEYS.iter().find(|(key, _)| *key == name) {
        return Ok(code.to_string());
    }
    let mut characters = name.chars();
    if let (Some(one), None) = (characters.next(), characters.next()) {
        return Ok(one.to_string());
    }
    let mut failure = Failure::usage(format!("there is no key `{name}`"));
    failure.hint = suggest::hint(name, KEYS.iter().map(|(key, _)| *key)).or_else(|| {
        Some("a key is one character, or a name such as Enter; .type() types words".into())
    });
    Err(failure)
}

/// `Control+Shift+A` pressed and let go, the last key first.
pub fn chord(text: &str) -> Result<Vec<Action>, Failure> {
    let mut keys = Vec::new();
    let mut rest = text;
    // "+" itself is a key, alone or at the end.
    while let Some(at) = rest.find('+').filter(|at| *at > 0 && *at + 1 < rest.len()) {
        keys.push(code(&rest[..at])?);
        rest = &rest[at + 1..];
    }
    keys.push(code(rest)?);
    let down = keys.iter().cloned().map(Action::KeyDown);
    let up = keys.iter().rev().cloned().map(Action::KeyUp);
    Ok(down.chain(up).collect())
}

/// Each character of a text, one after the other; a line break is Enter.
pub fn typed(text: &str, delay: Duration) -> Vec<Action> {
    let mut actions = Vec::new();
    for character in text.replace("\r\n", "\n").chars() {
        let key = match character {
            '\n' => "\u{E007}".to_owned(),
            '\t' => "\u{E004}".to_owned(),
            other => other.to_string(),
        };
        actions.extend([Action::KeyDown(key.clone()), Action::KeyUp(key)]);
        if !delay.is_zero() {
            actions.push(Action::Pause(delay));
        }
    }
    actions
}

/// Does something with keys held down.
pub fn holding(modifiers: &[String], inner: Vec<Action>) -> Result<Vec<Action>, Failure> {
    let codes: Vec<String> = modifiers
        .iter()
        .map(|name| code(name))
        .collect::<Result<_, _>>()?;
    let down = codes.iter().cloned().map(Action::KeyDown);
    let up = codes.iter().rev().cloned().map(Action::KeyUp);
    Ok(down.chain(inner).chain(up).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(actions: &[Action]) -> Vec<String> {
        let name = |action: &Action| match action {
            Action::KeyDown(key) => format!("+{key}"),
            Action::KeyUp(key) => format!("-{key}"),
            other => format!("{other:?}"),
        };
        actions.iter().map(name).collect()
    }

    #[test]
    fn a_chord_is_let_go_in_reverse() {
        let pressed = chord("Control+a").unwrap();
        assert_eq!(names(&pressed), ["+\u{E009}", "+a", "-a", "-\u{E009}"]);
        assert_eq!(names(&chord("+").unwrap()), ["++", "-+"]);
        assert_eq!(names(&chord("Control++").unwrap())[1], "++");
    }

    #[test]
    fn an_unknown_key_has_a_neighbour() {
        let failure = chord("Control+Entr").unwrap_err();
        assert_eq!(failure.message, "there is no key `Entr`");
        assert_eq!(failure.hint.as_deref(), Some("did you mean `Enter`?"));
    }

    #[test]
    fn a_text_is_typed_by_the_character() {
        assert_eq!(
            names(&typed("ä\n", Duration::ZERO)),
            ["+ä", "-ä", "+\u{E007}", "-\u{E007}"]
        );
    }
}
