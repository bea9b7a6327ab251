//! What must not be shown, judged by its name. Only for showing a configuration: what scripts read with `secret` is
//! masked by value elsewhere.

/// Parts of names that give a secret away wherever they stand.
const ANYWHERE: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "TOKEN",
    "SECRET",
    "CREDENTIAL",
    "AUTHORIZATION",
    "COOKIE",
];

/// Parts that do so only as a word: `API_KEY`, not `KEYBOARD`.
const AS_WORD: &[&str] = &["KEY", "APIKEY", "KEYS", "PAT", "AUTH", "PASS", "PIN"];

/// Whether a name looks as if its value were secret.
pub fn looks_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    ANYWHERE.iter().any(|part| name.contains(part))
        || name
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| AS_WORD.contains(&word) || word.ends_with("APIKEY"))
}

/// A value under `name` as it may be shown.
pub fn shown(name: &str, value: &str, listed: &[String]) -> String {
    let own = name.rsplit('.').next().unwrap_or(name);
    let secret = looks_secret(own) || listed.iter().any(|secret| secret == own);
    if secret && !value.is_empty() {
        return format!("[masked:{own}]");
    }
    without_password(value)
}

/// The password in `scheme://user:password@host`.
pub fn password_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    (!password.is_empty()).then_some(password)
}

/// Hides the password of `scheme://user:password@host`, wherever one stands.
fn without_password(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        out.push_str(head);
        let end = tail
            .find(|c: char| c == '/' || c == '?' || c.is_whitespace())
            .unwrap_or(tail.len());
        let (authority, after) = tail.split_at(end);
        match authority.rsplit_once('@') {
            Some((user, host)) => {
                let name = user.split(':').next().unwrap_or("");
                let mask = if user.contains(':') { ":[masked]" } else { "" };
                out.push_str(&format!("{name}{mask}@{host}"));
            }
            None => out.push_str(authority),
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_secret() {
        for name in [
            "DB_PASSWORD",
            "ghToken",
            "API_KEY",
            "authorization",
            "STRIPE_APIKEY",
        ] {
            assert!(looks_secret(name), "{name}");
        }
        for name in ["KEYBOARD", "MONKEY", "BASE_URL", "PWD", "PATH"] {
            assert!(!looks_secret(name), "{name}");
        }
    }

    #[test]
    fn listed_names_and_passwords_in_urls_are_hidden_too() {
        let listed = ["DSN".to_owned()];
        assert_eq!(shown("env.DSN", "x", &listed), "[masked:DSN]");
        assert_eq!(
            shown("base_url", "https://ada:love@host/a", &[]),
            "https://ada:[masked]@host/a"
        );
        assert_eq!(shown("base_url", "http://a/b@c", &[]), "http://a/b@c");
        assert_eq!(shown("env.TOKEN", "", &[]), "");
        assert_eq!(password_of("https://ada:love@host/a"), Some("love"));
        for url in [
            "https://ada@host",
            "https://host/a:b@c",
            "https://ada:@host",
        ] {
            assert_eq!(password_of(url), None, "{url}");
        }
    }
}
