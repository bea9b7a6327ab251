//! In which order the services of a stack start: each after those it needs. Pure.

use crate::host::failure::Failure;
use crate::host::suggest;
use std::collections::{BTreeMap, BTreeSet};

/// The services and what each needs.
pub type Needs = BTreeMap<String, BTreeSet<String>>;

/// Why there is no order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    #[error(
        "service `{service}` of stack `{stack}` needs `{need}`, and there is no such service in it"
    )]
    Unknown {
        stack: String,
        service: String,
        need: String,
        known: Vec<String>,
    },
    #[error("services of stack `{stack}` need each other: {}", path.join(" -> "))]
    Cycle { stack: String, path: Vec<String> },
}

impl From<OrderError> for Failure {
    fn from(error: OrderError) -> Self {
        let mut failure = Self::usage(error.to_string());
        failure.hint = match &error {
            OrderError::Unknown { need, known, .. } => {
                suggest::hint(need, known.iter().map(String::as_str))
            }
            OrderError::Cycle { .. } => Some("let one of them start without the other".into()),
        };
        failure
    }
}

/// Whether every need is there and nobody needs itself, by whatever way.
pub fn check(stack: &str, needs: &Needs) -> Result<(), OrderError> {
    for (service, wanted) in needs {
        if let Some(need) = wanted.iter().find(|need| !needs.contains_key(*need)) {
            return Err(OrderError::Unknown {
                stack: stack.to_owned(),
                service: service.clone(),
                need: need.clone(),
                known: needs
                    .keys()
                    .filter(|known| *known != service)
                    .cloned()
                    .collect(),
            });
        }
    }
    let mut done = BTreeSet::new();
    for service in needs.keys() {
        let mut path = Vec::new();
        if let Some(path) = cycle(needs, service, &mut path, &mut done) {
            return Err(OrderError::Cycle {
                stack: stack.to_owned(),
                path,
            });
        }
    }
    Ok(())
}

fn cycle<'a>(
    needs: &'a Needs,
    service: &'a str,
    path: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Option<Vec<String>> {
    if done.contains(service) {
        return None;
    }
    if let Some(begin) = path.iter().position(|open| *open == service) {
        let around = path[begin..].iter().chain([&service]);
        return Some(around.map(|name| (*name).to_owned()).collect());
    }
    path.push(service);
    for need in &needs[service] {
        if let Some(found) = cycle(needs, need, path, done) {
            return Some(found);
        }
    }
    path.pop();
    done.insert(service);
    None
}

/// All that `service` needs, and what those need.
pub fn all_needs(needs: &Needs, service: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut open = vec![service.to_owned()];
    while let Some(name) = open.pop() {
        for need in needs.get(&name).into_iter().flatten() {
            if all.insert(need.clone()) {
                open.push(need.clone());
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(entries: &[(&str, &[&str])]) -> Needs {
        entries
            .iter()
            .map(|(name, wanted)| {
                let wanted = wanted.iter().map(|need| (*need).to_owned()).collect();
                ((*name).to_owned(), wanted)
            })
            .collect()
    }

    #[test]
    fn needs_of_needs_are_needed() {
        let needs = needs(&[
            ("db", &[]),
            ("app", &["db"]),
            ("web", &["app"]),
            ("cache", &[]),
        ]);
        check("shop", &needs).unwrap();
        let all: Vec<String> = all_needs(&needs, "web").into_iter().collect();
        assert_eq!(all, ["app", "db"]);
    }

    #[test]
    fn an_unknown_need_is_named_with_its_neighbour() {
        let error = check("shop", &needs(&[("db", &[]), ("web", &["bd"])])).unwrap_err();
        assert_eq!(
            Failure::from(error).render(),
            "service `web` of stack `shop` needs `bd`, and there is no such service in it\n  hint: did you mean `db`?"
        );
    }

    #[test]
    fn a_cycle_is_drawn() {
        let error = check(
            "shop",
            &needs(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"]), ("d", &[])]),
        );
        assert_eq!(
            error.unwrap_err().to_string(),
            "services of stack `shop` need each other: b -> c -> b"
        );
        let error = check("shop", &needs(&[("a", &["a"])])).unwrap_err();
        assert!(error.to_string().ends_with("a -> a"));
    }
}
