//! The environment as scripts see it. Low to high: `[env]`, `.env`, the `.env` of the scripts' folder; then the same
//! three for the chosen profile (`[profile.P.env]`, `.env.P`, `.env.P` there); then the real environment; then `--env`.

use super::envfile::{self, EnvLine};
use super::error::ConfigError;
use super::layers::{Layer, Layers, Origin, Set};
use super::text::Text;
use super::value::Value;
use std::collections::BTreeMap;
use std::path::{Component, Path};

/// Variables by name, each with where it came from and what it overrides.
pub type Variables = Layers<String>;

/// Env files read so far; later ones may refer to earlier ones.
pub struct EnvFiles<'a> {
    root: &'a Path,
    read: Vec<Text>,
}

impl<'a> EnvFiles<'a> {
    /// None read yet.
    pub fn in_project(root: &'a Path) -> Self {
        Self {
            root,
            read: Vec::new(),
        }
    }

    /// The variables of `file`, relative to the project; none if there is no such file.
    pub fn layer(&mut self, file: &str) -> Result<Layer<String>, ConfigError> {
        let Some(text) = read_text(&self.root.join(file), file)? else {
            return Ok(Layer::new());
        };
        let lines = envfile::read(&text, &self.read)?;
        self.read.push(text);
        let set = |line: EnvLine| {
            let origin = Origin::File {
                file: file.to_owned(),
                line: line.line,
            };
            (line.name, Set::new(line.value, origin))
        };
        Ok(lines.into_iter().map(set).collect())
    }

    /// The variables of the files called `name` in `folders`. Folders beside each other must agree, since neither is
    /// nearer; the names on which they do not are returned too.
    pub fn layers(
        &mut self,
        folders: &[String],
        name: &str,
    ) -> Result<(Vec<Layer<String>>, Vec<ConfigError>), ConfigError> {
        let mut layers: Vec<(&String, Layer<String>)> = Vec::new();
        let mut conflicts = Vec::new();
        for folder in folders {
            let layer = self.layer(&format!("{folder}/{name}"))?;
            for (other, former) in &layers {
                if Path::new(folder).starts_with(other) {
                    continue;
                }
                let both = layer
                    .iter()
                    .filter_map(|(name, set)| Some((name, set, former.get(name)?)));
                for (name, set, former) in both.filter(|(_, a, b)| a.value != b.value) {
                    conflicts.push(ConfigError::EnvConflict {
                        name: name.clone(),
                        first: former.origin.clone(),
                        second: set.origin.clone(),
                    });
                }
            }
            layers.push((folder, layer));
        }
        Ok((layers.into_iter().map(|(_, l)| l).collect(), conflicts))
    }
}

/// The text of a file, or nothing if there is none.
pub fn read_text(path: &Path, file: &str) -> Result<Option<Text>, ConfigError> {
    let file = file.to_owned();
    match std::fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(Text { file, text })),
            Err(_) => Err(ConfigError::NotText { file }),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ConfigError::Unreadable {
            file,
            why: error.to_string(),
        }),
    }
}

/// The `[env]` part of a layer of settings.
pub fn declared(layer: &Layer<Value>) -> Layer<String> {
    let entry = |(name, set): (&String, &Set<Value>)| match (name.strip_prefix("env."), &set.value)
    {
        (Some(name), Value::Text(text)) => {
            Some((name.to_owned(), Set::new(text.clone(), set.origin.clone())))
        }
        _ => None,
    };
    layer.iter().filter_map(entry).collect()
}

/// The environment of the process that started us.
pub fn real(variables: &BTreeMap<String, String>) -> Layer<String> {
    let entry = |(name, value): (&String, &String)| {
        (name.clone(), Set::new(value.clone(), Origin::Environment))
    };
    variables.iter().map(entry).collect()
}

/// `--env NAME=VALUE`, the last one of a name.
pub fn typed(variables: &[(String, String)]) -> Layer<String> {
    let entry = |(name, value): &(String, String)| {
        (name.clone(), Set::new(value.clone(), Origin::Flag("--env")))
    };
    variables.iter().map(entry).collect()
}

/// The folders the scripts are in, relative to the project: those that `scripts` points to, and those of typed paths
/// outside of them. Nearer ones come later.
pub fn script_folders(
    root: &Path,
    cwd: &Path,
    scripts: &[String],
    paths: &[String],
) -> Vec<String> {
    let configured: Vec<String> = scripts
        .iter()
        .filter_map(|pattern| folder_of(root, &root.join(pattern)))
        .collect();
    let covered = |folder: &String| configured.iter().any(|c| Path::new(folder).starts_with(c));
    let typed = paths
        .iter()
        .filter_map(|path| folder_of(root, &cwd.join(path)))
        .filter(|folder| !covered(folder));
    let mut folders: Vec<String> = typed.chain(configured.clone()).collect();
    folders.retain(|folder| !folder.is_empty());
    folders.sort();
    folders.dedup();
    folders
}

/// The part of a path below the project that is surely a folder: up to a script or a wildcard.
fn folder_of(root: &Path, path: &Path) -> Option<String> {
    let mut folder = std::path::PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                folder.pop();
            }
            Component::Normal(name) => {
                let name = name.to_string_lossy();
                if name.contains(['*', '?', '[']) || name.contains(".rhai") {
                    break;
                }
                folder.push(part);
            }
            part => folder.push(part),
        }
    }
    let relative = folder.strip_prefix(root).ok()?;
    Some(relative.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(cwd: &str, scripts: &[&str], paths: &[&str]) -> Vec<String> {
        let texts = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let (scripts, paths) = (texts(scripts), texts(paths));
        script_folders(Path::new("/p"), Path::new(cwd), &scripts, &paths)
    }

    #[test]
    fn p25_the_scripts_folder_is_where_scripts_points_to() {
        let scripts = &["scenarios/**/*.rhai"];
        assert_eq!(folders("/p", scripts, &[]), ["scenarios"]);
        let typed = &["scenarios/shop/a.rhai:12", "./scenarios"];
        assert_eq!(folders("/p", scripts, typed), ["scenarios"]);
        assert_eq!(folders("/p", &["*.rhai"], &["a.rhai"]), [""; 0]);
    }

    #[test]
    fn p25_a_typed_path_elsewhere_counts_with_its_own_folder() {
        let scripts = &["scenarios/**/*.rhai"];
        assert_eq!(
            folders("/p", scripts, &["e2e/*.rhai"]),
            ["e2e", "scenarios"]
        );
        assert_eq!(
            folders("/p/e2e", scripts, &["a.rhai", "../x/b.rhai"]),
            ["e2e", "scenarios", "x"]
        );
        assert_eq!(
            folders("/p", scripts, &["/elsewhere/a.rhai"]),
            ["scenarios"]
        );
    }
}
