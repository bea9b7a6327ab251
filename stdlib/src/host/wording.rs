//! What Rhai says of a script, in our words: its own are those of somebody who embeds it.

use super::failure::{Code, Failure, Kind};
use rhai::EvalAltResult;

fn script(message: String) -> Failure {
    Failure::new(Kind::Usage, Code::Script, message)
}

/// An error of the script itself.
pub fn told(error: &EvalAltResult) -> Failure {
    use EvalAltResult as E;
    match error {
        E::ErrorPropertyNotFound(name, _) => script(format!("there is no property `{name}`"))
            .hint(format!("use .get(\"{name}\") if it may be missing")),
        E::ErrorVariableNotFound(name, _) => script(format!("unknown name `{name}`")),
        E::ErrorFunctionNotFound(signature, _) => script(no_function(signature)),
        E::ErrorDotExpr(text, _) => no_property(text).unwrap_or_else(|| script(plain(error))),
        E::ErrorIndexingType(text, _) => script(not_indexed(text)),
        E::ErrorArrayBounds(0, index, _) => script(format!("index {index} of an empty array")),
        E::ErrorArrayBounds(length, index, _) => {
            script(format!("index {index} of an array of {length}"))
        }
        E::ErrorDataRace(name, _) => script(format!("`{name}` is used by its own callback"))
            .hint("pass the subject into the closure as a parameter instead of capturing it"),
        E::ErrorStackOverflow(_) => {
            script("too many nested calls".into()).hint("a function that calls itself needs an end")
        }
        E::ErrorMismatchOutputType(wanted, got, _) | E::ErrorMismatchDataType(wanted, got, _) => {
            script(format!("expected {}, got {}", kind(wanted), kind(got)))
        }
        E::ErrorUnboundThis(_) => script("`this` has no value here".into()),
        E::ErrorAssignmentToConstant(name, _) => script(format!("`{name}` is a constant")),
        E::ErrorTooManyOperations(_)
        | E::ErrorTooManyVariables(_)
        | E::ErrorTooManyModules(_)
        | E::ErrorDataTooLarge(..) => script(plain(error)),
        other => script(plain(other)),
    }
}

/// `+ (map, i64)`, as Rhai writes what it looked for.
fn no_function(signature: &str) -> String {
    let Some((name, kinds)) = signature
        .strip_suffix(')')
        .and_then(|signature| signature.split_once(" ("))
    else {
        return format!("there is no function `{signature}`");
    };
    let kinds = listed(kinds);
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    match (is_name, kinds.as_str()) {
        (true, "") => format!("there is no function `{name}()`"),
        (true, kinds) => format!("there is no function `{name}` for {kinds}"),
        (false, kinds) => format!("`{name}` cannot be used with {kinds}"),
    }
}

fn no_property(text: &str) -> Option<Failure> {
    let of = |before: &str| {
        let (name, rest) = text.strip_prefix(before)?.split_once('\'')?;
        let (_, rest) = rest.split_once("for type '")?;
        Some((name, rest.split('\'').next()?))
    };
    if let Some((name, of_kind)) = of("Unknown property '") {
        let failure = script(format!("{} has no property `{name}`", kind(of_kind)));
        return Some(match of_kind {
            "array" => failure.hint(format!(
                "take one of its elements, such as `[0].{name}`, or all: `.map(|one| one.{name})`"
            )),
            "()" => failure.hint(format!(
                "what stands before `.{name}` is missing; `?.{name}` gives () then"
            )),
            _ => failure,
        });
    }
    let (name, of_kind) = of("No writable property '")?;
    let message = format!("`{name}` of {} cannot be set", kind(of_kind));
    Some(script(message))
}

/// `i64 [string]` or `i64 [string] = map`.
fn not_indexed(text: &str) -> String {
    let indexed = text.split_once(" [").and_then(|(of, index)| {
        let index = index.split(']').next()?;
        Some(format!(
            "{} has no elements to take with {}",
            kind(of),
            kind(index)
        ))
    });
    indexed.unwrap_or_else(|| format!("nothing can be taken out of it: {text}"))
}

/// `map, i64` as `a map and an integer`.
fn listed(kinds: &str) -> String {
    let mut kinds: Vec<String> = kinds
        .split(", ")
        .filter(|name| !name.is_empty())
        .map(kind)
        .collect();
    let Some(last) = kinds.pop() else {
        return String::new();
    };
    match kinds.is_empty() {
        true => last,
        false => format!("{} and {last}", kinds.join(", ")),
    }
}

/// A type by the name that Rhai gives it: `an integer`, `a Response`.
pub fn kind(name: &str) -> String {
    let name = name.trim_start_matches("&mut ").trim_start_matches('&');
    let word = match name {
        "()" => "()",
        "i64" => "an integer",
        "f64" => "a float",
        "bool" => "a bool",
        "char" => "a character",
        "string" | "str | ImmutableString | String" => "a string",
        "array" => "an array",
        "map" => "a map",
        "Fn" => "a closure",
        "blob" => "bytes",
        "timestamp" => "a timestamp",
        other => {
            let name = other.rsplit("::").next().unwrap_or(other);
            let article = match name.starts_with(['A', 'E', 'I', 'O', 'U']) {
                true => "an",
                false => "a",
            };
            return format!("{article} {name}");
        }
    };
    word.into()
}

/// Rhai's own words without the position, lower-case as ours are.
fn plain(error: &EvalAltResult) -> String {
    let text = error.to_string();
    let text = text.split(" (line ").next().unwrap_or(&text);
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => "unknown error".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhai::Engine;

    fn told_of(source: &str) -> String {
        let mut engine = Engine::new();
        engine.register_type_with_name::<Failure>("Failure");
        engine.register_fn("failure", || Failure::product(Code::Script, "it"));
        let error = engine.eval::<rhai::Dynamic>(source).expect_err(source);
        told(&error).render()
    }

    #[test]
    fn nobody_has_to_know_what_rhai_is_written_in() {
        let cases = [
            (
                "#{ a: 1 } + 1",
                "`+` cannot be used with a map and an integer",
            ),
            (
                "\"5\" * 2",
                "`*` cannot be used with a string and an integer",
            ),
            ("5.len()", "there is no function `len` for an integer"),
            ("nothing()", "there is no function `nothing()`"),
            ("let l = 5; l.foo = 3;", "`foo` of an integer cannot be set"),
            ("failure().foo", "a Failure has no property `foo`"),
            ("let l = [1]; l[\"a\"]", "expected an integer, got a string"),
            (
                "let l = true; l[1]",
                "a bool has no elements to take with an integer",
            ),
            (
                "[1].items",
                "an array has no property `items`\n  hint: take one of its elements, such as `[0].items`, or all: `.map(|one| one.items)`",
            ),
            (
                "let a = (); a.b",
                "() has no property `b`\n  hint: what stands before `.b` is missing; `?.b` gives () then",
            ),
        ];
        for (source, expected) in cases {
            assert_eq!(told_of(source), expected, "{source}");
        }
    }
}
