//! What a locator is made of: parts that search below what is there, and parts that choose among it. Pure data, sent to the
//! toolkit as it stands; knows no page.

use super::wording::Wording;
use serde_json::{Map, Value, json};

/// One part, with the words the script said it in.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub part: Part,
    /// `get_by_role("button", "Sign in")`
    pub shown: String,
}

/// Which elements are meant, from the top of a page or frame on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chain(pub Vec<Link>);

/// A step from some elements to others.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Css(String),
    XPath(String),
    Text(Wording),
    Role(Role),
    Label(Wording),
    Placeholder(Wording),
    Alt(Wording),
    Title(Wording),
    TestId {
        id: Wording,
        attribute: String,
    },
    /// Counted from 0, or from the end when negative.
    Nth(i64),
    Filter(Filter),
    And(Chain),
    Or(Chain),
}

/// An ARIA role, and what else is known of the element.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Role {
    pub role: String,
    pub name: Option<Wording>,
    pub include_hidden: bool,
    /// `checked`, `disabled`, `expanded`, `level`, `pressed`, `selected`.
    pub states: Map<String, Value>,
}

/// What the elements that stay have, and have not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    pub has: Option<Chain>,
    pub has_not: Option<Chain>,
    pub has_text: Option<Wording>,
    pub has_not_text: Option<Wording>,
    pub visible: Option<bool>,
}

impl Chain {
    /// The chain with another link.
    pub fn with(&self, part: Part, shown: String) -> Self {
        let mut links = self.0.clone();
        links.push(Link { part, shown });
        Self(links)
    }

    /// The elements of `inner` below those of this chain.
    pub fn then(&self, inner: &Self) -> Self {
        Self(self.0.iter().chain(&inner.0).cloned().collect())
    }

    /// As the toolkit takes it.
    pub fn to_json(&self) -> Value {
        self.0.iter().map(|link| link.part.to_json()).collect()
    }

    /// As the script wrote it, without the page before it.
    pub fn show(&self) -> String {
        let links: Vec<&str> = self.0.iter().map(|link| link.shown.as_str()).collect();
        links.join(".")
    }
}

impl Part {
    fn to_json(&self) -> Value {
        match self {
            Self::Css(css) => json!({ "css": css }),
            Self::XPath(path) => json!({ "xpath": path }),
            Self::Text(text) => json!({ "text": text.to_json() }),
            Self::Role(role) => role.to_json(),
            Self::Label(text) => json!({ "label": text.to_json() }),
            Self::Placeholder(text) => json!({ "placeholder": text.to_json() }),
            Self::Alt(text) => json!({ "alt": text.to_json() }),
            Self::Title(text) => json!({ "title": text.to_json() }),
            Self::TestId { id, attribute } => {
                json!({ "test_id": id.to_json(), "attribute": attribute })
            }
            Self::Nth(nth) => json!({ "nth": nth }),
            Self::Filter(filter) => json!({ "filter": filter.to_json() }),
            Self::And(chain) => json!({ "and": chain.to_json() }),
            Self::Or(chain) => json!({ "or": chain.to_json() }),
        }
    }
}

impl Role {
    fn to_json(&self) -> Value {
        let mut part = self.states.clone();
        part.insert("role".into(), json!(self.role));
        if let Some(name) = &self.name {
            part.insert("name".into(), name.to_json());
        }
        if self.include_hidden {
            part.insert("include_hidden".into(), json!(true));
        }
        Value::Object(part)
    }
}

impl Filter {
    fn to_json(&self) -> Value {
        let mut filter = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                filter.insert(key.into(), value);
            }
        };
        put("has", self.has.as_ref().map(Chain::to_json));
        put("has_not", self.has_not.as_ref().map(Chain::to_json));
        put("has_text", self.has_text.as_ref().map(Wording::to_json));
        put(
            "has_not_text",
            self.has_not_text.as_ref().map(Wording::to_json),
        );
        put("visible", self.visible.map(Value::Bool));
        Value::Object(filter)
    }
}

/// What the text given to `locator(…)` means: `text=…`, XPath when it begins as such or with `xpath=`, else CSS.
pub fn selector(text: &str) -> Part {
    if let Some(words) = text.strip_prefix("text=") {
        let whole = words.len() > 1 && words.starts_with('"') && words.ends_with('"');
        return Part::Text(Wording::Text {
            text: if whole {
                &words[1..words.len() - 1]
            } else {
                words
            }
            .to_owned(),
            exact: whole,
        });
    }
    if let Some(path) = text.strip_prefix("xpath=") {
        return Part::XPath(path.to_owned());
    }
    if text.starts_with("//") || text.starts_with("(//") || text == ".." {
        return Part::XPath(text.to_owned());
    }
    Part::Css(text.strip_prefix("css=").unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o18_a_selector_says_by_its_beginning_what_it_is() {
        assert_eq!(selector("#start"), Part::Css("#start".into()));
        assert_eq!(selector("css=a"), Part::Css("a".into()));
        assert_eq!(selector("//a[1]"), Part::XPath("//a[1]".into()));
        assert_eq!(selector("xpath=a/b"), Part::XPath("a/b".into()));
        assert_eq!(
            selector("text=Sign in"),
            Part::Text(Wording::plain("Sign in"))
        );
        assert_eq!(
            selector("text=\"Sign in\""),
            Part::Text(Wording::plain("Sign in").exactly(true))
        );
    }

    #[test]
    fn a_chain_is_shown_as_it_was_written_and_sent_as_plain_data() {
        let role = Role {
            role: "row".into(),
            name: Some(Wording::plain("Ada")),
            ..Role::default()
        };
        let row = Chain::default().with(Part::Role(role), r#"get_by_role("row", "Ada")"#.into());
        let cell = row.with(Part::Css("td".into()), r#"locator("td")"#.into());
        let last = cell.with(Part::Nth(-1), "last()".into());
        assert_eq!(
            last.show(),
            r#"get_by_role("row", "Ada").locator("td").last()"#
        );
        assert_eq!(
            last.to_json(),
            json!([{ "role": "row", "name": { "text": "Ada" } }, { "css": "td" }, { "nth": -1 }])
        );
        let filter = Filter {
            has: Some(row),
            visible: Some(true),
            ..Filter::default()
        };
        assert_eq!(
            Part::Filter(filter).to_json(),
            json!({ "filter": { "has": [{ "role": "row", "name": { "text": "Ada" } }], "visible": true } })
        );
    }
}
