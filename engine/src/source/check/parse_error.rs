//! What Rhai's parser complains about, in our words: at the bracket that was left open rather than at the end of
//! the file, with what to write instead.

use super::brackets::{Unbalanced, closer, unbalanced};
use super::problems::script_error;
use super::script::Script;
use super::slips::{self, Stop};
use super::tokens::{Kind, Token};
use rhai::{LexError, ParseError, ParseErrorType};
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::location::Location;

/// Turns a parse error of `source`, shown as `file`, into a failure with frame and hint.
pub fn explain_parse_error(source: &str, error: &ParseError, file: &str) -> Failure {
    let script = Script::new(file, source);
    let at = if error.1.is_none() {
        script.tokens.len()
    } else {
        script.from(error.1)
    };
    let why = error.err_type();
    if let Some(failure) = never_closed(&script, at) {
        return failure;
    }
    let stop = Stop {
        source,
        tokens: &script.tokens,
        at,
        why,
    };
    if let Some(slip) = slips::recognise(&stop) {
        let location = script.at_token(&script.tokens[slip.at]);
        return script_error(slip.message).at(location).hint(slip.hint);
    }
    if let Some(failure) = bracket(&script, at) {
        return failure;
    }
    let (message, hint) = sentence(why);
    let mut failure = script_error(message).at(place(&script, at, error));
    failure.hint = hint;
    failure
}

/// A literal or comment without an end, if it begins before the place where the parser stopped.
fn never_closed(script: &Script<'_>, at: usize) -> Option<Failure> {
    let last = (at + 1).min(script.tokens.len());
    let token = script.tokens[..last].iter().find(|token| !token.closed)?;
    let (message, hint) = match token.kind {
        Kind::Comment => ("this comment is never closed", "close it with `*/`"),
        Kind::Text if token.text.starts_with('#') => (
            "this raw string is never closed",
            "close it with as many `#` as open it",
        ),
        Kind::Text => (
            "this string is not closed on its line",
            "close it with `\"`; a string of several lines stands in back-ticks",
        ),
        Kind::Char => (
            "this quote is never closed",
            "a string stands in double quotes",
        ),
        _ => ("this string is never closed", "close it with a back-tick"),
    };
    let at = script.at_token(token).with_width(1);
    Some(script_error(message).at(at).hint(hint))
}

fn bracket(script: &Script<'_>, stopped: usize) -> Option<Failure> {
    let tokens = &script.tokens;
    match unbalanced(tokens)? {
        Unbalanced::Open(at, before) if at <= stopped => {
            let open = &tokens[at];
            let close = closer(open.text);
            let before = match tokens.get(before.unwrap_or(stopped)) {
                Some(token) => format!("before the `{}` in line {}", token.text, token.line),
                None => "before the end of the file".to_owned(),
            };
            let failure = script_error(format!("this `{}` is never closed", open.text));
            let location = script.at_token(open).with_width(open.text.len() as u32);
            Some(failure.at(location).hint(format!("add `{close}` {before}")))
        }
        Unbalanced::Extra(at) if at <= stopped => {
            let token = &tokens[at];
            let failure = script_error(format!("this `{}` closes nothing", token.text));
            Some(failure.at(script.at_token(token).with_width(1)))
        }
        _ => None,
    }
}

/// Where to point: what is missing is missing behind the token before, not at the one in the next line.
fn place(script: &Script<'_>, at: usize, error: &ParseError) -> Location {
    if let ParseErrorType::BadInput(LexError::MalformedEscapeSequence(text)) = error.err_type() {
        // Rhai stops at the last character of it.
        let mut location = script.location(error.1);
        let width = text.chars().count() as u32;
        location.column = location
            .column
            .saturating_sub(width.saturating_sub(1))
            .max(1);
        return location.with_width(width);
    }
    let missing = matches!(error.err_type(), ParseErrorType::MissingToken(token, _)
        if matches!(token.as_str(), ";" | "," | ")" | "]" | "}"));
    let before = at.checked_sub(1).and_then(|at| script.tokens.get(at));
    let here = script.tokens.get(at);
    match (before, here) {
        (Some(before), Some(here)) if missing && here.line > before.line => behind(script, before),
        (Some(before), None) if !error.1.is_none() => behind(script, before),
        (_, Some(here)) if script.token(error.1).is_some() => script.at_token(here),
        _ => script.location(error.1),
    }
}

fn behind(script: &Script<'_>, token: &Token<'_>) -> Location {
    let lines = token.text.matches('\n').count() as u32;
    let last = token.text.rsplit('\n').next().unwrap_or("").chars().count() as u32;
    let column = if lines == 0 {
        token.column + last
    } else {
        last + 1
    };
    Location::in_source(script.file, script.source, token.line + lines, column).with_width(1)
}

/// Message and hint for what no recogniser knew.
fn sentence(why: &ParseErrorType) -> (String, Option<String>) {
    use ParseErrorType as Why;
    let (message, hint) = match why {
        Why::UnexpectedEOF => (
            "the script ends in the middle of a statement".to_owned(),
            "",
        ),
        Why::BadInput(error) => return lexical(error),
        Why::UnknownOperator(operator) => (format!("unknown operator `{operator}`"), ""),
        Why::MissingToken(token, _) if token == ";" => {
            ("a `;` is missing".to_owned(), "statements end with `;`")
        }
        Why::MissingToken(token, _) if token == "," => ("a `,` is missing".to_owned(), ""),
        Why::MissingToken(token, _) if token == "{" => (
            "a block in braces is missing".to_owned(),
            "braces are never left out: `if x { … } else { … }`",
        ),
        Why::MissingToken(token, what) => (format!("expected `{token}` {}", backticks(what)), ""),
        Why::Reserved(word) => (format!("`{word}` is a reserved word"), ""),
        Why::WrongDocComment => (
            "a comment with `///` describes the function right below it".to_owned(),
            "write `//`",
        ),
        Why::WrongFnDefinition => (
            "functions are defined at the top level only".to_owned(),
            "a closure can stand anywhere: `let f = |x| { … };`",
        ),
        Why::FnDuplicatedDefinition(name, count) => (
            format!("a function `{name}` with {count} parameters exists already"),
            "",
        ),
        Why::AssignmentToConstant(name) if !name.is_empty() => (
            format!("`{name}` is a constant"),
            "declare it with `let` to change it",
        ),
        Why::AssignmentToConstant(_) | Why::AssignmentToInvalidLHS(_) => {
            ("this cannot be assigned to".to_owned(), "compare with `==`")
        }
        Why::FnMissingParams(name) => (
            format!("the parameters of `{name}` are missing"),
            "a function without any is written `fn f() { … }`",
        ),
        Why::FnMissingBody(name) => (format!("the body of `{name}` is missing"), ""),
        Why::FnDuplicatedParam(_, name) => (format!("there are two parameters `{name}`"), ""),
        Why::WrongExport => ("`export` stands at the top level only".to_owned(), ""),
        Why::DuplicatedProperty(key) => (format!("the key `{key}` is in this map already"), ""),
        Why::VariableExpected => ("the name of a variable is missing".to_owned(), ""),
        Why::PropertyExpected => ("the name of a property is missing".to_owned(), ""),
        Why::LoopBreak => (
            "`break` and `continue` belong in a loop".to_owned(),
            "`return` leaves a function or closure",
        ),
        Why::ExprTooDeep => (
            "this expression is nested too deeply".to_owned(),
            "give parts of it a name with `let`",
        ),
        other => (lower(&backticks(&other.to_string())), ""),
    };
    (message, (!hint.is_empty()).then(|| hint.to_owned()))
}

fn lexical(error: &LexError) -> (String, Option<String>) {
    match error {
        LexError::UnexpectedInput(text) => unexpected(text),
        LexError::MalformedEscapeSequence(text) => (
            format!("`{text}` is no escape sequence"),
            Some("write a backslash as `\\\\`, or the whole string as `#\"…\"#`".to_owned()),
        ),
        LexError::MalformedNumber(text) if text.is_empty() => {
            ("this is no number".to_owned(), None)
        }
        LexError::MalformedNumber(text) => (format!("`{text}` is no number"), None),
        // The parsers of our own syntax speak for themselves, with a hint in a line of its own.
        LexError::ImproperSymbol(_, text) | LexError::Runtime(text) if !text.is_empty() => {
            match text.split_once("\nhint: ") {
                Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
                None => (lower(&backticks(text)), None),
            }
        }
        other => (lower(&backticks(&other.to_string())), None),
    }
}

/// Text pasted from elsewhere brings characters that look right or do not show at all.
fn unexpected(text: &str) -> (String, Option<String>) {
    let mut chars = text.chars();
    let (Some(only), None) = (chars.next(), chars.next()) else {
        return (format!("`{text}` is unexpected here"), None);
    };
    let code = u32::from(only);
    let (message, hint) = match only {
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}' | '\u{ab}' | '\u{bb}' => (
            format!("`{only}` is no quotation mark of the language"),
            "write straight ones: `\"`",
        ),
        _ if only.is_alphabetic() => (
            format!("`{only}` is unexpected here"),
            "names are made of the letters a to z, digits and `_`",
        ),
        _ if !only.is_ascii() && (only.is_whitespace() || only.is_control())
            || matches!(only, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}') =>
        {
            (
                format!("an invisible character (U+{code:04X}) stands here"),
                "delete it; it may have come with pasted text",
            )
        }
        _ if only.is_control() => (
            format!("a control character (U+{code:04X}) stands here"),
            "delete it",
        ),
        _ => return (format!("`{only}` is unexpected here"), None),
    };
    (message, Some(hint.to_owned()))
}

/// Rhai quotes with `'`.
fn backticks(text: &str) -> String {
    text.replace('\'', "`")
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
