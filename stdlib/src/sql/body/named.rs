//! Parameters with names, `:id`, as the database at hand takes them. Pure.

use super::link::Database;
use super::scan;
use crate::client::{ClientError, Value};
use crate::host::suggest;

/// The statement with places instead of names, and their values in order.
pub fn translate(
    text: &str,
    given: &[(String, Value)],
    database: Database,
) -> Result<(String, Vec<Value>), ClientError> {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    let mut order: Vec<&str> = Vec::new();
    scan::code(text, |at| {
        let name = name_at(&text[at..]);
        if name.is_empty() {
            return 1;
        }
        out.push_str(&text[copied..at]);
        copied = at + 1 + name.len();
        let number = match order.iter().position(|known| *known == name) {
            // MySQL has no way to mean the same value twice.
            Some(known) if database != Database::Mysql => known,
            _ => {
                order.push(name);
                order.len() - 1
            }
        };
        match database {
            Database::Postgres => out.push_str(&format!("${}", number + 1)),
            Database::Sqlite => out.push_str(&format!("?{}", number + 1)),
            Database::Mysql => out.push('?'),
        }
        1 + name.len()
    });
    out.push_str(&text[copied..]);
    let names = || given.iter().map(|(name, _)| name.as_str());
    if let Some(unused) = names().find(|name| !order.contains(name)) {
        let error = ClientError::usage(format!(
            "the statement does not use the parameter `{unused}`"
        ));
        return Err(match suggest::hint(unused, order.iter().copied()) {
            Some(hint) => error.hinting(hint),
            None => error.hinting("write it as :name in the statement"),
        });
    }
    let value_of = |name: &&str| {
        let found = given.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).ok_or_else(|| {
            let error = ClientError::usage(format!("the parameter `:{name}` has no value"));
            match suggest::hint(name, names()) {
                Some(hint) => error.hinting(hint),
                None => error,
            }
        })
    };
    let values = order.iter().map(value_of).collect::<Result<_, _>>()?;
    Ok((out, values))
}

/// The name behind a colon.
fn name_at(rest: &str) -> &str {
    let Some(rest) = rest.strip_prefix(':') else {
        return "";
    };
    let end = rest
        .find(|c: char| c != '_' && !c.is_alphanumeric())
        .unwrap_or(rest.len());
    let name = &rest[..end];
    // `array[1:2]`
    match name.starts_with(|c: char| c.is_ascii_digit()) {
        true => "",
        false => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(names: &[(&str, i64)]) -> Vec<(String, Value)> {
        names
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::Int(*value)))
            .collect()
    }

    #[test]
    fn names_become_places() {
        let values = given(&[("a", 1), ("b", 2)]);
        let text = "select :b::int, ':x', :a, :b, xs[1:2]";
        let (out, order) = translate(text, &values, Database::Postgres).expect("fine");
        assert_eq!(out, "select $1::int, ':x', $2, $1, xs[1:2]");
        assert_eq!(order, [Value::Int(2), Value::Int(1)]);
        let (out, order) = translate(text, &values, Database::Mysql).expect("fine");
        assert_eq!(out, "select ?::int, ':x', ?, ?, xs[1:2]");
        assert_eq!(order.len(), 3);
    }

    #[test]
    fn names_that_do_not_match_are_told() {
        let told = |text: &str| {
            let error = translate(text, &given(&[("id", 1)]), Database::Sqlite).expect_err("wrong");
            crate::host::failure::Failure::from(error).render()
        };
        assert_eq!(
            told("select :ids"),
            "the statement does not use the parameter `id`\n  hint: did you mean `ids`?"
        );
        assert_eq!(
            told("select :id, :ix"),
            "the parameter `:ix` has no value\n  hint: did you mean `id`?"
        );
        assert_eq!(
            told("select 1"),
            "the statement does not use the parameter `id`\n  hint: write it as :name in the statement"
        );
    }
}
