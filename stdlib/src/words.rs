//! Words that Rhai keeps for itself are names all the same where only a name can stand: behind a dot, and as a key of a map.
//! JSON is full of `default`, `new`, `is` and `in`.

use rhai::{Engine, Token};
use std::sync::Mutex;

/// Reserved for a use of their own, which they keep. All others are reserved without any.
const USED: &[&str] = &[
    "Fn",
    "call",
    "curry",
    "debug",
    "eval",
    "is_def_fn",
    "is_def_var",
    "is_shared",
    "print",
    "this",
    "type_of",
];

/// Has the parser of `engine` take such words for names there.
pub fn free(engine: &mut Engine) {
    let place = Mutex::new(Place::default());
    #[expect(deprecated, reason = "volatile API of the pinned Rhai version")]
    engine.on_parse_token(move |token, _, _| {
        let mut place = place.lock().unwrap_or_else(|e| e.into_inner());
        if place.is_of_a_name() {
            let was_keyword = token.is_standard_keyword();
            place.pass(&token);
            place.behind_keyword = was_keyword;
            return as_name(token);
        }
        let behind_keyword = place.behind_keyword;
        place.pass(&token);
        match token {
            // Behind a keyword a sign would be that of a number.
            Token::UnaryPlus if behind_keyword => Token::Plus,
            Token::UnaryMinus if behind_keyword => Token::Minus,
            token => token,
        }
    });
}

fn as_name(token: Token) -> Token {
    match token {
        Token::Reserved(word) if is_unused(&word) => Token::Identifier(word),
        Token::Custom(word) => Token::Identifier(word),
        token if token.is_standard_keyword() || token == Token::Switch => {
            Token::Identifier(Box::new(token.literal_syntax().into()))
        }
        token => token,
    }
}

/// Signs are reserved, too.
fn is_unused(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic()) && !USED.contains(&word)
}

/// Where the parser is: what was opened last, and what came last.
#[derive(Default)]
struct Place {
    /// Whether each bracket that is open is that of a map.
    maps: Vec<bool>,
    behind_dot: bool,
    behind_comma: bool,
    behind_map_start: bool,
    /// It is a name now.
    behind_keyword: bool,
}

impl Place {
    fn is_of_a_name(&self) -> bool {
        let in_map = self.maps.last().copied().unwrap_or(false);
        self.behind_dot || self.behind_map_start || (in_map && self.behind_comma)
    }

    fn pass(&mut self, token: &Token) {
        self.behind_dot = matches!(token, Token::Period | Token::Elvis);
        self.behind_comma = matches!(token, Token::Comma);
        self.behind_map_start = matches!(token, Token::MapStart);
        self.behind_keyword = false;
        match token {
            Token::MapStart => self.maps.push(true),
            Token::LeftBrace | Token::LeftParen | Token::LeftBracket | Token::QuestionBracket => {
                self.maps.push(false);
            }
            Token::RightBrace | Token::RightParen | Token::RightBracket => {
                self.maps.pop();
            }
            // A text that broke off leaves nothing open for the next one.
            Token::EOF => self.maps.clear(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhai::Dynamic;

    const WORDS: &[&str] = &[
        "async",
        "await",
        "case",
        "default",
        "go",
        "goto",
        "is",
        "match",
        "module",
        "new",
        "nil",
        "null",
        "package",
        "protected",
        "public",
        "shared",
        "spawn",
        "static",
        "super",
        "sync",
        "thread",
        "use",
        "var",
        "void",
        "with",
        "yield",
        "as",
        "break",
        "catch",
        "const",
        "continue",
        "do",
        "else",
        "export",
        "false",
        "fn",
        "for",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "private",
        "return",
        "switch",
        "throw",
        "true",
        "try",
        "until",
        "while",
    ];

    fn engine() -> Engine {
        let mut engine = Engine::new();
        engine.register_fn("goto", |text: &str, more: i64| text.len() as i64 + more);
        free(&mut engine);
        engine
    }

    #[test]
    fn every_word_is_a_key_a_property_and_behind_quotes_the_same() {
        for word in WORDS {
            let script = format!(
                "let m = #{{ {word}: 1, b: [#{{ x: 2, {word}: 3 }}], {word}_: if true {{ 5 }} else {{ 6 }} }};
                 m.{word} += 1; m.{word} - 0 + m[\"{word}\"] + m.b[0].{word}"
            );
            match engine().eval::<i64>(&script) {
                Ok(value) => assert_eq!(value, 7, "{word}"),
                Err(error) => panic!("{word}: {error}"),
            }
        }
        assert_eq!(engine().eval::<i64>("\"abc\".goto(4)").unwrap(), 7);
    }

    #[test]
    fn elsewhere_they_are_what_they_were() {
        for script in [
            "let new = 1;",
            "let f = |a, b| a; f.call(1, new)",
            "[1, match]",
            "#{ a: new }",
            "let m = #{ a: 1, }; is",
        ] {
            assert!(engine().eval::<Dynamic>(script).is_err(), "{script}");
        }
        let script = "let n = 0; let m = #{ in: [1, 2] }; for x in m.in { if x in m.in { n += x } } `${#{ if: n }.if}${n}`";
        assert_eq!(engine().eval::<String>(script).unwrap(), "33");
        // One engine, and a text before that broke off.
        let engine = engine();
        assert!(engine.compile("#{ a: [").is_err());
        assert!(engine.compile("f(1, new)").is_err());
    }
}
