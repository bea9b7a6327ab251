//! `--repeat N`: the names under which a scenario runs more than once.

use crate::model::ScenarioId;

/// The id of the `k`th of `n` runs: `a.rhai::login (2/20)`; unchanged when there is only one.
pub fn numbered(id: &ScenarioId, k: u32, n: u32) -> ScenarioId {
    match n {
        0 | 1 => id.clone(),
        n => ScenarioId(format!("{} ({k}/{n})", id.0).into()),
    }
}

/// The id a script declares, without the number of a repetition.
pub fn declared_id(id: &ScenarioId) -> ScenarioId {
    ScenarioId(without_number(&id.0).into())
}

fn without_number(name: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    name.strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("))
        .filter(|(_, number)| {
            let parts = number.split_once('/');
            parts.is_some_and(|(k, n)| is_number(k) && is_number(n))
        })
        .map_or(name, |(name, _)| name)
}

/// Whether `asked` means the scenario `name`: its name, or that of one of its repetitions.
pub fn means(asked: &str, name: &str) -> bool {
    asked == name || without_number(asked) == name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g29_repetitions_have_ids_of_their_own() {
        let id = ScenarioId::new("a.rhai", "login");
        let second = numbered(&id, 2, 20);
        assert_eq!(second.0, "a.rhai::login (2/20)");
        assert_eq!(declared_id(&second), id);
        assert_eq!(numbered(&id, 1, 1), id);
        assert_eq!(declared_id(&id), id);
    }

    #[test]
    fn a_name_that_only_looks_like_it_stays() {
        for name in ["a (b/c)", "a (1)", "a (/2)", "a(1/2)"] {
            assert_eq!(without_number(name), name);
        }
        assert!(means("x (1/2)", "x") && means("x", "x") && means("x (1/2)", "x (1/2)"));
        assert!(!means("x", "x (1/2)"));
    }
}
