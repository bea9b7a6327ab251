//! Where the value of a secret comes from: the environment of the run, or a file that it names.

use super::suggest;
use super::world::World;
use std::path::{Path, PathBuf};

/// Secrets are keys, tokens and certificates; a larger file is a wrong path.
const LARGEST: u64 = 64 << 10;

/// Why there is no such secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("secret `{name}` is not set")]
    Missing { name: String, near: Option<String> },
    #[error("secret `{name}` is empty: {place} holds nothing")]
    Empty { name: String, place: String },
    #[error("secret `{name}` cannot be read: {why}")]
    Unreadable {
        name: String,
        path: PathBuf,
        why: String,
    },
}

/// The value of the secret `name`, hidden in every report from now on: the variable `name`, else the content of
/// the file that the variable `name_FILE` names, without the line end after it.
pub fn read(world: &World, name: &str) -> Result<String, SecretError> {
    if let Some(known) = world.masker.secret_value(name) {
        return Ok(known);
    }
    let file_variable = format!("{name}_FILE");
    let set = |name: &str| world.env.get(name).filter(|value| !value.is_empty());
    let value = if let Some(value) = set(name) {
        value.clone()
    } else if let Some(path) = set(&file_variable) {
        from_file(name, &world.project.join(path))?
    } else if world.env.contains_key(name) {
        return Err(SecretError::Empty {
            name: name.to_owned(),
            place: format!("the environment variable `{name}`"),
        });
    } else {
        let names = world.env.keys().map(String::as_str);
        return Err(SecretError::Missing {
            name: name.to_owned(),
            near: suggest::nearest(name, names).map(str::to_owned),
        });
    };
    world.masker.add_secret(name, &value);
    Ok(value)
}

fn from_file(name: &str, path: &Path) -> Result<String, SecretError> {
    let unreadable = |why: String| SecretError::Unreadable {
        name: name.to_owned(),
        path: path.to_owned(),
        why,
    };
    let meta = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !meta.is_file() {
        return Err(unreadable("it is no file".into()));
    }
    if meta.len() > LARGEST {
        return Err(unreadable(format!("it is larger than {LARGEST} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let value = text.trim_end_matches(['\r', '\n']);
    if value.is_empty() {
        return Err(SecretError::Empty {
            name: name.to_owned(),
            place: format!("the file {}", path.display()),
        });
    }
    Ok(value.to_owned())
}
