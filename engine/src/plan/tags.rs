//! Tag expressions: `smoke and not slow`, `a,b`, `(a || b) && !c`. `not` binds closest, then `and`, then `or`, which
//! a comma means too.

use super::error::PlanError;
use scenario_stdlib::host::location::Location;

/// What a tag expression is called in messages.
const NAME: &str = "--tags";
/// Deeper nesting is refused, not followed.
const DEEPEST: usize = 100;

/// A tag expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// A tag and the column it stands at.
    Tag(String, u32),
    Not(Box<Expr>),
    /// All of them; flat, so that a long list nests no deeper than a short one.
    And(Vec<Expr>),
    /// Any of them.
    Or(Vec<Expr>),
}

impl Expr {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        let mut parser = Parser {
            text,
            tokens: tokens(text)?,
            next: 0,
            depth: 0,
        };
        let expr = parser.or()?;
        match parser.tokens.get(parser.next) {
            None => Ok(expr),
            Some((Token::Close, column)) => Err(parser.error("`)` without a `(`", *column, 1)),
            Some((token, column)) => {
                let (column, width) = (*column, token.width());
                Err(parser.error("expected `and`, `or` or the end", column, width))
            }
        }
    }

    /// Whether it holds for a scenario with these tags.
    pub fn holds(&self, tags: &[String]) -> bool {
        match self {
            Self::Tag(tag, _) => tags.contains(tag),
            Self::Not(inner) => !inner.holds(tags),
            Self::And(all) => all.iter().all(|expr| expr.holds(tags)),
            Self::Or(any) => any.iter().any(|expr| expr.holds(tags)),
        }
    }

    /// Every tag it names, with the column it stands at.
    pub fn tags(&self) -> Vec<(&str, u32)> {
        match self {
            Self::Tag(tag, column) => vec![(tag, *column)],
            Self::Not(inner) => inner.tags(),
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::tags).collect(),
        }
    }
}

/// A place in an expression that was typed.
pub fn place(text: &str, column: u32, width: usize) -> Location {
    Location {
        file: NAME.to_owned(),
        line: 1,
        column,
        width: width.max(1) as u32,
        text: text.to_owned(),
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    /// A tag in quotes, whatever it is called; its width with them.
    Quoted(String, usize),
    Not,
    And,
    /// Its width: `,` `|` `||` `or`.
    Or,
    Open,
    Close,
}

impl Token {
    fn width(&self) -> usize {
        match self {
            Self::Word(word) => word.chars().count(),
            Self::Quoted(_, width) => *width,
            _ => 1,
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "_-.:/@#+".contains(c)
}

fn tokens(text: &str) -> Result<Vec<(Token, u32)>, PlanError> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let begin = at;
        at += 1;
        let token = match c {
            c if c.is_whitespace() => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            '!' => Token::Not,
            ',' => Token::Or,
            '&' | '|' => {
                at += usize::from(chars.get(at) == Some(&c));
                if c == '&' { Token::And } else { Token::Or }
            }
            '"' | '\'' => {
                let end = chars[at..].iter().position(|other| *other == c);
                let Some(end) = end.map(|length| at + length) else {
                    let why = "a quote is not closed".to_owned();
                    let at = place(text, begin as u32 + 1, chars.len() - begin);
                    return Err(PlanError::TagSyntax { why, at });
                };
                let tag = chars[at..end].iter().collect();
                at = end + 1;
                Token::Quoted(tag, at - begin)
            }
            c if is_word(c) => {
                while chars.get(at).copied().is_some_and(is_word) {
                    at += 1;
                }
                let word: String = chars[begin..at].iter().collect();
                match word.to_lowercase().as_str() {
                    "and" => Token::And,
                    "or" => Token::Or,
                    "not" => Token::Not,
                    _ => Token::Word(word),
                }
            }
            c => {
                let why = format!("`{}` has no meaning here", c.escape_debug());
                let at = place(text, begin as u32 + 1, 1);
                return Err(PlanError::TagSyntax { why, at });
            }
        };
        tokens.push((token, begin as u32 + 1));
    }
    Ok(tokens)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token, u32)>,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Expr, PlanError> {
        let first = self.and()?;
        let mut any = vec![first];
        while self.takes(&Token::Or) {
            any.push(self.and()?);
        }
        Ok(alone(any).unwrap_or_else(Expr::Or))
    }

    fn and(&mut self) -> Result<Expr, PlanError> {
        let first = self.not()?;
        let mut all = vec![first];
        while self.takes(&Token::And) {
            all.push(self.not()?);
        }
        Ok(alone(all).unwrap_or_else(Expr::And))
    }

    fn not(&mut self) -> Result<Expr, PlanError> {
        let Some((token, column)) = self.tokens.get(self.next).cloned() else {
            let end = self.text.trim_end().chars().count() as u32;
            return Err(self.error("expected a tag", end + 1, 1));
        };
        self.next += 1;
        match token {
            Token::Word(tag) | Token::Quoted(tag, _) => Ok(Expr::Tag(tag, column)),
            Token::Not => {
                self.descend(column)?;
                let inner = self.not()?;
                self.depth -= 1;
                Ok(Expr::Not(Box::new(inner)))
            }
            Token::Open => {
                self.descend(column)?;
                let inner = self.or()?;
                self.depth -= 1;
                match self.takes(&Token::Close) {
                    true => Ok(inner),
                    false => Err(self.error("this `(` is not closed", column, 1)),
                }
            }
            Token::And | Token::Or | Token::Close => {
                let found = self.text.chars().skip(column as usize - 1);
                let found: String = match token {
                    Token::Close => ")".into(),
                    _ => found.take_while(|c| !c.is_whitespace()).collect(),
                };
                let width = found.chars().count();
                Err(self.error(&format!("expected a tag before `{found}`"), column, width))
            }
        }
    }

    fn descend(&mut self, column: u32) -> Result<(), PlanError> {
        self.depth += 1;
        match self.depth > DEEPEST {
            true => Err(self.error("it is nested too deeply", column, 1)),
            false => Ok(()),
        }
    }

    fn takes(&mut self, token: &Token) -> bool {
        let found = self.tokens.get(self.next).is_some_and(|(t, _)| t == token);
        self.next += usize::from(found);
        found
    }

    fn error(&self, why: &str, column: u32, width: usize) -> PlanError {
        PlanError::TagSyntax {
            why: why.to_owned(),
            at: place(self.text, column, width),
        }
    }
}

/// One part needs nothing around it.
fn alone(mut parts: Vec<Expr>) -> Result<Expr, Vec<Expr>> {
    match (parts.pop(), parts.is_empty()) {
        (Some(one), true) => Ok(one),
        (last, _) => {
            parts.extend(last);
            Err(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use scenario_stdlib::host::failure::Failure;

    fn holds(expr: &str, tags: &[&str]) -> bool {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        Expr::parse(expr).unwrap().holds(&tags)
    }

    fn refused(expr: &str) -> String {
        Failure::from(Expr::parse(expr).unwrap_err()).render()
    }

    #[test]
    fn o1_a_comma_list_takes_either() {
        assert!(holds("preparation", &["preparation", "x"]));
        assert!(holds("a,b", &["b"]));
        assert!(!holds("a, b", &["c"]));
    }

    #[test]
    fn a16_expressions() {
        assert!(holds("tier1 and not slow", &["tier1"]));
        assert!(!holds("tier1 and not slow", &["tier1", "slow"]));
        assert!(
            holds("a or b and c", &["a"]),
            "`and` binds closer than `or`"
        );
        assert!(!holds("(a or b) and c", &["a"]));
        assert!(holds("!(a && b) || c", &["a"]));
        assert!(holds("NOT a AND two-phase", &["two-phase"]));
        assert!(holds("\"and\" & 'my tag'", &["and", "my tag"]));
        assert!(holds("not not a", &["a"]));
    }

    #[test]
    fn a16_a_long_list_is_no_deep_one() {
        let list = vec!["a"; 100_000].join(" or ");
        assert!(holds(&list, &["a"]));
    }

    #[test]
    fn a16_a_wrong_expression_shows_where() {
        assert_eq!(
            refused("smoke slow"),
            "cannot read the tag expression: expected `and`, `or` or the end\n  --> --tags:1:7\n   |\n 1 | smoke slow\n   |       ^^^^\n  hint: write it like \"smoke and not slow\", \"a or (b and c)\" or \"a,b\""
        );
        for (expr, why) in [
            ("", "expected a tag"),
            ("a and", "expected a tag"),
            ("and b", "expected a tag before `and`"),
            ("a,,b", "expected a tag before `,b`"),
            ("(a", "this `(` is not closed"),
            ("a)", "`)` without a `(`"),
            ("a $ b", "`$` has no meaning here"),
            ("'a", "a quote is not closed"),
            ("()", "expected a tag before `)`"),
            (&"(".repeat(5000), "nested too deeply"),
            (&"not ".repeat(5000), "nested too deeply"),
        ] {
            let message = refused(expr);
            assert!(message.contains(why), "{expr}: {message}");
        }
        assert!(refused("é and ").contains("--tags:1:6"));
    }

    /// The model: an expression that knows how it is written and what it means.
    #[derive(Clone, Debug)]
    enum Model {
        Tag(usize),
        Not(Box<Model>, bool),
        And(Box<Model>, Box<Model>, usize),
        Or(Box<Model>, Box<Model>, usize),
    }

    const TAGS: [&str; 4] = ["smoke", "two-phase", "tier1", "a.b"];

    impl Model {
        fn text(&self) -> String {
            match self {
                Self::Tag(tag) => TAGS[*tag].to_owned(),
                Self::Not(inner, word) => {
                    format!("{}({})", if *word { "not " } else { "!" }, inner.text())
                }
                Self::And(left, right, style) => {
                    let operator = [" and ", "&&", " & "][*style];
                    format!("({}){operator}({})", left.text(), right.text())
                }
                Self::Or(left, right, style) => {
                    let operator = [" or ", "||", ","][*style];
                    // Without parentheses: nothing binds more loosely.
                    format!("{}{operator}{}", left.text(), right.text())
                }
            }
        }

        fn holds(&self, tags: [bool; 4]) -> bool {
            match self {
                Self::Tag(tag) => tags[*tag],
                Self::Not(inner, _) => !inner.holds(tags),
                Self::And(left, right, _) => left.holds(tags) & right.holds(tags),
                Self::Or(left, right, _) => left.holds(tags) | right.holds(tags),
            }
        }
    }

    fn model() -> impl Strategy<Value = Model> {
        let leaf = (0..TAGS.len()).prop_map(Model::Tag);
        leaf.prop_recursive(6, 40, 2, |inner| {
            let pair = (inner.clone(), inner.clone(), 0..3_usize);
            prop_oneof![
                (inner, any::<bool>()).prop_map(|(a, word)| Model::Not(Box::new(a), word)),
                pair.clone()
                    .prop_map(|(a, b, s)| Model::And(Box::new(a), Box::new(b), s)),
                pair.prop_map(|(a, b, s)| Model::Or(Box::new(a), Box::new(b), s)),
            ]
        })
    }

    proptest! {
        #[test]
        fn a16_an_expression_means_what_it_says(model in model(), present in any::<[bool; 4]>()) {
            let expr = Expr::parse(&model.text()).unwrap();
            let tags: Vec<String> = TAGS
                .iter()
                .zip(present)
                .filter(|(_, present)| *present)
                .map(|(tag, _)| (*tag).to_owned())
                .collect();
            prop_assert_eq!(expr.holds(&tags), model.holds(present));
        }

        #[test]
        fn a16_no_text_breaks_the_parser(text in "[ab()!&|, \"'é$]{0,40}") {
            let _ = Expr::parse(&text);
        }
    }
}
