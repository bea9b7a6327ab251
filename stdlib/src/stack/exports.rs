//! What a stack tells the world outside: variables for shells and other tools, and its state as a file. Pure.

use crate::service::template::Facts;
use std::collections::BTreeMap;
use std::path::Path;

/// Variables, in the order of their names.
pub type Exports = BTreeMap<String, String>;

/// What is exported of one service: `DB_URL`, `DB_HOST`, `DB_PORT`, `DB_ADMIN_PORT`, `DB_DIR`, and what it published.
pub fn of_service(facts: &Facts) -> Exports {
    let prefix = upper(&facts.name);
    let mut exports = Exports::new();
    let mut add = |name: &str, value: String| exports.insert(format!("{prefix}_{name}"), value);
    for (name, value) in &facts.values {
        add(&upper(name), value.clone());
    }
    if let Some(url) = &facts.url {
        add("URL", url.clone());
    }
    if let Some((_, port)) = facts.ports.first() {
        add("HOST", "127.0.0.1".into());
        add("PORT", port.to_string());
    }
    if facts.ports.len() > 1 {
        for (name, port) in &facts.ports {
            add(&format!("{}_PORT", upper(name)), port.to_string());
        }
    }
    add("DIR", facts.dir.to_string_lossy().into_owned());
    exports
}

/// Names the directory of a stack; where several are up, of one of them.
pub const FOLDER: &str = "SCENARIO_STACK_DIR";

/// The variable that names the directory of this stack and no other.
pub fn folder_variable(stack: &str) -> String {
    format!("{}_STACK_DIR", upper(stack))
}

/// What is exported of a whole stack, before its own `exports`.
pub fn of_stack(name: &str, dir: &Path, services: &[Facts]) -> Exports {
    let dir = dir.to_string_lossy();
    let mut exports = Exports::new();
    exports.insert(FOLDER.into(), dir.clone().into_owned());
    exports.insert(folder_variable(name), dir.into_owned());
    exports.extend(services.iter().flat_map(of_service));
    exports
}

fn upper(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect()
}

/// Lines that `eval` and `source` take.
pub fn lines(exports: &Exports) -> String {
    exports
        .iter()
        .map(|(name, value)| format!("export {name}=\"{}\"\n", escaped(value)))
        .collect()
}

/// A value between double quotes, as a shell reads them.
fn escaped(value: &str) -> String {
    let mut out = String::new();
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn db() -> Facts {
        Facts {
            name: "my-db".into(),
            url: Some("http://127.0.0.1:5433".into()),
            ports: vec![("sql".into(), 5433), ("admin".into(), 5434)],
            dir: "/run/db".into(),
            values: BTreeMap::from([("user".into(), "ada".into())]),
            ..Facts::default()
        }
    }

    #[test]
    fn g4_a_service_is_exported_under_its_name() {
        let exports = of_stack("shop", Path::new("/run"), &[db()]);
        let text = lines(&exports);
        for line in [
            "export MY_DB_URL=\"http://127.0.0.1:5433\"\n",
            "export MY_DB_HOST=\"127.0.0.1\"\n",
            "export MY_DB_PORT=\"5433\"\n",
            "export MY_DB_ADMIN_PORT=\"5434\"\n",
            "export MY_DB_USER=\"ada\"\n",
            "export SCENARIO_STACK_DIR=\"/run\"\n",
            "export SHOP_STACK_DIR=\"/run\"\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
    }

    #[test]
    fn g4_a_shell_reads_back_what_was_written() {
        let value = "a \"b\" $HOME `id` \\ 'c'\nd";
        let exports = Exports::from([("V".into(), value.into())]);
        let script = format!("{}printf %s \"$V\"", lines(&exports));
        let output = std::process::Command::new("/bin/sh")
            .args(["-c", &script])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), value);
    }
}
