//! Everything a script can say, in one place to look things up: what completion, hover, `:help` and definitions read.

use super::{Entry, Form, OptionKey, entries, entries_of, options, type_word};
use crate::{PRIMITIVES, Primitive};
use rhai::packages::{Package, StandardPackage};

/// A name that is there without being declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalName {
    pub name: &'static str,
    /// The type of its value, in the words of a script.
    pub kind: String,
    /// The primitive it comes with.
    pub primitive: &'static str,
}

/// All entries of all primitives, and Rhai's own functions.
pub struct Book {
    pub globals: Vec<GlobalName>,
    /// Those of the primitives, each with the name of its primitive.
    pub entries: Vec<(&'static str, Entry)>,
    /// Rhai's own.
    pub standard: Vec<Entry>,
    guides: Vec<(&'static str, &'static str)>,
    keys: Vec<Vec<OptionKey>>,
}

impl Book {
    /// The primitives of this crate plus `more` of the caller's.
    pub fn new(more: &[Primitive]) -> Self {
        let mut book = Self {
            globals: Vec::new(),
            entries: Vec::new(),
            standard: entries_of(StandardPackage::new().as_shared_module(), true),
            guides: Vec::new(),
            keys: Vec::new(),
        };
        for primitive in PRIMITIVES.iter().chain(more) {
            let found = entries(primitive);
            for entry in &found {
                let keys = if options::takes_options(entry) {
                    options::keys(entry, &found, primitive.guide)
                } else {
                    Vec::new()
                };
                book.keys.push(keys);
            }
            let named = found.into_iter().map(|entry| (primitive.name, entry));
            book.entries.extend(named);
            book.guides.push((primitive.name, primitive.guide));
            let globals = primitive.globals.iter().map(|(name, make)| GlobalName {
                name,
                kind: type_word(make().type_name()),
                primitive: primitive.name,
            });
            book.globals.extend(globals);
        }
        book
    }

    /// The guide page of a primitive.
    pub fn guide(&self, primitive: &str) -> Option<&'static str> {
        let (_, guide) = self.guides.iter().find(|(name, _)| *name == primitive)?;
        Some(guide)
    }

    pub fn global(&self, name: &str) -> Option<&GlobalName> {
        self.globals.iter().find(|global| global.name == name)
    }

    /// The functions of this name, primitives first.
    pub fn functions<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Entry> {
        self.all()
            .filter(move |entry| entry.form == Form::Function && entry.name == name)
    }

    /// The methods and properties of a type. Type words of data, such as `text`, have those of Rhai.
    pub fn members<'a>(&'a self, kind: &str) -> impl Iterator<Item = &'a Entry> {
        self.all()
            .filter(move |entry| entry.form != Form::Function && belongs(entry, kind))
    }

    /// The methods and properties of this name of a type.
    pub fn member<'a>(&'a self, kind: &str, name: &str) -> impl Iterator<Item = &'a Entry> {
        self.members(kind).filter(move |entry| entry.name == name)
    }

    /// Every entry, Rhai's own last.
    pub fn all(&self) -> impl Iterator<Item = &Entry> {
        let ours = self.entries.iter().map(|(_, entry)| entry);
        ours.chain(&self.standard)
    }

    /// The keys of the option map that an entry takes.
    pub fn options(&self, entry: &Entry) -> &[OptionKey] {
        let index = self.entries.iter().position(|(_, known)| known == entry);
        index.map_or(&[], |index| &self.keys[index])
    }
}

/// What takes any value belongs to data of every type.
fn belongs(entry: &Entry, kind: &str) -> bool {
    entry.receiver == kind || entry.receiver == "value" && super::is_plain(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    #[test]
    fn what_rhai_gives_is_told_in_the_words_of_a_script() {
        let book = Book::new(&[]);
        let returns = |name| {
            book.member("list", name)
                .map(|entry| entry.returns.as_str())
        };
        assert_eq!(returns("map").collect::<BTreeSet<_>>(), ["list"].into());
        let known: BTreeSet<_> = ["map", "filter", "reduce", "some", "find"]
            .into_iter()
            .flat_map(returns)
            .collect();
        assert!(
            known.iter().all(|word| !word.starts_with("Rhai")),
            "{known:?}"
        );
    }

    #[test]
    fn a_global_leads_to_its_methods_and_they_to_what_they_give() {
        let book = Book::new(&[]);
        let http = book.global("http").unwrap();
        let get = book.member(&http.kind, "get").next().unwrap();
        assert_eq!(get.returns, "Response");
        let status = book.member(&get.returns, "status").next().unwrap();
        assert_eq!(
            (status.form, status.returns.as_str()),
            (Form::Property, "integer")
        );
    }

    #[test]
    fn plain_values_have_the_methods_of_rhai() {
        let book = Book::new(&[]);
        let has = |kind: &str, name: &str| book.member(kind, name).next().is_some();
        assert!(has("text", "split") && has("list", "push") && has("map", "keys"));
        assert!(!has("Response", "push"));
    }

    /// The keys that the readers of a folder take, as its sources spell them.
    fn read_keys(folder: &Path, found: &mut BTreeSet<String>) {
        let reader =
            regex::Regex::new(r#"\.(?:text|flag|int|number|duration|texts|map|closure|json|take)\(\s*"([a-z_0-9]+)"\s*(?:\)|,)"#)
                .unwrap();
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                read_keys(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("tests.rs")
            {
                let text = std::fs::read_to_string(&path).unwrap();
                if text.contains("Options::new(") || text.contains("&mut Options") {
                    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                    found.extend(reader.captures_iter(code).map(|key| key[1].to_owned()));
                }
            }
        }
    }

    /// A key that is only in a list somewhere is offered nowhere.
    #[test]
    fn every_option_that_is_read_is_offered_or_told_in_the_guide() {
        let book = Book::new(&[]);
        let mut missing = BTreeMap::new();
        for primitive in PRIMITIVES {
            let folder = match primitive.name {
                "wait_until" => "wait",
                name => name,
            };
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("src")
                .join(folder);
            let mut read = BTreeSet::new();
            read_keys(&folder, &mut read);
            let mut told = primitive.guide.to_owned();
            for (index, (name, entry)) in book.entries.iter().enumerate() {
                if *name == primitive.name {
                    told.push_str(&entry.docs);
                    for key in &book.keys[index] {
                        told.push_str(&format!("`{}`", key.name));
                    }
                }
            }
            let word = |key: &String| {
                regex::Regex::new(&format!(r"\b{key}\b"))
                    .unwrap()
                    .is_match(&told)
            };
            let silent: Vec<String> = read.into_iter().filter(|key| !word(key)).collect();
            if !silent.is_empty() {
                missing.insert(primitive.name, silent);
            }
        }
        assert!(missing.is_empty(), "not documented: {missing:?}");
    }
}
