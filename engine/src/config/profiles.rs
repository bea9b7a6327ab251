//! Which profile is in force and what it stands on. Knows profiles by name, not what is in them.

use super::error::ConfigError;
use super::file::{ConfigFile, Profile};
use super::layers::Origin;
use scenario_stdlib::host::location::Location;
use scenario_stdlib::host::suggest;

/// The profile that is in force when none is chosen; what it sets, all others inherit.
pub const DEFAULT: &str = "default";

/// The profiles that make up `name`, lowest first, without `default`.
pub fn chain<'a>(
    file: &'a ConfigFile,
    name: &str,
    from: &Origin,
) -> Result<Vec<&'a Profile>, ConfigError> {
    let mut chain: Vec<&Profile> = Vec::new();
    let mut names = Vec::new();
    let mut next = (name.to_owned(), from.clone(), None::<Location>);
    while next.0 != DEFAULT {
        let (name, from, at) = next;
        if let Some(start) = names.iter().position(|seen| *seen == name) {
            let mut circle = names.split_off(start);
            circle.push(name);
            return Err(match at {
                Some(at) => ConfigError::ProfileCycle { chain: circle, at },
                None => unknown(file, circle.remove(0), from, None),
            });
        }
        let Some(profile) = file.profiles.get(&name) else {
            return Err(unknown(file, name, from, at));
        };
        names.push(name);
        chain.push(profile);
        let Some((below, at)) = &profile.extends else {
            break;
        };
        let from = Origin::File {
            file: at.file.clone(),
            line: at.line,
        };
        next = (below.clone(), from, Some(at.clone()));
    }
    chain.reverse();
    Ok(chain)
}

fn unknown(file: &ConfigFile, name: String, from: Origin, at: Option<Location>) -> ConfigError {
    let known = file.profiles.keys().map(String::as_str);
    let hint = suggest::hint(&name, known.chain([DEFAULT])).filter(|_| !file.profiles.is_empty());
    let hint = hint.or_else(|| Some(format!("declare it in scenario.toml: [profile.{name}]")));
    ConfigError::UnknownProfile {
        name,
        from,
        hint,
        at,
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::Text;
    use super::*;
    use scenario_stdlib::host::failure::Failure;
    use std::path::Path;

    fn chain_of(toml: &str, name: &str) -> Result<usize, String> {
        let text = Text {
            file: "scenario.toml".into(),
            text: toml.into(),
        };
        let file = super::super::file::read(&text, Path::new("/"), &[]).unwrap();
        chain(&file, name, &Origin::Flag("--profile"))
            .map(|chain| chain.len())
            .map_err(|error| Failure::from(error).render())
    }

    #[test]
    fn a_profile_stands_on_what_it_extends() {
        let toml = "[profile.a]\n[profile.b]\nextends = \"a\"\n[profile.c]\nextends = \"default\"";
        assert_eq!(chain_of(toml, "b"), Ok(2));
        assert_eq!(chain_of(toml, "c"), Ok(1));
        assert_eq!(chain_of(toml, "default"), Ok(0));
    }

    #[test]
    fn an_unknown_profile_has_neighbours() {
        let message = chain_of("[profile.staging]", "stagign").unwrap_err();
        assert_eq!(
            message,
            "there is no profile `stagign` (chosen by --profile)\n  hint: did you mean `staging`?"
        );
        let message = chain_of("", "ci").unwrap_err();
        assert!(message.contains("declare it in scenario.toml: [profile.ci]"));
        let message = chain_of("[profile.a]\nextends = \"aa\"", "a").unwrap_err();
        assert!(message.contains("scenario.toml:2:11"), "{message}");
    }

    #[test]
    fn a_circle_of_profiles_is_drawn() {
        let toml = "[profile.a]\nextends = \"b\"\n[profile.b]\nextends = \"a\"";
        let message = chain_of(toml, "a").unwrap_err();
        assert!(
            message.starts_with("profiles extend each other in a circle: a -> b -> a\n"),
            "{message}"
        );
        let message = chain_of("[profile.a]\nextends = \"a\"", "a").unwrap_err();
        assert!(message.contains("a -> a"), "{message}");
    }
}
