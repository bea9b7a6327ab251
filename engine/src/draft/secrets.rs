//! What must not stand in a script: it becomes `secret("…")`, whose value comes from the environment.

use std::collections::BTreeMap;

/// Shorter values cannot be hidden in what is shown.
const SHORTEST: usize = 4;

/// The secrets of a script: the name of the variable and its value. An empty value is one that nobody told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Secrets {
    pub found: BTreeMap<String, String>,
}

impl Secrets {
    /// The variable for this value, called after what it is for; `None` if the value may stand in the script.
    pub fn keep(&mut self, purpose: &str, value: &str) -> Option<String> {
        if !value.is_empty() && value.chars().count() < SHORTEST {
            return None;
        }
        let base = variable(purpose);
        let mut name = base.clone();
        let mut number = 2;
        while self.found.get(&name).is_some_and(|known| known != value) {
            name = format!("{base}_{number}");
            number += 1;
        }
        self.found.insert(name.clone(), value.to_owned());
        Some(name)
    }
}

/// Whether a header, field or parameter of this name is nobody else's business.
pub fn is_secret(name: &str) -> bool {
    let name: String = name
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect();
    const PARTS: &[&str] = &[
        "password",
        "passwd",
        "secret",
        "apikey",
        "accesstoken",
        "authtoken",
    ];
    const WHOLE: &[&str] = &[
        "authorization",
        "cookie",
        "token",
        "pwd",
        "pin",
        "xauth",
        "proxyauthorization",
        "refreshtoken",
        "idtoken",
        "privatetoken",
        "sessionid",
        "csrftoken",
        "xcsrftoken",
    ];
    PARTS.iter().any(|part| name.contains(part)) || WHOLE.contains(&name.as_str())
}

/// What the variable for a secret of this purpose is called.
pub(super) fn variable(purpose: &str) -> String {
    let upper: String = purpose
        .chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() => c.to_ascii_uppercase(),
            _ => '_',
        })
        .collect();
    let name = upper.trim_matches('_');
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => name.to_owned(),
        _ => "SECRET".to_owned(),
    }
}
