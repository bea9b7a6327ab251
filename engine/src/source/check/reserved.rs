//! The words Rhai keeps for itself. Pure data.

/// Keywords, and words reserved without a use.
const RESERVED: &[&str] = &[
    "Fn",
    "_",
    "as",
    "async",
    "await",
    "break",
    "call",
    "case",
    "catch",
    "const",
    "continue",
    "curry",
    "debug",
    "default",
    "do",
    "else",
    "eval",
    "export",
    "false",
    "fn",
    "for",
    "go",
    "goto",
    "if",
    "import",
    "in",
    "is",
    "is_def_fn",
    "is_def_var",
    "is_shared",
    "let",
    "loop",
    "match",
    "module",
    "new",
    "nil",
    "null",
    "package",
    "print",
    "private",
    "protected",
    "public",
    "return",
    "shared",
    "spawn",
    "static",
    "super",
    "switch",
    "sync",
    "this",
    "thread",
    "throw",
    "true",
    "try",
    "type_of",
    "until",
    "use",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// Whether a word cannot be the name of a variable or function. Most of them may be properties and keys all the same.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhai::Engine;

    fn usable(name: &str) -> bool {
        let uses = format!("x.{name}; x.{name}(1); #{{ {name}: 1 }}; let {name} = 1;");
        Engine::new_raw().compile(uses).is_ok()
    }

    #[test]
    fn each_of_them_is_refused_by_the_parser() {
        assert!(RESERVED.is_sorted());
        for word in RESERVED {
            assert!(!usable(word), "{word}");
        }
    }

    #[test]
    fn other_words_are_free() {
        for word in [
            "visit", "get", "state", "class", "type", "func", "enum", "struct", "from", "of",
            "not", "and", "or", "every", "ready", "within", "always", "needs", "timeout", "exit",
        ] {
            assert!(usable(word) && !is_reserved(word), "{word}");
        }
    }
}
