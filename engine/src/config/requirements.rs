//! What `requires: ["browser"]` asks of a machine, and whether the machine has it. Looks at files only: nothing is
//! started.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// The requirements known without configuration. In a line, any one of the alternatives will do.
const BUILT_IN: &[(&str, &[&str])] = &[
    (
        "browser",
        &[
            "chromium-headless-shell | chromium | chromium-browser | google-chrome | google-chrome-stable | $CHROME",
            "chromedriver | /usr/lib/chromium/chromedriver | /usr/lib/chromium-browser/chromedriver | $CHROMEDRIVER",
        ],
    ),
    (
        "postgres",
        &[
            "initdb | /usr/lib/postgresql/*/bin/initdb",
            "postgres | /usr/lib/postgresql/*/bin/postgres",
        ],
    ),
    ("redis", &["redis-server | valkey-server"]),
    ("nginx", &["nginx | /usr/sbin/nginx"]),
    (
        "rabbitmq",
        &["rabbitmq-server | /usr/sbin/rabbitmq-server | /usr/lib/rabbitmq/bin/rabbitmq-server"],
    ),
    ("nats", &["nats-server"]),
    ("minio", &["minio"]),
    ("s3", &["weed | minio | target/servers/bin/weed"]),
    (
        "mongo",
        &["mongod | secantusd-py | target/servers/bin/secantusd-py"],
    ),
    ("docker", &["docker | podman"]),
    ("podman", &["podman"]),
    ("python", &["python3 | python"]),
    ("node", &["node"]),
    ("git", &["git"]),
];

/// What one name asks for: of each line, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement(pub Vec<Vec<Want>>);

/// One thing a machine may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// A program in `PATH`.
    Command(String),
    /// A file, relative to the project; may be a pattern.
    File(String),
    /// A variable that is set and not empty.
    Variable(String),
}

impl Requirement {
    /// Reads lines such as `initdb | /usr/lib/postgresql/*/bin/initdb` or `$STRIPE_KEY`; says which one is not one.
    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let line = |line: &str| {
            let wants = line.split('|').map(|want| match want.trim() {
                "" | "$" => Err(format!(
                    "`{line}` is not a list of programs, files or $VARIABLES separated by `|`"
                )),
                want => Ok(match want.strip_prefix('$') {
                    Some(name) => Want::Variable(name.to_owned()),
                    None if want.contains('/') => Want::File(want.to_owned()),
                    None => Want::Command(want.to_owned()),
                }),
            });
            wants.collect()
        };
        let lines: Vec<_> = lines.into_iter().map(line).collect::<Result<_, _>>()?;
        match lines.is_empty() {
            true => Err("asks for nothing".into()),
            false => Ok(Self(lines)),
        }
    }

    /// What is missing, in words; `None` when nothing is.
    fn missing(&self, env: &BTreeMap<String, String>, project: &Path) -> Option<String> {
        let lacking = |wants: &&Vec<Want>| !wants.iter().any(|want| want.is_here(env, project));
        let lines: Vec<String> = self.0.iter().filter(lacking).map(|w| in_words(w)).collect();
        (!lines.is_empty()).then(|| lines.join("; "))
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |wants: &Vec<Want>| {
            let wants: Vec<String> = wants.iter().map(Want::to_string).collect();
            wants.join(" | ")
        };
        let lines: Vec<String> = self.0.iter().map(line).collect();
        f.write_str(&lines.join(", "))
    }
}

impl fmt::Display for Want {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(name) | Self::File(name) => f.write_str(name),
            Self::Variable(name) => write!(f, "${name}"),
        }
    }
}

impl Want {
    fn is_here(&self, env: &BTreeMap<String, String>, project: &Path) -> bool {
        match self {
            Self::Variable(name) => env.get(name).is_some_and(|value| !value.is_empty()),
            Self::Command(name) => {
                let path = env.get("PATH").map_or("", String::as_str);
                std::env::split_paths(path).any(|dir| is_program(&dir.join(name)))
            }
            Self::File(file) => {
                let whole = project.join(file);
                let pattern = whole.to_string_lossy();
                whole.exists()
                    || glob::glob(&pattern).is_ok_and(|mut found| found.any(|path| path.is_ok()))
            }
        }
    }
}

fn in_words(wants: &[Want]) -> String {
    let names: Vec<String> = wants
        .iter()
        .map(|want| match want {
            Want::Command(name) => format!("`{name}` in PATH"),
            Want::File(file) => format!("the file {file}"),
            Want::Variable(name) => format!("the variable {name}"),
        })
        .collect();
    match names.as_slice() {
        [one] => format!("{one} is missing"),
        many => format!("none of these is there: {}", many.join(", ")),
    }
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// All requirements by name: the built-in ones and those of `[requires]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirements(BTreeMap<String, Requirement>);

impl Requirements {
    /// The built-in ones with `own` added or put in their place.
    pub fn with(own: impl IntoIterator<Item = (String, Requirement)>) -> Self {
        let built_in = BUILT_IN.iter().filter_map(|(name, lines)| {
            let requirement = Requirement::parse(lines.iter().copied()).ok()?;
            Some(((*name).to_owned(), requirement))
        });
        Self(built_in.chain(own).collect())
    }

    /// The names a script may require.
    pub fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Those of `names` that this machine lacks, each with what is missing. Unknown names are left out.
    pub fn absent<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
        env: &BTreeMap<String, String>,
        project: &Path,
    ) -> BTreeMap<String, String> {
        let mut absent = BTreeMap::new();
        let mut seen = std::collections::BTreeSet::new();
        for name in names {
            if !seen.insert(name) {
                continue;
            }
            let missing = self.0.get(name).and_then(|r| r.missing(env, project));
            if let Some(missing) = missing {
                absent.insert(name.to_owned(), missing);
            }
        }
        absent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn machine() -> (tempfile::TempDir, BTreeMap<String, String>) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("v15/bin")).unwrap();
        for (file, mode) in [
            ("chromedriver", 0o755),
            ("chromium", 0o644),
            ("v15/bin/initdb", 0o755),
        ] {
            let path = dir.path().join(file);
            std::fs::write(&path, "").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let path = dir.path().to_string_lossy().into_owned();
        let env = [
            ("PATH".to_owned(), path),
            ("EMPTY".to_owned(), String::new()),
        ];
        (dir, env.into())
    }

    #[test]
    fn c35_a_browser_needs_a_program_that_can_be_run_and_a_driver() {
        let (dir, env) = machine();
        let requirements = Requirements::with([]);
        let absent = requirements.absent(["browser", "browser"], &env, dir.path());
        assert!(absent["browser"].starts_with(
            "none of these is there: `chromium-headless-shell` in PATH, `chromium` in PATH"
        ));
        assert!(!absent["browser"].contains("chromedriver"));
    }

    #[test]
    fn own_requirements_look_for_files_and_variables() {
        let (dir, env) = machine();
        let own = |lines: &[&str]| Requirement::parse(lines.iter().copied()).unwrap();
        let requirements = Requirements::with([
            ("db".to_owned(), own(&["initdb | v*/bin/initdb"])),
            ("stripe".to_owned(), own(&["$STRIPE_KEY", "chromedriver"])),
            ("empty".to_owned(), own(&["$EMPTY"])),
        ]);
        let absent = requirements.absent(["db", "stripe", "empty", "unknown"], &env, dir.path());
        assert_eq!(
            absent.into_iter().collect::<Vec<_>>(),
            [
                (
                    "empty".to_owned(),
                    "the variable EMPTY is missing".to_owned()
                ),
                (
                    "stripe".to_owned(),
                    "the variable STRIPE_KEY is missing".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn every_built_in_requirement_can_be_read() {
        assert_eq!(Requirements::with([]).names().len(), BUILT_IN.len());
        assert!(Requirement::parse(["a | "]).is_err());
        assert!(Requirement::parse([]).is_err());
    }
}
