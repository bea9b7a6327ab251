//! Values laid over each other, each remembering where it came from. Knows no setting by name.

use scenario_stdlib::host::location::Location;
use std::collections::BTreeMap;
use std::fmt;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    /// Found out about the machine; how.
    Machine(String),
    /// A line of scenario.toml or of an env file.
    File {
        file: String,
        line: u32,
    },
    /// A variable of the process that started us.
    Environment,
    /// A `SCENARIO_…` variable, and where that came from.
    Setting {
        name: &'static str,
        from: Box<Origin>,
    },
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Machine(how) => f.write_str(how),
            Self::File { file, line } => write!(f, "{file}:{line}"),
            Self::Environment => f.write_str("environment"),
            Self::Setting { name, from } => write!(f, "{name} ({from})"),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// A value with its origin and, if it stands in a file, its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Set<V> {
    pub value: V,
    pub origin: Origin,
    pub at: Option<Location>,
}

/// Values by name.
pub type Layer<V> = BTreeMap<String, Set<V>>;

impl<V> Set<V> {
    /// A value that stands in no file.
    pub fn new(value: V, origin: Origin) -> Self {
        Self {
            value,
            origin,
            at: None,
        }
    }
}

/// The value in force and what it overrides, lowest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<V> {
    pub set: Set<V>,
    pub overrides: Vec<Origin>,
}

/// All layers so far.
#[derive(Clone, Debug)]
pub struct Layers<V> {
    pub entries: BTreeMap<String, Entry<V>>,
}

impl<V> Default for Layers<V> {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
        }
    }
}

impl<V> Layers<V> {
    /// Lays `layer` on top.
    pub fn lay(&mut self, layer: Layer<V>) {
        for (name, set) in layer {
            match self.entries.get_mut(&name) {
                Some(entry) => {
                    let former = std::mem::replace(&mut entry.set, set);
                    entry.overrides.push(former.origin);
                }
                None => {
                    let overrides = Vec::new();
                    self.entries.insert(name, Entry { set, overrides });
                }
            }
        }
    }

    /// The value in force.
    pub fn get(&self, name: &str) -> Option<&V> {
        self.entries.get(name).map(|entry| &entry.set.value)
    }

    /// The values of an open table, by the user's own names.
    pub fn under<'a>(&'a self, table: &'a str) -> impl Iterator<Item = (&'a str, &'a V)> {
        self.entries.iter().filter_map(move |(name, entry)| {
            let own = name.strip_prefix(table)?.strip_prefix('.')?;
            Some((own, &entry.set.value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(name: &str, value: u64, flag: &'static str) -> Layer<u64> {
        [(name.to_owned(), Set::new(value, Origin::Flag(flag)))].into()
    }

    #[test]
    fn the_last_layer_wins_and_the_others_are_remembered() {
        let mut layers = Layers::default();
        layers.lay(layer("a.b", 1, "--one"));
        layers.lay(layer("a.b", 2, "--two"));
        layers.lay(layer("c", 3, "--three"));
        assert_eq!(layers.get("a.b"), Some(&2));
        let overrides = &layers.entries["a.b"].overrides;
        assert_eq!(overrides, &[Origin::Flag("--one")]);
        let under: Vec<_> = layers.under("a").collect();
        assert_eq!(under, [("b", &2)]);
    }

    #[test]
    fn origins_read_well() {
        let line = Origin::File {
            file: ".env".into(),
            line: 3,
        };
        assert_eq!(line.to_string(), ".env:3");
        let setting = Origin::Setting {
            name: "SCENARIO_JOBS",
            from: Box::new(line),
        };
        assert_eq!(setting.to_string(), "SCENARIO_JOBS (.env:3)");
    }
}
