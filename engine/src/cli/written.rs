//! Scripts that the program writes: where they go, and that they are right.

use super::stored;
use super::tell::Trouble;
use crate::config::Settings;
use crate::source::Library;
use crate::store::{Home, new_run_id};
use jiff::Timestamp;
use scenario_stdlib::host::failure::Failure;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a script goes: to `out` if somebody said so, or else to the first free name in `scenarios/`. With `force` a file
/// that is there is free, too.
pub fn place(
    settings: &Settings,
    out: Option<&Path>,
    stem: &str,
    force: bool,
) -> Result<PathBuf, Failure> {
    let is_free = |path: &PathBuf| force || !path.exists();
    let folder = settings.project.root.join("scenarios");
    let name = |number: usize| match number {
        1 => folder.join(format!("{stem}.rhai")),
        number => folder.join(format!("{stem}_{number}.rhai")),
    };
    let free = match out {
        Some(out) => Some(settings.project.cwd.join(out)).filter(is_free),
        None => (1..1000).map(name).find(is_free),
    };
    free.ok_or_else(|| {
        let taken = out.map_or_else(|| name(1), Path::to_owned);
        Failure::usage(format!("{} exists", taken.display()))
            .hint("name another with -o, or overwrite it with --force")
    })
}

/// `GET /api/orders/{id}` as a file name: `get_api_orders_id`.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            _ if !out.is_empty() && !out.ends_with('_') => out.push('_'),
            _ => {}
        }
    }
    out.truncate(60);
    match out.trim_end_matches('_') {
        "" => "new".into(),
        slug => slug.to_owned(),
    }
}

/// Writes a file, and the folders it is to be in.
pub fn put(path: &Path, text: &[u8]) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::fault(format!("cannot write {}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}

/// What was written must be right, whatever it was made of.
pub fn check(settings: &Settings, file: &Path) -> Result<(), Trouble> {
    let home = Home::new(&settings.project.store);
    let run = new_run_id(Timestamp::now());
    let run_dir = home.run_dir(&run).map_err(stored::trouble)?;
    let world = super::world::world(settings, &run.0, run_dir, settings.http.base_url.clone());
    let library = Library::new(Arc::new(world), settings.project.modules.clone());
    let inside = file.strip_prefix(&settings.project.root).unwrap_or(file);
    library
        .load(&inside.to_string_lossy())
        .map(drop)
        .map_err(Trouble::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_its_file() {
        assert_eq!(slug("GET /api/orders/{id}"), "get_api_orders_id");
        assert_eq!(slug("createOrder"), "createorder");
        assert_eq!(slug("///"), "new");
    }
}
