//! Between [`Value`] and BSON. Pure.

use crate::client::{ClientError, Value};
use crate::sql::body::number;
use jiff::Timestamp;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, Document, oid::ObjectId};

/// BSON for a value. `{"$oid": "…"}` and `{"$date": "…"}` stand for what JSON has no word for.
pub fn to_bson(value: &Value) -> Bson {
    match value {
        Value::Null => Bson::Null,
        Value::Bool(flag) => Bson::Boolean(*flag),
        Value::Int(number) => match i32::try_from(*number) {
            Ok(small) => Bson::Int32(small),
            Err(_) => Bson::Int64(*number),
        },
        Value::Float(number) => Bson::Double(*number),
        Value::Text(text) => Bson::String(text.clone()),
        Value::Bytes(bytes) => Bson::Binary(Binary {
            subtype: BinarySubtype::Generic,
            bytes: bytes.clone(),
        }),
        Value::Time(time) => Bson::DateTime(DateTime::from_millis(time.as_millisecond())),
        Value::List(items) => Bson::Array(items.iter().map(to_bson).collect()),
        Value::Map(entries) => match special(entries) {
            Some(bson) => bson,
            None => Bson::Document(plain(entries)),
        },
    }
}

fn special(entries: &[(String, Value)]) -> Option<Bson> {
    match entries {
        [(key, Value::Text(text))] if key == "$oid" => {
            ObjectId::parse_str(text).ok().map(Bson::ObjectId)
        }
        [(key, Value::Text(text))] if key == "$date" => {
            let time: Timestamp = text.parse().ok()?;
            Some(Bson::DateTime(DateTime::from_millis(time.as_millisecond())))
        }
        _ => None,
    }
}

fn plain(entries: &[(String, Value)]) -> Document {
    entries
        .iter()
        .map(|(key, value)| (key.clone(), to_bson(value)))
        .collect()
}

/// A document for a map.
pub fn document(value: &Value, what: &str) -> Result<Document, ClientError> {
    match value {
        Value::Map(entries) => Ok(plain(entries)),
        other => Err(ClientError::usage(format!(
            "{what} is a map, not {}",
            other.in_words()
        ))),
    }
}

/// Documents for a list of maps.
pub fn documents(value: &Value, what: &str) -> Result<Vec<Document>, ClientError> {
    match value {
        Value::List(items) => items.iter().map(|item| document(item, what)).collect(),
        other => Err(ClientError::usage(format!(
            "expected a list of maps, not {}",
            other.in_words()
        ))),
    }
}

/// What is looked for. Ids are texts in a script: one that could be an ObjectId means either.
pub fn filter(value: &Value) -> Result<Document, ClientError> {
    let mut filter = document(value, "a filter")?;
    if let Ok(text) = filter.get_str("_id")
        && let Ok(id) = ObjectId::parse_str(text)
    {
        let both = vec![Bson::ObjectId(id), Bson::String(text.to_owned())];
        filter.insert("_id", mongodb::bson::doc! { "$in": both });
    }
    Ok(filter)
}

/// What is changed: operators as they are, plain fields are set.
pub fn update(value: &Value) -> Result<Document, ClientError> {
    let change = document(value, "a change")?;
    let operators = change.keys().filter(|key| key.starts_with('$')).count();
    match operators {
        0 if change.is_empty() => Err(ClientError::usage("the change is empty")),
        0 => Ok(mongodb::bson::doc! { "$set": change }),
        all if all == change.len() => Ok(change),
        _ => Err(
            ClientError::usage("a change has either plain fields or operators")
                .hinting("#{ \"$set\": #{ state: \"done\" }, \"$inc\": #{ tries: 1 } }"),
        ),
    }
}

/// An id as a script sees it.
pub fn id_text(id: &Bson) -> Value {
    from_bson(id.clone())
}

/// BSON as a script sees it: ids and times are texts.
pub fn from_bson(bson: Bson) -> Value {
    match bson {
        Bson::Null | Bson::Undefined => Value::Null,
        Bson::Boolean(flag) => Value::Bool(flag),
        Bson::Int32(number) => Value::Int(number.into()),
        Bson::Int64(number) => Value::Int(number),
        Bson::Double(number) => Value::Float(number),
        Bson::String(text) | Bson::Symbol(text) | Bson::JavaScriptCode(text) => Value::Text(text),
        Bson::ObjectId(id) => Value::Text(id.to_hex()),
        Bson::DateTime(time) => match Timestamp::from_millisecond(time.timestamp_millis()) {
            Ok(time) => Value::Text(time.to_string()),
            Err(_) => Value::Int(time.timestamp_millis()),
        },
        Bson::Decimal128(number_) => number(&number_.to_string()),
        Bson::Binary(binary) if binary.subtype == BinarySubtype::Uuid => {
            match uuid::Uuid::from_slice(&binary.bytes) {
                Ok(id) => Value::Text(id.to_string()),
                Err(_) => Value::Bytes(binary.bytes),
            }
        }
        Bson::Binary(binary) => Value::Bytes(binary.bytes),
        Bson::Array(items) => Value::List(items.into_iter().map(from_bson).collect()),
        Bson::Document(document) => Value::Map(
            document
                .into_iter()
                .map(|(key, value)| (key, from_bson(value)))
                .collect(),
        ),
        other => Value::Text(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn value(json: serde_json::Value) -> Value {
        Value::from_json(json)
    }

    #[test]
    fn ids_and_times_come_and_go() {
        let id = "65a1b2c3d4e5f60718293a4b";
        let given = value(
            json!({"_id": {"$oid": id}, "at": {"$date": "2026-01-05T10:00:00Z"}, "n": 5_000_000_000_i64}),
        );
        let bson = to_bson(&given);
        assert!(matches!(
            bson.as_document().and_then(|d| d.get("_id")),
            Some(Bson::ObjectId(_))
        ));
        let back = from_bson(bson).to_json();
        assert_eq!(
            back,
            json!({"_id": id, "at": "2026-01-05T10:00:00Z", "n": 5_000_000_000_i64})
        );
    }

    #[test]
    fn an_id_that_is_text_finds_either() {
        let found = filter(&value(json!({"_id": "65a1b2c3d4e5f60718293a4b"}))).expect("a filter");
        assert!(
            found
                .get_document("_id")
                .is_ok_and(|inner| inner.contains_key("$in"))
        );
        let plain = filter(&value(json!({"_id": "ada"}))).expect("a filter");
        assert!(plain.get_str("_id").is_ok_and(|id| id == "ada"));
    }

    #[test]
    fn plain_fields_of_a_change_are_set() {
        let change = update(&value(json!({"a": 1}))).expect("a change");
        assert!(change.contains_key("$set"));
        let told = update(&value(json!({"a": 1, "$inc": {"b": 1}})))
            .expect_err("mixed")
            .to_string();
        assert_eq!(told, "a change has either plain fields or operators");
    }
}
