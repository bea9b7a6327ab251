//! Which requests are meant: a method and a path, with stars.

use super::error::MockError;

/// As in `"POST /users/*/orders"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `None` is any.
    method: Option<String>,
    path: String,
}

impl Route {
    /// Reads a method and a path, or a path alone.
    pub fn parse(text: &str) -> Result<Self, MockError> {
        let wrong = || MockError::Route {
            text: text.to_owned(),
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        let (method, path) = match words.as_slice() {
            [path] => (None, *path),
            [method, path] => (Some(method.to_ascii_uppercase()), *path),
            _ => return Err(wrong()),
        };
        let is_method = |method: &String| method.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !(path.starts_with('/') || path.starts_with('*')) || !method.iter().all(is_method) {
            return Err(wrong());
        }
        Ok(Self {
            method,
            path: path.to_owned(),
        })
    }

    /// Whether a request is meant. What stands behind `?` is not looked at.
    pub fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|meant| meant == method)
            && fits(self.path.as_bytes(), path.as_bytes())
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.method {
            Some(method) => write!(f, "{method} {}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

/// `*` stands for any part without `/`, `**` for anything.
fn fits(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => path.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=path.len()).any(|taken| fits(rest, &path[taken..])),
        [b'*', rest @ ..] => {
            let part = path.iter().take_while(|byte| **byte != b'/').count();
            (0..=part).any(|taken| fits(rest, &path[taken..]))
        }
        [byte, rest @ ..] => path
            .split_first()
            .is_some_and(|(first, path)| first == byte && fits(rest, path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_path_and_stars_say_which_are_meant() {
        let cases = [
            ("POST /chat", "POST", "/chat", true),
            ("post /chat", "POST", "/chat", true),
            ("POST /chat", "GET", "/chat", false),
            ("POST /chat", "POST", "/chat/1", false),
            ("/chat", "DELETE", "/chat", true),
            ("GET /users/*/orders", "GET", "/users/7/orders", true),
            ("GET /users/*/orders", "GET", "/users/7/8/orders", false),
            ("GET /users/*", "GET", "/users/", true),
            ("GET /files/**", "GET", "/files/a/b.txt", true),
            ("**", "PUT", "/anything", true),
        ];
        for (route, method, path, meant) in cases {
            let parsed = Route::parse(route).unwrap();
            assert_eq!(
                parsed.matches(method, path),
                meant,
                "{route}: {method} {path}"
            );
        }
    }

    #[test]
    fn what_is_no_route_is_refused() {
        for text in ["", "chat", "GET chat", "GET /a b", "G3T /a"] {
            assert!(Route::parse(text).is_err(), "{text}");
        }
    }
}
