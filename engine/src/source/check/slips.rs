//! The slips people make when they come from other languages, recognised around the place where Rhai gave up.
//! Each recogniser looks at the tokens only and says nothing unless it is sure.

use super::habits;
use super::tokens::{Kind, Token};
use rhai::{LexError, ParseErrorType};

/// What to say about a slip.
pub(super) struct Slip {
    /// The token to point at.
    pub at: usize,
    pub message: String,
    pub hint: String,
}

/// Where Rhai gave up, and why.
pub(super) struct Stop<'a> {
    pub source: &'a str,
    pub tokens: &'a [Token<'a>],
    /// The token it did not expect.
    pub at: usize,
    pub why: &'a ParseErrorType,
}

/// The first recogniser that is sure, if any.
pub(super) fn recognise(stop: &Stop<'_>) -> Option<Slip> {
    const ALL: &[fn(&Stop<'_>) -> Option<Slip>] = &[
        literal_in_other_quotes,
        claim_in_brackets,
        arrow_after_brackets,
        word_of_the_language,
        reserved_word,
        import_of_names,
        loop_in_brackets,
        catch_without_brackets,
        colon,
        single_equals,
        foreign_symbol,
        foreign_word,
        destructuring,
        name_with_digit,
        export_of_function,
    ];
    ALL.iter().find_map(|recognise| recognise(stop))
}

impl<'a> Stop<'a> {
    fn token(&self, at: usize) -> Option<&'a Token<'a>> {
        self.tokens.get(at)
    }

    fn here(&self) -> Option<&'a Token<'a>> {
        self.token(self.at)
    }

    fn back(&self, steps: usize) -> Option<&'a Token<'a>> {
        self.token(self.at.checked_sub(steps)?)
    }

    fn next(&self) -> Option<&'a Token<'a>> {
        self.token(self.at + 1)
    }

    /// The bracket around the place, if any.
    fn opener(&self) -> Option<usize> {
        let mut depth = 0;
        (0..self.at.min(self.tokens.len())).rev().find(|at| {
            depth += self.tokens[*at].nesting();
            depth > 0
        })
    }

    fn is_word_before(&self, at: usize, words: &[&str]) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.token(at));
        before.is_some_and(|token| words.iter().any(|word| token.is_word(word)))
    }

    fn says(&self, at: usize, message: impl Into<String>, hint: impl Into<String>) -> Option<Slip> {
        Some(Slip {
            at,
            message: message.into(),
            hint: hint.into(),
        })
    }
}

/// `'text'` and `f"text"`.
fn literal_in_other_quotes(stop: &Stop<'_>) -> Option<Slip> {
    let here = stop.here()?;
    if here.kind == Kind::Char && matches!(stop.why, ParseErrorType::BadInput(_)) {
        let inside = here.text.trim_matches('\'');
        let hint = format!("a string stands in double quotes: `\"{inside}\"`");
        return stop.says(stop.at, "single quotes hold exactly one character", hint);
    }
    let before = stop.back(1)?;
    let prefixed = matches!(here.kind, Kind::Text | Kind::Template)
        && matches!(before.text, "f" | "r" | "b" | "u")
        && before.end() == here.start;
    let hint = if before.text == "f" {
        "values are inserted in a string in back-ticks: `` `${x}` ``"
    } else {
        "a raw string is written `#\"…\"#`"
    };
    let message = format!("a string has no prefix `{}`", before.text);
    prefixed.then(|| stop.says(stop.at - 1, message, hint))?
}

/// `assert(x, "m")`.
fn claim_in_brackets(stop: &Stop<'_>) -> Option<Slip> {
    let opener = stop.opener()?;
    if !stop.here()?.is(",") || !stop.is_word_before(opener, &["assert", "verify"]) {
        return None;
    }
    let word = stop.tokens[opener - 1].text;
    let closer = super::script::closing(stop.tokens, opener)?;
    let text = |from: usize, to: usize| {
        let (first, last) = (stop.token(from)?, stop.token(to.checked_sub(1)?)?);
        stop.source.get(first.start..last.end())
    };
    let claim = text(opener + 1, stop.at)?;
    let message = text(stop.at + 1, closer)?;
    stop.says(
        opener,
        format!("`{word}` is a word, not a function: it takes no brackets"),
        format!("write `{word} {claim}, {message}`"),
    )
}

/// `(a, b) => a`.
fn arrow_after_brackets(stop: &Stop<'_>) -> Option<Slip> {
    let closer = super::script::closing(stop.tokens, stop.opener()?)?;
    let arrow = stop.token(closer + 1)?.is("=>") && stop.here()?.is(",");
    let message = || no_meaning(&stop.tokens[closer + 1]);
    arrow.then(|| stop.says(closer + 1, message(), "a closure is written `|a, b| …`"))?
}

/// `x.verify()`.
fn word_of_the_language(stop: &Stop<'_>) -> Option<Slip> {
    let at = (stop.at.saturating_sub(3)..=stop.at).find(|at| {
        let word = stop
            .token(*at)
            .is_some_and(|t| t.is_word("assert") || t.is_word("verify"));
        let after_dot = at.checked_sub(1).and_then(|at| stop.token(at));
        word && after_dot.is_some_and(|token| token.is(".") || token.is("?."))
    })?;
    let word = stop.tokens[at].text;
    stop.says(
        at,
        format!("`{word}` is a word of the language and cannot be a method or property"),
        format!("read a property of this name as `[\"{word}\"]`"),
    )
}

/// A reserved word as a name.
fn reserved_word(stop: &Stop<'_>) -> Option<Slip> {
    use ParseErrorType::{
        FnMissingName, MissingToken, PropertyExpected, Reserved, VariableExpected,
    };
    let here = stop.here()?;
    let word = here.text;
    let refused = matches!(
        stop.why,
        Reserved(_) | VariableExpected | PropertyExpected | FnMissingName | MissingToken(..)
    );
    if here.kind != Kind::Word || !refused || !super::reserved::is_reserved(word) {
        return None;
    }
    let before = stop.back(1);
    let is_next = |symbol: &str| stop.next().is_some_and(|next| next.is(symbol));
    if before.is_some_and(|token| token.is(".") || token.is("?.")) {
        if is_next("(") {
            let hint = habits::word(word);
            let hint = hint.unwrap_or("no method has this name");
            let message = format!("`{word}` is a reserved word and cannot be a method");
            return stop.says(stop.at, message, hint);
        }
        let receiver = stop.back(2).filter(|token| token.kind == Kind::Word);
        let receiver = receiver.map_or("…", |token| token.text);
        let message = format!("`{word}` is a reserved word and cannot be a property");
        return stop.says(stop.at, message, format!("write `{receiver}[\"{word}\"]`"));
    }
    let in_map = stop.opener().is_some_and(|at| stop.tokens[at].is("#{"));
    if in_map && is_next(":") {
        let message = format!("`{word}` is a reserved word and cannot be a key as it stands");
        return stop.says(
            stop.at,
            message,
            format!("put it in quotes: `\"{word}\": …`"),
        );
    }
    let named = ["let", "const", "fn", "for", "as"];
    let parameter = before.is_some_and(|token| token.is("|"));
    if before.is_some_and(|token| named.contains(&token.text)) || parameter {
        let message = format!("`{word}` is a reserved word and cannot be a name");
        return stop.says(stop.at, message, "choose another name");
    }
    None
}

/// `import { a } from "x"`.
fn import_of_names(stop: &Stop<'_>) -> Option<Slip> {
    let line = stop.here().or_else(|| stop.back(1))?.line;
    let same_line = |at: &usize| stop.tokens[*at].line == line;
    let mut tokens = (0..stop.tokens.len()).filter(same_line);
    let import = tokens.find(|at| stop.tokens[*at].is_word("import"))?;
    tokens.find(|at| stop.tokens[*at].is_word("from"))?;
    let message = "a module is imported as a whole";
    stop.says(
        import,
        message,
        "write `import \"path\" as name;` and then `name::…`",
    )
}

/// `for (let i = 0; …)` and `for (x in list)`.
fn loop_in_brackets(stop: &Stop<'_>) -> Option<Slip> {
    let opener = stop.opener()?;
    let begins = stop.tokens[opener].is("(") && stop.is_word_before(opener, &["for"]);
    let hint = if stop.here()?.is_word("let") {
        "write `for i in 0..10 { … }`"
    } else {
        "write `for x in list { … }`"
    };
    begins.then(|| stop.says(opener, "a `for` takes no brackets here", hint))?
}

/// `catch e { … }`.
fn catch_without_brackets(stop: &Stop<'_>) -> Option<Slip> {
    let here = stop.here()?;
    let bare = here.kind == Kind::Word && stop.is_word_before(stop.at, &["catch"]);
    let hint = format!("write `catch ({}) {{ … }}`", here.text);
    bare.then(|| stop.says(stop.at, "the variable of `catch` stands in brackets", hint))?
}

/// Colons: types, named arguments, maps without `#`, blocks of Python.
fn colon(stop: &Stop<'_>) -> Option<Slip> {
    let here = stop.here()?;
    if !here.is(":") {
        return None;
    }
    let opener = stop.opener();
    let begin = stop.back(2);
    let ends_line = stop.next().is_none_or(|next| next.line > here.line);
    if let Some(open) = opener.filter(|at| stop.tokens[*at].is("{"))
        && begin.is_some_and(|token| token.is("{") || token.is(","))
    {
        return stop.says(open, "a map begins with `#{`", "write `#{ a: 1 }`");
    }
    if begin.is_some_and(|token| ["let", "const"].contains(&token.text)) {
        return stop.says(stop.at, "variables have no types", "write `let x = 1`");
    }
    if let Some(open) = opener.filter(|at| stop.tokens[*at].is("(")) {
        return if open > 1 && stop.tokens[open - 2].is_word("fn") {
            stop.says(
                stop.at,
                "parameters have no types",
                "write `fn f(a, b) { … }`",
            )
        } else {
            let hint = "give options as a map: `f(#{ a: 1 })`";
            stop.says(stop.at, "arguments have no names", hint)
        };
    }
    let hint = "write `if x { … }`";
    ends_line.then(|| stop.says(stop.at, "a block stands in braces", hint))?
}

/// `if x = 1`, `assert x = 1`, `f(a = 1)`.
fn single_equals(stop: &Stop<'_>) -> Option<Slip> {
    let bad_target = matches!(stop.why, ParseErrorType::AssignmentToInvalidLHS(_));
    let condition = matches!(stop.why,
        ParseErrorType::BadInput(LexError::ImproperSymbol(symbol, _)) if symbol == "=");
    let at = if bad_target {
        let line = stop.here()?.line;
        (stop.at..stop.tokens.len())
            .take_while(|at| stop.tokens[*at].line == line)
            .find(|at| stop.tokens[*at].is("="))?
    } else {
        stop.at
    };
    let here = stop.token(at)?;
    if !here.is("=") {
        return None;
    }
    if let Some(open) = stop.opener().filter(|at| stop.tokens[*at].is("(")) {
        return if open > 1 && stop.tokens[open - 2].is_word("fn") {
            let hint = "give the function a second form: `fn f() { f(1) }`";
            stop.says(at, "parameters have no default values", hint)
        } else if condition || bad_target {
            stop.says(at, "`=` assigns", "compare with `==`")
        } else {
            let hint = "give options as a map: `f(#{ a: 1 })`; compare with `==`";
            stop.says(at, "arguments have no names", hint)
        };
    }
    (condition || bad_target).then(|| stop.says(at, "`=` assigns", "compare with `==`"))?
}

fn no_meaning(token: &Token<'_>) -> String {
    format!("`{}` has no meaning here", token.text)
}

fn foreign_symbol(stop: &Stop<'_>) -> Option<Slip> {
    let here = stop.here()?;
    if here.is(">") && stop.back(1).is_some_and(|token| token.is("<")) {
        return stop.says(stop.at - 1, "`<>` does not exist", "write `!=`");
    }
    if here.kind != Kind::Symbol {
        return None;
    }
    let hint = habits::symbol(here.text)?;
    stop.says(stop.at, no_meaning(here), hint)
}

/// A word of another language, unexpected itself or taken for a variable right before.
fn foreign_word(stop: &Stop<'_>) -> Option<Slip> {
    let line = stop.here().map(|here| here.line);
    let at = [Some(stop.at), stop.at.checked_sub(1)];
    at.into_iter().flatten().find_map(|at| {
        let token = stop.token(at)?;
        let hint = habits::word(token.text).filter(|_| token.kind == Kind::Word)?;
        let same_line = at == stop.at || line.is_none_or(|line| line == token.line);
        same_line.then(|| stop.says(at, no_meaning(token), hint))?
    })
}

/// `let [a, b] = c`.
fn destructuring(stop: &Stop<'_>) -> Option<Slip> {
    let here = stop.here()?;
    let takes_apart = here.is("[") || here.is("{") || here.is(",");
    let declared = stop.is_word_before(stop.at, &["let", "const"])
        || (stop.at > 1 && stop.is_word_before(stop.at - 1, &["let", "const"]));
    let hint = "write one `let` for each: `let a = c.a;`";
    (takes_apart && declared).then(|| stop.says(stop.at, "a `let` declares one variable", hint))?
}

fn name_with_digit(stop: &Stop<'_>) -> Option<Slip> {
    let number = stop.here()?.kind == Kind::Number
        && matches!(
            stop.why,
            ParseErrorType::VariableExpected | ParseErrorType::FnMissingName
        );
    number.then(|| {
        stop.says(
            stop.at,
            "a name begins with a letter",
            "choose another name",
        )
    })?
}

/// `export fn f() {}`.
fn export_of_function(stop: &Stop<'_>) -> Option<Slip> {
    let function = stop.here()?.is_word("fn") && stop.is_word_before(stop.at, &["export"]);
    let hint = "leave `export` out: functions are exported unless they are `private`";
    function.then(|| stop.says(stop.at - 1, "only variables are exported", hint))?
}
