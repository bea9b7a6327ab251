//! What type a value has, as far as the text tells: obvious calls are followed, such as `http.get(…)`, and no more.

use super::Context;
use super::around::{self, Call};
use super::exports::exports;
use super::scope::{self, Binding, What};
use super::text::Script;
use crate::source::check::Kind;
use std::ops::Range;

/// What is known of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Type {
    #[default]
    Unknown,
    /// In the words of a script: `Response`, `text`.
    Is(String),
    /// A map literal with these keys.
    Map(Vec<String>),
    /// An imported module, by its path.
    Module(String),
}

impl Type {
    /// In the words of a script; empty if it is not known.
    pub fn word(&self) -> &str {
        match self {
            Self::Is(word) => word,
            Self::Map(_) => "map",
            Self::Unknown | Self::Module(_) => "",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "" | "value" => Self::Unknown,
            word => Self::Is(word.to_owned()),
        }
    }
}

/// How many variables are followed to where they come from.
const DEPTH: u8 = 8;

/// What a primitive hands to a closure that it is given: function, number of the parameter, type.
const HANDED: &[(&str, usize, &str)] = &[
    ("phase", 0, "State"),
    ("scenario", 0, "State"),
    ("transaction", 0, "Db"),
    ("after_load", 0, "Db"),
    ("wait_for_popup", 0, "Page"),
    ("within", 0, "Locator"),
];

/// Looks types up in one text.
pub(super) struct Infer<'s, 'b> {
    pub context: &'s Context<'b>,
    pub script: &'s Script<'s>,
}

impl Infer<'_, '_> {
    /// The type of what ends right before the `.` at `dot`.
    pub fn receiver(&self, dot: usize) -> Type {
        let Some(first) = dot.checked_sub(1).and_then(|last| self.first(last)) else {
            return Type::Unknown;
        };
        self.value(first..dot, DEPTH)
    }

    /// The first token of the chain of names, calls and brackets whose last token is `last`.
    fn first(&self, last: usize) -> Option<usize> {
        let script = self.script;
        let mut at = last;
        loop {
            let token = script.get(at)?;
            let ends_template = token.kind == Kind::Template
                && token.text.starts_with('}')
                && !token.text.ends_with("${");
            if token.nesting() < 0 || ends_template {
                let open = script.opening(at)?;
                let before = open.checked_sub(1);
                let is_call = script.is(open, "(")
                    && before.is_some_and(|name| {
                        script.is_word(name) && !around::is_keyword(script.word(name))
                    });
                let is_index = script.is(open, "[")
                    && before.is_some_and(|before| {
                        script.is_word(before) && !around::is_keyword(script.word(before))
                            || script.is(before, ")")
                            || script.is(before, "]")
                    });
                if is_call || is_index {
                    at = before?;
                    continue;
                }
                if script.is(open, "{") {
                    return None;
                }
                at = open;
            }
            match script.before(at) {
                Some(dot) if dot.is(".") || dot.is("?.") || dot.is("::") => {
                    at = at.checked_sub(2)?;
                }
                _ => return Some(at),
            }
        }
    }

    /// The type of the expression in these tokens.
    pub fn value(&self, tokens: Range<usize>, depth: u8) -> Type {
        let Some(depth) = depth.checked_sub(1) else {
            return Type::Unknown;
        };
        let (mut kind, mut at) = self.primary(&tokens, depth);
        let script = self.script;
        while at < tokens.end {
            if script.is(at, ".") || script.is(at, "?.") {
                kind = self.member(&kind, script.word(at + 1));
                at += 2;
                if script.is(at, "(") {
                    at = script.closing(at) + 1;
                }
            } else if script.is(at, "[") || script.is(at, "?[") {
                kind = match kind {
                    Type::Is(word) if word == "text" => Type::Is(word),
                    _ => Type::Unknown,
                };
                at = script.closing(at) + 1;
            } else {
                return self.operation(at);
            }
        }
        kind
    }

    /// What an operator behind the first value makes of it.
    fn operation(&self, at: usize) -> Type {
        const CLAIMS: &[&str] = &["==", "!=", "<", ">", "<=", ">=", "&&", "||"];
        let is_claim = self
            .script
            .get(at)
            .is_some_and(|token| CLAIMS.contains(&token.text) || token.is_word("in"));
        if is_claim {
            Type::of("bool")
        } else {
            Type::Unknown
        }
    }

    /// The first value of an expression and the index behind it.
    fn primary(&self, tokens: &Range<usize>, depth: u8) -> (Type, usize) {
        let script = self.script;
        let at = tokens.start;
        let Some(token) = script.get(at).filter(|_| at < tokens.end) else {
            return (Type::Unknown, tokens.end);
        };
        match token.kind {
            Kind::Text | Kind::Char => (Type::of("text"), at + 1),
            Kind::Template => (Type::of("text"), script.closing(at) + 1),
            Kind::Number if token.text.contains('.') => (Type::of("number"), at + 1),
            Kind::Number => (Type::of("integer"), at + 1),
            Kind::Word => self.name(at, depth),
            Kind::Symbol => match token.text {
                "[" => (Type::of("list"), script.closing(at) + 1),
                "#{" => (
                    Type::Map(around::keys(script, at, usize::MAX)),
                    script.closing(at) + 1,
                ),
                "(" => {
                    let close = script.closing(at);
                    (self.value(at + 1..close, depth), close + 1)
                }
                "|" | "||" => (Type::of("closure"), tokens.end),
                _ => (Type::Unknown, tokens.end),
            },
            Kind::Comment => (Type::Unknown, tokens.end),
        }
    }

    /// A variable, a call, or something of a module.
    fn name(&self, at: usize, depth: u8) -> (Type, usize) {
        let script = self.script;
        let name = script.word(at);
        if script.is(at + 1, "::") {
            let behind = at + 3;
            let end = match script.is(behind, "(") {
                true => script.closing(behind) + 1,
                false => behind,
            };
            return (self.exported(at, script.word(at + 2), depth), end);
        }
        if script.is(at + 1, "(") {
            let kind = match scope::find(script, name, at) {
                Some(_) => self.returned(script, name, depth),
                None => self.given(name, at + 1, depth),
            };
            return (kind, script.closing(at + 1) + 1);
        }
        let kind = match name {
            "true" | "false" => Type::of("bool"),
            _ => self.variable(name, at, depth),
        };
        (kind, at + 1)
    }

    /// What a primitive gives. Of several with one name, the first argument tells which is meant.
    fn given(&self, name: &str, open: usize, depth: u8) -> Type {
        let first = self.value(open + 1..self.script.end(open + 1), depth);
        let of_one = |kind: &str| {
            let mut known = self.context.book.functions(name);
            known.find(|entry| entry.params.first().is_some_and(|first| first.kind == kind))
        };
        let meant = of_one(first.word()).or_else(|| of_one("value"));
        let meant = meant.or_else(|| self.context.book.functions(name).next());
        meant.map_or(Type::Unknown, |entry| Type::of(&entry.returns))
    }

    /// What a function of a text gives, if its body is a single expression.
    fn returned(&self, script: &Script<'_>, name: &str, depth: u8) -> Type {
        let functions = scope::functions(script);
        let Some(function) = functions.iter().find(|f| script.word(f.name) == name) else {
            return Type::Unknown;
        };
        let open = script.closing(function.name + 1) + 1;
        let close = script.closing(open);
        if !script.is(open, "{") {
            return Type::Unknown;
        }
        // The value of a block is that of what stands behind its last statement.
        let mut from = open + 1;
        let mut index = open + 1;
        while index < close {
            if script.is(index, ";") {
                from = index + 1;
            }
            let is_bracket = script.get(index).is_some_and(|token| token.nesting() > 0);
            index = if is_bracket {
                script.closing(index) + 1
            } else {
                index + 1
            };
        }
        let inner = Infer {
            context: self.context,
            script,
        };
        inner.value(from..close, depth)
    }

    /// What `alias::name` is, or gives when called.
    fn exported(&self, alias: usize, name: &str, depth: u8) -> Type {
        let found = scope::find(self.script, self.script.word(alias), alias);
        let Some(What::Module(Some(path))) = found.map(|binding| binding.what) else {
            return Type::Unknown;
        };
        let Some(text) = (self.context.module)(&path) else {
            return Type::Unknown;
        };
        let exported = exports(&text);
        match exported.iter().find(|export| export.name == name) {
            Some(export) if export.parameters.is_some() => {
                self.returned(&Script::new(&text), name, depth)
            }
            Some(export) => {
                let script = Script::new(&text);
                let inner = Infer {
                    context: self.context,
                    script: &script,
                };
                let end = script.tokens.len();
                let declared = scope::find(&script, &export.name, end).map(|binding| binding.what);
                match declared {
                    Some(What::Value(value)) => inner.value(value, depth),
                    _ => Type::Unknown,
                }
            }
            None => Type::Unknown,
        }
    }

    /// The type of a variable as the token at `at` sees it.
    pub fn variable(&self, name: &str, at: usize, depth: u8) -> Type {
        if let Some(global) = self.context.book.global(name) {
            return Type::of(&global.kind);
        }
        match scope::find(self.script, name, at) {
            Some(binding) => self.bound(&binding, depth),
            None => {
                let mut locals = self.context.locals.iter();
                let known = locals.find(|(local, _)| local == name);
                known.map_or(Type::Unknown, |(_, kind)| Type::of(kind))
            }
        }
    }

    /// The type of what was declared.
    pub fn bound(&self, binding: &Binding, depth: u8) -> Type {
        match &binding.what {
            What::Value(value) => self.value(value.clone(), depth),
            What::Parameter(number, Some(call)) => self.handed(call, *number),
            What::Module(Some(path)) => Type::Module(path.clone()),
            What::Parameter(0, None) if self.script.word(binding.name) == "state" => {
                Type::of("State")
            }
            What::Parameter(..) | What::Module(None) | What::Given | What::Function(_) => {
                Type::Unknown
            }
        }
    }

    fn handed(&self, call: &Call, number: usize) -> Type {
        let name = self.script.word(call.name);
        let row = HANDED
            .iter()
            .find(|(function, parameter, _)| *function == name && *parameter == number);
        row.map_or(Type::Unknown, |(_, _, kind)| Type::of(kind))
    }

    /// What `.name` of a value is, or gives when called.
    fn member(&self, kind: &Type, name: &str) -> Type {
        let mut found = self.context.book.member(kind.word(), name);
        found
            .next()
            .map_or(Type::Unknown, |entry| Type::of(&entry.returns))
    }
}
