//! Which addresses are meant: `**/api/*`, `/api/items`, `http://…`.

use regex::Regex;

/// A pattern for addresses. `*` stands for anything but `/`, `**` for anything, `{a,b}` for either.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Reads one; what begins with `/` is below `base`.
    pub fn parse(text: &str, base: Option<&str>) -> Result<Self, String> {
        let whole = match (text.strip_prefix('/'), base) {
            (Some(rest), Some(base)) => format!("{}/{rest}", base.trim_end_matches('/')),
            (Some(rest), None) => format!("**/{rest}"),
            _ => text.to_owned(),
        };
        let regex = Regex::new(&translated(&whole)).map_err(|error| error.to_string())?;
        Ok(Self {
            text: text.to_owned(),
            regex,
        })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether `url` is meant; a pattern that says nothing of a query means any.
    pub fn is_match(&self, url: &str) -> bool {
        let bare = url.split(['?', '#']).next().unwrap_or(url);
        self.regex.is_match(url) || self.regex.is_match(bare)
    }
}

fn translated(glob: &str) -> String {
    let mut regex = String::from("^");
    let mut rest = glob.chars().peekable();
    let mut depth = 0_usize;
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.next_if_eq(&'*').is_some() => {
                // `**/` also stands for nothing.
                match rest.next_if_eq(&'/') {
                    Some(_) => regex.push_str("(?:.*/)?"),
                    None => regex.push_str(".*"),
                }
            }
            '*' => regex.push_str("[^/]*"),
            '{' => {
                depth += 1;
                regex.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                regex.push(')');
            }
            ',' if depth > 0 => regex.push('|'),
            c => regex.push_str(&regex::escape(&c.to_string())),
        }
    }
    regex.push('$');
    regex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, url: &str, expected: bool) {
        let pattern = Pattern::parse(pattern, Some("http://shop:80/")).unwrap();
        assert_eq!(pattern.is_match(url), expected, "{pattern:?} on {url}");
    }

    #[test]
    fn stars_stay_in_a_part_and_two_do_not() {
        check("**/api/*", "http://shop:80/api/items", true);
        check("**/api/*", "http://shop:80/api/items/1", false);
        check("**/api/**", "http://shop:80/v1/api/items/1", true);
        check("**/*.{png,jpg}", "http://cdn/x/a.jpg", true);
        check("**/*.{png,jpg}", "http://cdn/x/a.gif", false);
        check("**", "data:text/html,x", true);
    }

    #[test]
    fn what_begins_with_a_slash_is_below_the_base() {
        check("/api/items", "http://shop:80/api/items", true);
        check("/api/items", "http://shop:80/api/items?page=2", true);
        check("/api/items", "http://other/api/items", false);
        check(
            "/api/items?page=2",
            "http://shop:80/api/items?page=3",
            false,
        );
    }

    #[test]
    fn a_brace_that_is_not_closed_is_no_pattern() {
        assert!(Pattern::parse("**/{a", None).is_err());
    }
}
