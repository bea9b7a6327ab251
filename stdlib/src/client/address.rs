//! Which server a URL of a script means. Pure: nothing is asked of the network.

use super::error::ClientError;
use crate::host::mask::Masker;
use crate::host::suggest;
use url::{Host, Url};

/// A kind of server: what its URLs look like.
#[derive(Debug)]
pub struct Service {
    /// As messages call it.
    pub name: &'static str,
    pub schemes: &'static [Scheme],
    /// Shown when a URL is wrong.
    pub example: &'static str,
}

/// One way to begin a URL.
#[derive(Debug)]
pub struct Scheme {
    pub name: &'static str,
    pub port: u16,
    pub tls: bool,
}

/// A URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// What kind of server it is, as messages call it.
    pub service: &'static str,
    pub scheme: String,
    pub user: Option<String>,
    pub password: Option<String>,
    /// Without brackets.
    pub host: String,
    pub port: u16,
    pub tls: bool,
    /// Behind the slash, decoded.
    pub path: String,
    pub query: Vec<(String, String)>,
}

impl Address {
    /// Takes a URL apart.
    pub fn parse(given: &str, service: &Service) -> Result<Self, ClientError> {
        let wrong = |reason: &str| ClientError::BadAddress {
            given: without_password(given),
            reason: reason.to_owned(),
            hint: Some(format!("write it like \"{}\"", service.example)),
        };
        let Some((scheme, _)) = given.split_once("://") else {
            return Err(wrong("it does not begin with a scheme"));
        };
        let Some(known) = service.schemes.iter().find(|known| known.name == scheme) else {
            let names = service.schemes.iter().map(|known| known.name);
            let near = suggest::nearest(scheme, names.clone()).map(str::to_owned);
            let error = wrong(&format!("`{scheme}` is no scheme of {}", service.name));
            return Err(match near {
                Some(near) => error.hinting(format!("did you mean `{near}`?")),
                None => error.hinting(format!(
                    "known are: {}",
                    names.collect::<Vec<_>>().join(", ")
                )),
            });
        };
        let url = Url::parse(given).map_err(|error| wrong(&error.to_string()))?;
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        // The directory of a socket stands in the query: `postgres:///shop?host=/run/postgresql`.
        let socket = query.iter().find(|(key, _)| key == "host");
        let host = match (url.host(), socket) {
            (_, Some((_, socket))) => socket.clone(),
            (Some(Host::Ipv6(address)), _) => address.to_string(),
            (Some(host), _) => host.to_string(),
            (None, _) => String::new(),
        };
        if host.is_empty() {
            return Err(wrong("it names no host"));
        }
        let decode = |text: &str| decoded(text).ok_or_else(|| wrong("a % stands for no character"));
        let part = |text: &str| match text.is_empty() {
            true => Ok(None),
            false => decode(text).map(Some),
        };
        Ok(Self {
            service: service.name,
            scheme: scheme.to_owned(),
            user: part(url.username())?,
            password: url.password().map(decode).transpose()?,
            host: decode(&host)?,
            port: url.port().unwrap_or(known.port),
            tls: known.tls,
            path: decode(url.path().trim_start_matches('/'))?,
            query,
        })
    }

    /// `postgres at 127.0.0.1:5432`.
    pub fn server(&self) -> String {
        format!("{} at {}", self.service, self.endpoint())
    }

    /// `127.0.0.1:5432`, `[::1]:5432`.
    pub fn endpoint(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }

    /// Takes the value of a query parameter.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let at = self.query.iter().position(|(key, _)| key == name)?;
        Some(self.query.remove(at).1)
    }

    /// Hides the password from now on. One that is the same as another part of the URL is no secret, and hiding it
    /// would blank out ordinary text.
    pub fn hide_password(&self, masker: &Masker) {
        if let Some(password) = &self.password {
            hide(
                masker,
                self.service,
                password,
                &[&self.user.clone().unwrap_or_default(), &self.path],
            );
        }
    }
}

/// Hides a password of `service`, unless it is the same as one of the `open` words or the name of the service.
pub fn hide(masker: &Masker, service: &str, password: &str, open: &[&str]) {
    let is_open = open.contains(&password) || password == service;
    if !is_open {
        masker.add(&format!("{service} password"), password);
    }
}

/// A URL as it may be shown.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => {
            let user = rest[..at].split(':').next().unwrap_or_default();
            format!("{scheme}://{user}{}", &rest[at..])
        }
        None => url.to_owned(),
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REDIS: Service = Service {
        name: "redis",
        schemes: &[
            Scheme {
                name: "redis",
                port: 6379,
                tls: false,
            },
            Scheme {
                name: "rediss",
                port: 6379,
                tls: true,
            },
        ],
        example: "redis://127.0.0.1:6379/0",
    };

    fn told(url: &str) -> String {
        crate::host::failure::Failure::from(Address::parse(url, &REDIS).expect_err("refused"))
            .render()
    }

    #[test]
    fn a_url_is_taken_apart() {
        let address =
            Address::parse("rediss://ada:p%40ss@[::1]:7000/2?db=3", &REDIS).expect("fine");
        assert_eq!(address.server(), "redis at [::1]:7000");
        assert_eq!(address.password.as_deref(), Some("p@ss"));
        assert!(address.tls && address.path == "2" && address.query.len() == 1);
        let plain = Address::parse("redis://localhost", &REDIS).expect("fine");
        assert_eq!((plain.port, plain.user), (6379, None));
    }

    #[test]
    fn p26_a_wrong_scheme_is_named_with_its_neighbour() {
        assert_eq!(
            told("redi://:hunter22@h/1"),
            "bad address `redi://@h/1`: `redi` is no scheme of redis\n  hint: did you mean `redis`?"
        );
        assert_eq!(
            told("http://h"),
            "bad address `http://h`: `http` is no scheme of redis\n  hint: known are: redis, rediss"
        );
        assert_eq!(
            told("localhost"),
            "bad address `localhost`: it does not begin with a scheme\n  hint: write it like \"redis://127.0.0.1:6379/0\""
        );
        assert!(
            told("redis://h:99999").contains("invalid port number"),
            "{}",
            told("redis://h:99999")
        );
    }

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(without_password("a://u:p@ss@h/x"), "a://u@h/x");
        assert_eq!(without_password("a://u:p"), "a://u:p");
        let masker = Masker::default();
        Address::parse("redis://ada:lovelace@h", &REDIS)
            .expect("fine")
            .hide_password(&masker);
        assert_eq!(masker.mask("lovelace"), "[masked:redis password]");
        Address::parse("redis://guest:guest@h", &REDIS)
            .expect("fine")
            .hide_password(&masker);
        assert_eq!(masker.mask("guest"), "guest");
    }
}
