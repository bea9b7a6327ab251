//! The text of a query as a tree of selections, with variables already put in. It knows no types.

use std::iter::Peekable;
use std::str::CharIndices;

use serde::Serialize;
use serde_json::{Map, Value};

/// Deeper queries have no meaning here and would only burn stack.
const DEEPEST: usize = 10;

#[derive(Debug)]
pub(super) struct Operation {
    pub is_mutation: bool,
    pub fields: Vec<Selection>,
}

#[derive(Debug)]
pub(super) struct Selection {
    /// The name in the answer: the alias, or else the field.
    pub key: String,
    pub name: String,
    pub args: Map<String, Value>,
    pub fields: Vec<Selection>,
    pub at: Location,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Location {
    line: usize,
    column: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct SyntaxError {
    message: String,
    locations: [Location; 1],
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Value(Value),
    Punct(char),
    End,
}

pub(super) fn parse(text: &str, variables: &Map<String, Value>) -> Result<Operation, SyntaxError> {
    let mut parser = Parser {
        text,
        chars: text.char_indices().peekable(),
        next: Token::End,
        at: 0,
        variables,
    };
    parser.advance()?;
    let mut is_mutation = false;
    if let Token::Name(word) = parser.next.clone() {
        match word.as_str() {
            "query" => {}
            "mutation" => is_mutation = true,
            other => {
                return Err(parser.error(format!(
                    "Unexpected \"{other}\": only query and mutation are offered."
                )));
            }
        }
        parser.advance()?;
        if matches!(parser.next, Token::Name(_)) {
            parser.advance()?;
        }
        if parser.next == Token::Punct('(') {
            parser.skip_declarations()?;
        }
    }
    let fields = parser.selections(0)?;
    match parser.next {
        Token::End => Ok(Operation {
            is_mutation,
            fields,
        }),
        _ => Err(parser.error("Only one operation is offered, without fragments.".to_owned())),
    }
}

struct Parser<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    next: Token,
    at: usize,
    variables: &'a Map<String, Value>,
}

impl Parser<'_> {
    fn location(&self) -> Location {
        let before = &self.text[..self.at];
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Location {
            line: before.matches('\n').count() + 1,
            column,
        }
    }

    fn error(&self, message: String) -> SyntaxError {
        SyntaxError {
            message: format!("Syntax Error: {message}"),
            locations: [self.location()],
        }
    }

    fn advance(&mut self) -> Result<(), SyntaxError> {
        while let Some((_, c)) = self.chars.peek().copied() {
            match c {
                '#' => while self.chars.next_if(|(_, c)| *c != '\n').is_some() {},
                c if c.is_whitespace() || c == ',' || c == '\u{feff}' => {
                    self.chars.next();
                }
                _ => break,
            }
        }
        self.at = self.chars.peek().map_or(self.text.len(), |(at, _)| *at);
        self.next = match self.chars.next() {
            None => Token::End,
            Some((_, '"')) => self.string()?,
            Some((_, c)) if c.is_ascii_alphabetic() || c == '_' => {
                Token::Name(self.word(|c| c.is_ascii_alphanumeric() || c == '_'))
            }
            Some((_, c)) if c.is_ascii_digit() || c == '-' => {
                let word = self.word(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
                let number = serde_json::from_str(&word);
                Token::Value(number.map_err(|_| self.error(format!("\"{word}\" is no number.")))?)
            }
            Some((_, c)) => Token::Punct(c),
        };
        Ok(())
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> String {
        while self.chars.next_if(|(_, c)| belongs(*c)).is_some() {}
        let end = self.chars.peek().map_or(self.text.len(), |(at, _)| *at);
        self.text[self.at..end].to_owned()
    }

    fn string(&mut self) -> Result<Token, SyntaxError> {
        loop {
            match self.chars.next() {
                Some((_, '\\')) => {
                    self.chars.next();
                }
                Some((end, '"')) => {
                    let literal = serde_json::from_str(&self.text[self.at..=end]);
                    return literal
                        .map(Token::Value)
                        .map_err(|_| self.error("Unreadable string.".to_owned()));
                }
                None | Some((_, '\n')) => return Err(self.error("Unterminated string.".to_owned())),
                Some(_) => {}
            }
        }
    }

    fn expect(&mut self, punct: char) -> Result<(), SyntaxError> {
        if self.next != Token::Punct(punct) {
            return Err(self.error(format!("Expected \"{punct}\", found {}.", self.found())));
        }
        self.advance()
    }

    fn name(&mut self) -> Result<String, SyntaxError> {
        match std::mem::replace(&mut self.next, Token::End) {
            Token::Name(name) => self.advance().map(|()| name),
            other => {
                self.next = other;
                Err(self.error(format!("Expected a name, found {}.", self.found())))
            }
        }
    }

    fn found(&self) -> String {
        match &self.next {
            Token::Name(name) => format!("\"{name}\""),
            Token::Value(value) => value.to_string(),
            Token::Punct(punct) => format!("\"{punct}\""),
            Token::End => "the end".to_owned(),
        }
    }

    /// `($id: ID!, …)`: the types are not checked.
    fn skip_declarations(&mut self) -> Result<(), SyntaxError> {
        while self.next != Token::Punct(')') {
            if self.next == Token::End {
                return Err(self.error("Expected \")\", found the end.".to_owned()));
            }
            self.advance()?;
        }
        self.advance()
    }

    fn selections(&mut self, depth: usize) -> Result<Vec<Selection>, SyntaxError> {
        if depth > DEEPEST {
            return Err(self.error(format!("Queries are at most {DEEPEST} levels deep.")));
        }
        self.expect('{')?;
        let mut fields = Vec::new();
        while self.next != Token::Punct('}') {
            let at = self.location();
            let mut name = self.name()?;
            let key = name.clone();
            if self.next == Token::Punct(':') {
                self.advance()?;
                name = self.name()?;
            }
            let args = if self.next == Token::Punct('(') {
                self.arguments()?
            } else {
                Map::new()
            };
            let inner = if self.next == Token::Punct('{') {
                self.selections(depth + 1)?
            } else {
                Vec::new()
            };
            fields.push(Selection {
                key,
                name,
                args,
                fields: inner,
                at,
            });
        }
        if fields.is_empty() {
            return Err(self.error("Expected a name, found \"}\".".to_owned()));
        }
        self.advance()?;
        Ok(fields)
    }

    fn arguments(&mut self) -> Result<Map<String, Value>, SyntaxError> {
        self.expect('(')?;
        let mut args = Map::new();
        while self.next != Token::Punct(')') {
            let name = self.name()?;
            self.expect(':')?;
            args.insert(name, self.value()?);
        }
        self.advance()?;
        Ok(args)
    }

    fn value(&mut self) -> Result<Value, SyntaxError> {
        match self.next.clone() {
            Token::Value(value) => self.advance().map(|()| value),
            Token::Punct('$') => {
                self.advance()?;
                let name = self.name()?;
                Ok(self.variables.get(&name).cloned().unwrap_or(Value::Null))
            }
            Token::Name(word) => self.advance().map(|()| match word.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "null" => Value::Null,
                _ => Value::String(word),
            }),
            _ => Err(self.error(format!("Expected a value, found {}.", self.found()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(text: &str) -> Result<Operation, SyntaxError> {
        let variables = json!({ "id": 7 });
        parse(text, variables.as_object().expect("an object"))
    }

    #[test]
    fn aliases_arguments_and_variables_are_read() {
        let query = "query One($id: ID!) { # a comment\n mine: task(id: $id, deep: true, note: \"a\\\"b\") { id, state } }";
        let operation = with(query).expect("a query");
        let task = &operation.fields[0];
        assert_eq!(
            (task.key.as_str(), task.name.as_str(), task.fields.len()),
            ("mine", "task", 2)
        );
        assert_eq!(
            Value::Object(task.args.clone()),
            json!({ "id": 7, "deep": true, "note": "a\"b" })
        );
        assert!(!operation.is_mutation && with("mutation { a }").expect("a mutation").is_mutation);
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let error = with("{\n  task(id: ) { id }\n}").expect_err("a mistake");
        assert_eq!(
            error.message,
            "Syntax Error: Expected a value, found \")\"."
        );
        assert_eq!(
            error.locations,
            [Location {
                line: 2,
                column: 12
            }]
        );
    }

    #[test]
    fn broken_text_is_an_error_and_never_a_panic() {
        let deep = "{a".repeat(1_000);
        for broken in [
            "",
            "{",
            "{}",
            "}",
            "{ a(",
            "{ a(b: \"",
            "{ a(b: \"\\",
            "query (",
            "{ ü }",
            "{ a } { b }",
            "{ a(b: 1x) }",
            &deep,
        ] {
            assert!(with(broken).is_err(), "{broken}");
        }
    }
}
