//! One item, and what a client must say to make one. Every field that is wrong is named, not only the first.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::problem::FieldError;

const FIELDS: [&str; 5] = ["sku", "name", "price", "stock", "tags"];
const HIGHEST_PRICE: f64 = 1_000_000.0;
const MOST_TAGS: usize = 10;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Item {
    pub id: u64,
    #[serde(flatten)]
    pub draft: Draft,
    /// Counts the changes; it is the entity tag as well.
    pub version: u64,
    pub updated_at: Timestamp,
}

/// What a client may decide about an item.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Draft {
    pub sku: String,
    pub name: String,
    pub price: f64,
    pub stock: u64,
    pub tags: Vec<String>,
}

impl Draft {
    /// A whole draft (POST, PUT): `sku`, `name` and `price` must be there.
    pub fn whole(sent: &Value) -> Result<Self, Vec<FieldError>> {
        let mut wrong = Vec::new();
        for field in ["sku", "name", "price"] {
            if sent.is_object() && sent.get(field).is_none() {
                wrong.push(FieldError::new(field, "is missing"));
            }
        }
        let mut draft = Self::default();
        draft.apply(sent, &mut wrong);
        if wrong.is_empty() {
            Ok(draft)
        } else {
            Err(wrong)
        }
    }

    /// This draft with some fields replaced (PATCH).
    pub fn patched(&self, sent: &Value) -> Result<Self, Vec<FieldError>> {
        let mut wrong = Vec::new();
        let mut draft = self.clone();
        draft.apply(sent, &mut wrong);
        if wrong.is_empty() {
            Ok(draft)
        } else {
            Err(wrong)
        }
    }

    fn apply(&mut self, sent: &Value, wrong: &mut Vec<FieldError>) {
        let Some(sent) = sent.as_object() else {
            wrong.push(FieldError::new("body", "must be a JSON object"));
            return;
        };
        for name in sent.keys().filter(|name| !FIELDS.contains(&name.as_str())) {
            wrong.push(FieldError::new(
                name,
                format!("is unknown; the fields are {}", FIELDS.join(", ")),
            ));
        }
        let mut set = |field: &str, result: Result<(), String>| {
            if let Err(message) = result {
                wrong.push(FieldError::new(field, message));
            }
        };
        set(
            "sku",
            read(sent, "sku", sku).map(|value| replace(&mut self.sku, value)),
        );
        set(
            "name",
            read(sent, "name", |value| text(value, 100))
                .map(|value| replace(&mut self.name, value)),
        );
        set(
            "price",
            read(sent, "price", price).map(|value| replace(&mut self.price, value)),
        );
        set(
            "stock",
            read(sent, "stock", stock).map(|value| replace(&mut self.stock, value)),
        );
        set(
            "tags",
            read(sent, "tags", tags).map(|value| replace(&mut self.tags, value)),
        );
    }
}

fn replace<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}

fn read<T>(
    sent: &Map<String, Value>,
    field: &str,
    check: impl Fn(&Value) -> Result<T, String>,
) -> Result<Option<T>, String> {
    sent.get(field).map(check).transpose()
}

fn text(value: &Value, longest: usize) -> Result<String, String> {
    match value.as_str().map(str::trim) {
        Some(text) if !text.is_empty() && text.chars().count() <= longest => Ok(text.to_owned()),
        _ => Err(format!("must be text of 1 to {longest} characters")),
    }
}

fn sku(value: &Value) -> Result<String, String> {
    let sku = text(value, 32)?;
    match sku.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        true => Ok(sku.to_uppercase()),
        false => Err("must consist of letters, digits and hyphens".to_owned()),
    }
}

fn price(value: &Value) -> Result<f64, String> {
    match value.as_f64() {
        Some(price) if (0.0..=HIGHEST_PRICE).contains(&price) => Ok(price),
        _ => Err(format!("must be a number between 0 and {HIGHEST_PRICE}")),
    }
}

fn stock(value: &Value) -> Result<u64, String> {
    match value.as_u64() {
        Some(stock) if stock <= 1_000_000 => Ok(stock),
        _ => Err("must be a whole number between 0 and 1000000".to_owned()),
    }
}

fn tags(value: &Value) -> Result<Vec<String>, String> {
    let wrong = || format!("must be a list of at most {MOST_TAGS} texts");
    let list = value
        .as_array()
        .filter(|list| list.len() <= MOST_TAGS)
        .ok_or_else(wrong)?;
    list.iter()
        .map(|tag| text(tag, 30).map_err(|_| wrong()))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(result: Result<Draft, Vec<FieldError>>) -> Vec<String> {
        result
            .expect_err("a refusal")
            .into_iter()
            .map(|error| error.field)
            .collect()
    }

    #[test]
    fn a_draft_is_tidied() {
        let draft =
            Draft::whole(&json!({ "sku": " ab-1 ", "name": "Lamp", "price": 3, "tags": ["new"] }));
        let draft = draft.expect("a draft");
        assert_eq!(
            (draft.sku.as_str(), draft.price, draft.stock),
            ("AB-1", 3.0, 0)
        );
    }

    #[test]
    fn every_wrong_field_is_named() {
        let sent = json!({ "sku": "a b", "price": -1, "stock": 1.5, "tags": "x", "colour": "red" });
        assert_eq!(
            fields(Draft::whole(&sent)),
            ["name", "colour", "sku", "price", "stock", "tags"]
        );
        assert_eq!(fields(Draft::whole(&json!([1]))), ["body"]);
    }

    #[test]
    fn a_patch_keeps_what_it_does_not_name() {
        let draft =
            Draft::whole(&json!({ "sku": "A", "name": "Lamp", "price": 3 })).expect("a draft");
        let patched = draft.patched(&json!({ "price": 4.5 })).expect("a patch");
        assert_eq!((patched.name.as_str(), patched.price), ("Lamp", 4.5));
        assert_eq!(fields(draft.patched(&json!({ "name": "" }))), ["name"]);
    }
}
