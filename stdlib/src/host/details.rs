//! What a step or a service has to show, as JSON text: made once, where it arose, and shared by all who store, keep and show it. It takes
//! a tenth of the room that its values would.

use super::json_text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::sync::Arc;

/// A JSON value as it is written; nothing is `null`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details(Option<Arc<str>>);

impl Details {
    pub fn of(data: &Value) -> Self {
        if data.is_null() {
            return Self::default();
        }
        let mut text = Vec::with_capacity(512);
        match json_text::value(data, &mut text) {
            Ok(()) => Self(std::str::from_utf8(&text).ok().map(Arc::from)),
            Err(_) => Self::default(),
        }
    }

    /// Of text that is known to be JSON.
    pub fn written(text: &str) -> Self {
        Self((text != "null").then(|| text.into()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// As it is written; nothing, if there is nothing.
    pub fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub fn read(&self) -> Value {
        let value = self.text().map(serde_json::from_str);
        value.and_then(Result::ok).unwrap_or_default()
    }
}

impl Serialize for Details {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.read().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Details {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::of(&Value::deserialize(from)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_shown_reads_back_the_same() {
        for data in [
            json!(null),
            json!({ "a": [1, "\"\n"] }),
            json!("x"),
            json!(0),
        ] {
            let details = Details::of(&data);
            assert_eq!(details.read(), data);
            assert_eq!(details.is_empty(), data.is_null());
            assert_eq!(Details::written(&data.to_string()), details);
            let text = serde_json::to_string(&details).unwrap();
            assert_eq!(text, data.to_string());
            assert_eq!(serde_json::from_str::<Details>(&text).unwrap(), details);
        }
    }
}
