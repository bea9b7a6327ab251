//! Parameters for PostgreSQL, in its text form: the server reads them by the type it wants, so nothing is guessed.

use std::error::Error;
use std::fmt::Write;

use crate::client::Value;
use bytes::BytesMut;
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type, to_sql_checked};

/// A parameter.
#[derive(Debug)]
pub struct Param<'a> {
    pub value: &'a Value,
    /// Whether a text is a JSON string in a JSON column, as in a file of records, rather than JSON source, as in SQL.
    pub is_record: bool,
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match text(self.value, ty, self.is_record) {
            None => Ok(IsNull::Yes),
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

fn text(value: &Value, ty: &Type, is_record: bool) -> Option<String> {
    let is_json = matches!(*ty, Type::JSON | Type::JSONB);
    let ty = match ty.kind() {
        Kind::Domain(inner) => inner,
        _ => ty,
    };
    Some(match value {
        Value::Null => return None,
        Value::Text(text) if is_json && is_record => {
            serde_json::Value::from(text.as_str()).to_string()
        }
        Value::Text(text) if *ty == Type::BYTEA => hex(text.as_bytes()),
        Value::Text(text) => text.clone(),
        Value::Bytes(bytes) if *ty == Type::BYTEA => hex(bytes),
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::List(items) => match ty.kind() {
            Kind::Array(member) => array(items, member, is_record),
            _ => value.to_json().to_string(),
        },
        Value::Map(_) => value.to_json().to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
    })
}

fn array(items: &[Value], member: &Type, is_record: bool) -> String {
    let one = |item: &Value| match item {
        Value::List(inner) => array(inner, member, is_record),
        item => match text(item, member, is_record) {
            None => "NULL".to_owned(),
            Some(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        },
    };
    format!(
        "{{{}}}",
        items.iter().map(one).collect::<Vec<_>>().join(",")
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("\\x".to_owned(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Sends the bytes the server gave back to it, as a value of the same type.
#[derive(Debug)]
pub struct Echo<'a>(pub &'a [u8]);

impl ToSql for Echo<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(self.0);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_for_the_type_that_is_wanted() {
        let list = Value::List(vec![Value::Text("a \"b\"\\".into()), Value::Null]);
        assert_eq!(
            text(&list, &Type::TEXT_ARRAY, false).as_deref(),
            Some("{\"a \\\"b\\\"\\\\\",NULL}")
        );
        assert_eq!(
            text(&list, &Type::JSONB, false).as_deref(),
            Some("[\"a \\\"b\\\"\\\\\",null]")
        );
        let word = Value::Text("dark".into());
        assert_eq!(text(&word, &Type::JSONB, true).as_deref(), Some("\"dark\""));
        assert_eq!(text(&word, &Type::JSONB, false).as_deref(), Some("dark"));
        assert_eq!(
            text(&Value::Bytes(vec![1, 255]), &Type::BYTEA, false).as_deref(),
            Some("\\x01ff")
        );
    }
}
