//! scenario.toml as layers of values: the top of the file and one layer a profile. Strict: an unknown key, a wrong type
//! or a bad value is an error with its place. Reads text, not the disk.

use super::error::ConfigError;
use super::keys;
use super::layers::{Layer, Origin, Set};
use super::requirements::Requirement;
use super::settings::Reporter;
use super::text::Text;
use super::value::{self, Kind, Value, Wrong};
use scenario_stdlib::host::location::Location;
use scenario_stdlib::host::suggest;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A configuration file that was read.
#[derive(Clone, Debug, Default)]
pub struct ConfigFile {
    pub base: Layer<Value>,
    pub profiles: BTreeMap<String, Profile>,
}

/// One `[profile.NAME]`.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    pub layer: Layer<Value>,
    /// The profile below it, and where that is said.
    pub extends: Option<(String, Location)>,
}

/// Reads a whole file and finds all that is wrong with it. `root` is what its paths are relative to; `reporters` are
/// the names there are.
pub fn read(text: &Text, root: &Path, reporters: &[&str]) -> Result<ConfigFile, Vec<ConfigError>> {
    let table = match DeTable::parse(&text.text) {
        Ok(table) => table,
        Err(error) => {
            return Err(vec![ConfigError::Syntax {
                file: text.file.clone(),
                message: error.message().replace('\n', ", "),
                at: text.place(error.span().unwrap_or(0..0)),
            }]);
        }
    };
    let mut reader = Reader {
        text,
        root,
        reporters,
        errors: Vec::new(),
    };
    let file = reader.file(table.get_ref());
    let mut errors = reader.errors;
    if errors.is_empty() {
        return Ok(file);
    }
    errors.sort_by_key(|(start, _)| *start);
    Err(errors.into_iter().map(|(_, error)| error).collect())
}

struct Reader<'a> {
    text: &'a Text,
    root: &'a Path,
    reporters: &'a [&'a str],
    /// With the byte each stands at.
    errors: Vec<(usize, ConfigError)>,
}

type Item<'a> = Spanned<DeValue<'a>>;

impl Reader<'_> {
    fn file(&mut self, table: &DeTable<'_>) -> ConfigFile {
        let mut file = ConfigFile::default();
        let own = &self.text.file.clone();
        for (key, item) in table {
            match (key.get_ref().as_ref(), item.get_ref()) {
                ("profile", DeValue::Table(profiles)) => {
                    for (name, item) in profiles {
                        let profile = self.profile(name.get_ref(), item);
                        file.profiles.insert(name.get_ref().to_string(), profile);
                    }
                }
                ("profile", _) => self.wrong_type("profile", "a table of profiles", item),
                (name, _) => self.setting("", name, key.span(), item, own, &mut file.base),
            }
        }
        file
    }

    fn profile(&mut self, name: &str, item: &Item<'_>) -> Profile {
        let mut profile = Profile::default();
        let Some(table) = item.get_ref().as_table() else {
            self.wrong_type(&format!("profile.{name}"), "a table", item);
            return profile;
        };
        let owner = format!("[profile.{name}]");
        for (key, item) in table {
            match (key.get_ref().as_ref(), item.get_ref()) {
                ("extends", DeValue::String(below)) => {
                    profile.extends = Some((below.to_string(), self.text.place(item.span())));
                }
                ("extends", _) => self.wrong_type("extends", "the name of a profile", item),
                (name, _) => {
                    self.setting("", name, key.span(), item, &owner, &mut profile.layer);
                }
            }
        }
        profile
    }

    /// Reads `name` inside the table `group` into `layer`.
    fn setting(
        &mut self,
        group: &str,
        name: &str,
        key: Range<usize>,
        item: &Item<'_>,
        owner: &str,
        layer: &mut Layer<Value>,
    ) {
        let full = match group {
            "" => name.to_owned(),
            group => format!("{group}.{name}"),
        };
        if let Some(row) = keys::find(&full) {
            if let Some(value) = self.value(&full, row.kind, item) {
                self.put(layer, full, value, item);
            }
        } else if full == keys::REPORTERS {
            if let Some(reporters) = self.reporters(item) {
                self.put(layer, full, Value::Reporters(reporters), item);
            }
        } else if keys::OPEN_TABLES.iter().any(|(table, _)| *table == full) {
            self.open_table(&full, item, layer);
        } else if keys::is_group(&full) {
            let Some(table) = item.get_ref().as_table() else {
                return self.wrong_type(&full, "a table", item);
            };
            let owner = format!("[{full}]");
            for (key, item) in table {
                self.setting(&full, key.get_ref(), key.span(), item, &owner, layer);
            }
        } else {
            let mut known = keys::names_in(group);
            if group.is_empty() {
                known.push(match owner.starts_with('[') {
                    true => "extends",
                    false => "profile",
                });
            }
            self.unknown_key(name, owner, &known, key);
        }
    }

    fn open_table(&mut self, table: &str, item: &Item<'_>, layer: &mut Layer<Value>) {
        let Some(entries) = item.get_ref().as_table() else {
            return self.wrong_type(table, "a table", item);
        };
        for (key, item) in entries {
            let own = match table {
                "http.headers" => key.get_ref().to_lowercase(),
                _ => key.get_ref().to_string(),
            };
            let name = format!("{table}.{own}");
            let value = match table {
                "vars" | "browser.capabilities" => value::json(item.get_ref()).map(Value::Json),
                "requires" => self.requirement(&name, item).map(Value::Requirement),
                _ => value::scalar(item.get_ref()).map(Value::Text),
            };
            match value {
                Ok(value) => self.put(layer, name, value, item),
                Err(wrong) => {
                    let expected = match table {
                        "vars" | "browser.capabilities" => "a JSON value",
                        "requires" => "a list of texts",
                        _ => "text in quotes",
                    };
                    self.wrong(&name, expected.into(), wrong, item);
                }
            }
        }
    }

    fn requirement(&mut self, name: &str, item: &Item<'_>) -> Result<Requirement, Wrong> {
        let Value::Texts(lines) = Kind::Texts.read_toml(item.get_ref())? else {
            return Err(Wrong::Type(value::in_words(item.get_ref())));
        };
        Requirement::parse(lines.iter().map(String::as_str)).map_err(|why| Wrong::Value {
            why,
            hint: Some(format!(
                "{name} = [\"psql | /usr/lib/postgresql/*/bin/psql\"]"
            )),
        })
    }

    fn reporters(&mut self, item: &Item<'_>) -> Option<Vec<Reporter>> {
        let Some(items) = item.get_ref().as_array() else {
            self.wrong_type(keys::REPORTERS, "a list of reporters", item);
            return None;
        };
        items.iter().map(|item| self.reporter(item)).collect()
    }

    fn reporter(&mut self, item: &Item<'_>) -> Option<Reporter> {
        const OPTIONS: [&str; 2] = ["name", "path"];
        let table = match item.get_ref() {
            DeValue::String(name) => return self.reporter_named(name, None, item.span()),
            DeValue::Table(table) => table,
            _ => {
                let expected = "names, or tables such as { name = \"junit\", path = \"out.xml\" }";
                self.wrong_type(keys::REPORTERS, expected, item);
                return None;
            }
        };
        let mut texts = BTreeMap::new();
        for (key, item) in table {
            match (key.get_ref().as_ref(), item.get_ref()) {
                (name, DeValue::String(text)) if OPTIONS.contains(&name) => {
                    texts.insert(name.to_owned(), (text.to_string(), item.span()));
                }
                (name, _) if OPTIONS.contains(&name) => {
                    self.wrong_type(&format!("reporters.{name}"), "text in quotes", item);
                    return None;
                }
                (name, _) => {
                    self.unknown_key(name, "a reporter", &OPTIONS, key.span());
                    return None;
                }
            }
        }
        let Some((name, span)) = texts.remove("name") else {
            let why = "a reporter needs a `name`".to_owned();
            let wrong = Wrong::Value { why, hint: None };
            self.wrong(keys::REPORTERS, String::new(), wrong, item);
            return None;
        };
        let path = texts.remove("path").map(|(path, _)| self.root.join(path));
        self.reporter_named(&name, path, span)
    }

    fn reporter_named(
        &mut self,
        name: &str,
        path: Option<std::path::PathBuf>,
        span: Range<usize>,
    ) -> Option<Reporter> {
        if !self.reporters.contains(&name) {
            let error = ConfigError::UnknownReporter {
                name: name.to_owned(),
                from: self.origin(span.start),
                hint: suggest::hint(name, self.reporters.iter().copied()),
                at: Some(self.text.place(span.clone())),
            };
            self.errors.push((span.start, error));
            return None;
        }
        let name = name.to_owned();
        Some(Reporter { name, path })
    }

    fn value(&mut self, name: &str, kind: Kind, item: &Item<'_>) -> Option<Value> {
        match kind.read_toml(item.get_ref()) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.wrong(name, kind.expected(), wrong, item);
                None
            }
        }
    }

    fn put(&self, layer: &mut Layer<Value>, name: String, value: Value, item: &Item<'_>) {
        let set = Set {
            value,
            origin: self.origin(item.span().start),
            at: Some(self.text.place(item.span())),
        };
        layer.insert(name, set);
    }

    fn origin(&self, byte: usize) -> Origin {
        Origin::File {
            file: self.text.file.clone(),
            line: self.text.line(byte),
        }
    }

    fn wrong(&mut self, key: &str, expected: String, wrong: Wrong, item: &Item<'_>) {
        let at = self.text.place(item.span());
        let key = key.to_owned();
        let error = match wrong {
            Wrong::Type(got) => ConfigError::WrongType {
                key,
                expected,
                got,
                at,
            },
            Wrong::Value { why, hint } => ConfigError::BadValue {
                key,
                why,
                hint,
                from: self.origin(item.span().start),
                at: Some(at),
            },
        };
        self.errors.push((item.span().start, error));
    }

    fn wrong_type(&mut self, key: &str, expected: &str, item: &Item<'_>) {
        let wrong = Wrong::Type(value::in_words(item.get_ref()));
        self.wrong(key, expected.to_owned(), wrong, item);
    }

    fn unknown_key(&mut self, key: &str, owner: &str, known: &[&str], span: Range<usize>) {
        let error = ConfigError::UnknownKey {
            key: key.to_owned(),
            owner: owner.to_owned(),
            hint: suggest::hint(key, known.iter().copied())
                .or_else(|| Some("`scenario help config` lists all keys".into())),
            at: self.text.place(span.clone()),
        };
        self.errors.push((span.start, error));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenario_stdlib::host::failure::Failure;

    fn text(toml: &str) -> Text {
        Text {
            file: "scenario.toml".into(),
            text: toml.into(),
        }
    }

    fn good(toml: &str) -> ConfigFile {
        read(&text(toml), Path::new("/p"), &["terminal", "junit"]).unwrap()
    }

    fn bad(toml: &str) -> Vec<String> {
        let errors = read(&text(toml), Path::new("/p"), &["terminal", "junit"]).unwrap_err();
        errors
            .into_iter()
            .map(|e| Failure::from(e).render())
            .collect()
    }

    #[test]
    fn p9_an_unknown_key_is_an_error_with_its_neighbour() {
        assert_eq!(
            bad("base_ulr = \"http://x\""),
            [
                "scenario.toml has no key `base_ulr`\n  --> scenario.toml:1:1\n   |\n 1 | base_ulr = \"http://x\"\n   | ^^^^^^^^\n  hint: did you mean `base_url`?"
            ]
        );
        assert!(bad("[http]\ntimout = \"1s\"")[0].contains("[http] has no key `timout`"));
        assert!(bad("[profile.ci]\nextend = \"x\"")[0].contains("did you mean `extends`?"));
        assert!(bad("reporters = [{ nam = \"junit\" }]")[0].contains("did you mean `name`?"));
    }

    #[test]
    fn p9_a_wrong_type_is_an_error_with_its_place() {
        assert_eq!(
            bad("jobs = 4\n  retries = \"two\" # many"),
            [
                "`retries` must be a whole number\n  --> scenario.toml:2:13\n   |\n 2 |   retries = \"two\" # many\n   |             ^^^^^ is a text"
            ]
        );
        assert!(bad("scripts = [1]")[0].contains("is a list with a whole number in it"));
        assert!(bad("http = 3")[0].contains("`http` must be a table"));
    }

    #[test]
    fn a_syntax_error_is_drawn() {
        let message = &bad("jobs = \n")[0];
        assert!(
            message.starts_with("scenario.toml is not valid TOML: "),
            "{message}"
        );
        assert!(message.contains("--> scenario.toml:1:"), "{message}");
    }

    #[test]
    fn c14_a_bad_duration_is_an_error_with_its_line() {
        assert_eq!(
            bad("\nphase_timeout = \"5 hourglasses\""),
            [
                "`phase_timeout`: `5 hourglasses` is not a duration: `hourglasses` is no unit of time\n  --> scenario.toml:2:17\n   |\n 2 | phase_timeout = \"5 hourglasses\"\n   |                 ^^^^^^^^^^^^^^^\n  hint: write it like \"500ms\", \"30s\", \"1m30s\", \"2.5 minutes\" or \"1 hour and 5 seconds\""
            ]
        );
    }

    #[test]
    fn all_that_is_wrong_is_said_in_order() {
        let messages = bad("jobs = 0\nflaky = \"pas\"\nreporters = [\"juint\"]\nzzz = 1");
        assert_eq!(messages.len(), 4);
        assert!(messages[0].contains("`jobs`"));
        assert!(messages[1].contains("did you mean `pass`?"));
        assert!(messages[2].contains("there is no reporter `juint`"));
        assert!(messages[3].contains("`zzz`"));
    }

    #[test]
    fn sections_profiles_and_open_tables() {
        let file = good(
            "jobs = \"natural\"\nreporters = [\"terminal\", { name = \"junit\", path = \"out.xml\" }]\n\
             [http.headers]\nAccept = \"a/b\"\n[vars]\nn = 3\nday = 2026-01-02\n\
             [requires]\ndb = [\"initdb | /usr/x\"]\n\
             [profile.ci]\nextends = \"base\"\nretries = 2\nenv = { A = 1 }\n",
        );
        assert_eq!(file.base["jobs"].value, Value::Jobs(None));
        assert_eq!(
            file.base["http.headers.accept"].value,
            Value::Text("a/b".into())
        );
        assert_eq!(
            file.base["vars.day"].value,
            Value::Json("2026-01-02".into())
        );
        let Value::Reporters(reporters) = &file.base["reporters"].value else {
            panic!("no reporters");
        };
        assert_eq!(reporters[1].path.as_deref(), Some(Path::new("/p/out.xml")));
        let ci = &file.profiles["ci"];
        assert_eq!(
            ci.extends.as_ref().map(|(name, _)| name.as_str()),
            Some("base")
        );
        assert_eq!(ci.layer["retries"].origin.to_string(), "scenario.toml:12");
        assert_eq!(ci.layer["env.A"].value, Value::Text("1".into()));
    }

    #[test]
    fn a_requirement_that_asks_for_nothing_is_refused() {
        assert!(bad("[requires]\ndb = []")[0].contains("asks for nothing"));
        assert!(bad("[requires]\ndb = [\"a | \"]")[0].contains("separated by `|`"));
    }
}
