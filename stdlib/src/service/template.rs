//! `{{ … }}` in commands, environment and files: what stands for itself, what a name means, and what is wrong with one that
//! means nothing. A name that is not there is an error, never an empty text.

use crate::host::failure::Failure;
use crate::host::suggest;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Object, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// What is known about a service, to itself and to others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub name: String,
    pub url: Option<String>,
    /// The first is the one `port` means.
    pub ports: Vec<(String, u16)>,
    pub pid: Option<i32>,
    /// Its private directory.
    pub dir: PathBuf,
    pub values: BTreeMap<String, String>,
}

/// The names a template may use, beside those of the environment.
pub type Names = BTreeMap<String, Value>;

/// What can be wrong with a template.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("{place} needs itself: {}", path.join(" -> "))]
    Cycle { place: String, path: Vec<String> },
    #[error("{place}: there is no `{name}`")]
    Unknown {
        place: String,
        name: String,
        hint: Option<String>,
    },
    #[error("{place}: {why}")]
    Broken { place: String, why: String },
}

impl TemplateError {
    pub fn failure(&self) -> Failure {
        let mut failure = Failure::usage(self.to_string());
        failure.hint = match self {
            Self::Cycle { .. } => Some("let one of them stand on its own".into()),
            Self::Unknown { hint, .. } => hint.clone(),
            Self::Broken { .. } => Some(
                "braces that are meant as they are: `templates: false`, or {% raw %} … {% endraw %}"
                    .into(),
            ),
        };
        failure
    }
}

impl From<TemplateError> for Failure {
    fn from(error: TemplateError) -> Self {
        error.failure()
    }
}

/// Whether rendering would change anything, or could fail.
pub fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// The text with its names filled in. `place` says whose text it is: "variable `URL`".
pub fn render(place: &str, text: &str, names: &Names) -> Result<String, TemplateError> {
    let environment = environment();
    let broken = |error: &Error| TemplateError::Broken {
        place: place.to_owned(),
        why: in_words(error),
    };
    let template = environment
        .template_from_str(text)
        .map_err(|error| broken(&error))?;
    template
        .render(Value::from(names.clone()))
        .map_err(|error| {
            let missing = || {
                let mut wanted: Vec<String> =
                    template.undeclared_variables(true).into_iter().collect();
                wanted.sort();
                wanted.into_iter().find_map(|path| missing(&path, names))
            };
            match (error.kind(), missing()) {
                (ErrorKind::UndefinedError, Some((name, hint))) => TemplateError::Unknown {
                    place: place.to_owned(),
                    name,
                    hint,
                },
                _ => broken(&error),
            }
        })
}

/// Whether a text can be read as a template at all.
pub fn check(place: &str, text: &str) -> Result<(), TemplateError> {
    let environment = environment();
    environment
        .template_from_str(text)
        .map(drop)
        .map_err(|error| TemplateError::Broken {
            place: place.to_owned(),
            why: in_words(&error),
        })
}

/// The names a text refers to: the first words of their paths, and with `env.` before them those of the environment.
pub fn references(text: &str) -> BTreeSet<String> {
    let environment = environment();
    let Ok(template) = environment.template_from_str(text) else {
        return BTreeSet::new();
    };
    template
        .undeclared_variables(true)
        .into_iter()
        .map(|path| {
            let path = path.strip_prefix("env.").unwrap_or(&path);
            path.split('.').next().unwrap_or(path).to_owned()
        })
        .collect()
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    environment.set_syntax(syntax.unwrap_or_default());
    // A loop that never ends would hold the phase beyond its time.
    environment.set_recursion_limit(50);
    environment
}

fn in_words(error: &Error) -> String {
    let what = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    match error.line() {
        Some(line) => format!("line {line}: {what}"),
        None => what,
    }
}

/// The first part of `path` that leads nowhere, and what could be meant.
fn missing(path: &str, names: &Names) -> Option<(String, Option<String>)> {
    let mut words = path.split('.');
    let first = words.next()?;
    let Some(mut value) = names.get(first).cloned() else {
        let known: Vec<&str> = names.keys().map(String::as_str).collect();
        return Some((first.to_owned(), suggest::hint(first, known)));
    };
    let mut so_far = first.to_owned();
    for word in words {
        so_far = format!("{so_far}.{word}");
        let next = value.get_attr(word).unwrap_or(Value::UNDEFINED);
        if next.is_undefined() {
            let keys: Vec<String> = value
                .try_iter()
                .map(|keys| keys.map(|key| key.to_string()).collect())
                .unwrap_or_default();
            return Some((so_far, suggest::hint(word, keys.iter().map(String::as_str))));
        }
        value = next;
    }
    None
}

/// `{{ port }}` is the first one, `{{ port.admin }}` that of a name.
#[derive(Debug)]
struct Ports(Vec<(String, u16)>);

impl Object for Ports {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, port)| Value::from(*port))
    }

    fn enumerate(self: &Arc<Self>) -> minijinja::value::Enumerator {
        let names = self.0.iter().map(|(name, _)| Value::from(name.as_str()));
        minijinja::value::Enumerator::Values(names.collect())
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.first() {
            Some((_, port)) => write!(f, "{port}"),
            None => Ok(()),
        }
    }
}

impl Facts {
    /// What others may use of it: `{{ db.url }}`, `{{ db.port }}`, `{{ db.values.user }}`.
    pub fn value(&self) -> Value {
        let mut map = self.own();
        map.insert("values".into(), self.values.clone().into());
        // What a service published is also found without the word in between, unless it hides a fact.
        for (name, value) in &self.values {
            map.entry(name.clone())
                .or_insert_with(|| value.as_str().into());
        }
        Value::from(map)
    }

    /// What it may use of itself: `{{ port.web }}`, `{{ dir }}`, `{{ data }}`.
    pub fn own(&self) -> Names {
        let below = |name: &str| Value::from(self.dir.join(name).to_string_lossy().as_ref());
        let mut map = Names::from([
            ("name".into(), self.name.as_str().into()),
            ("dir".into(), self.dir.to_string_lossy().as_ref().into()),
            ("data".into(), below("data")),
            ("log".into(), below("log")),
            ("config".into(), below("config")),
        ]);
        if !self.ports.is_empty() {
            let ports = Value::from_object(Ports(self.ports.clone()));
            map.insert("port".into(), ports.clone());
            map.insert("ports".into(), ports);
        }
        if let Some(url) = &self.url {
            map.insert("url".into(), url.as_str().into());
        }
        if let Some(pid) = self.pid {
            map.insert("pid".into(), pid.into());
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let db = Facts {
            name: "db".into(),
            url: Some("http://127.0.0.1:5433".into()),
            ports: vec![("sql".into(), 5433), ("admin".into(), 5434)],
            dir: "/run/db".into(),
            values: BTreeMap::from([("user".into(), "ada".into())]),
            ..Facts::default()
        };
        let mut names = db.own();
        names.insert("db".into(), db.value());
        names.insert("PORT".into(), "5433".into());
        names
    }

    fn rendered(text: &str) -> String {
        render("file `a`", text, &names()).unwrap()
    }

    fn refused(text: &str) -> String {
        render("file `a`", text, &names())
            .unwrap_err()
            .failure()
            .render()
    }

    #[test]
    fn c24_names_are_filled_in() {
        assert_eq!(
            rendered("{{ port }} {{ port.admin }} {{PORT}}\n"),
            "5433 5434 5433\n"
        );
        assert_eq!(
            rendered("{{ db.url }}/{{ db.user }}"),
            "http://127.0.0.1:5433/ada"
        );
        assert_eq!(rendered("{{ dir }} {{ data }}"), "/run/db /run/db/data");
        assert_eq!(
            rendered("{% for p in port %}{{ p }};{% endfor %}"),
            "sql;admin;"
        );
        assert_eq!(rendered("<a & b>"), "<a & b>");
    }

    #[test]
    fn c24_what_is_not_there_is_named_with_its_neighbour() {
        assert_eq!(
            refused("{{ port.admn }}"),
            "file `a`: there is no `port.admn`\n  hint: did you mean `admin`?"
        );
        assert_eq!(
            refused("a {{ nme }}"),
            "file `a`: there is no `nme`\n  hint: did you mean `name`?"
        );
    }

    #[test]
    fn c24_a_broken_template_names_its_line() {
        let text = refused("ok\n{{ port");
        assert!(text.starts_with("file `a`: line 2: "), "{text}");
    }

    #[test]
    fn references_are_the_first_words() {
        let found = references("{{ A }} {{ env.B }} {{ db.url }} {% if C %}{% endif %}");
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["A", "B", "C", "db"]);
    }
}
