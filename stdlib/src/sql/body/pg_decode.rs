//! What PostgreSQL sends, type by type. `None` is a type that is not known here: the server shows it as text.

use std::error::Error;

use super::numeric;
use crate::client::Value;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use tokio_postgres::types::{FromSql, Kind, Type};

/// The bytes of a value of any type.
pub struct Raw<'a>(pub &'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Microseconds from 1970 to 2000, where PostgreSQL counts from.
const EPOCH: i64 = 946_684_800_000_000;

/// A value of `ty`.
pub fn decode(ty: &Type, raw: &[u8]) -> Option<Value> {
    let text = || Some(Value::Text(std::str::from_utf8(raw).ok()?.to_owned()));
    match ty.kind() {
        Kind::Domain(inner) => return decode(inner, raw),
        Kind::Enum(_) => return text(),
        Kind::Array(member) => return array(member, raw),
        Kind::Composite(fields) => return composite(fields, raw),
        _ => {}
    }
    Some(match *ty {
        Type::BOOL => Value::Bool(raw.first()? != &0),
        Type::INT2 => Value::Int(i16::from_be_bytes(raw.try_into().ok()?).into()),
        Type::INT4 => Value::Int(i32::from_be_bytes(raw.try_into().ok()?).into()),
        Type::INT8 => Value::Int(i64::from_be_bytes(raw.try_into().ok()?)),
        Type::OID => Value::Int(u32::from_be_bytes(raw.try_into().ok()?).into()),
        Type::FLOAT4 => {
            // The shortest text of the smaller type, so that 0.1 stays 0.1.
            let number = f32::from_be_bytes(raw.try_into().ok()?);
            Value::Float(number.to_string().parse().ok()?)
        }
        Type::FLOAT8 => Value::Float(f64::from_be_bytes(raw.try_into().ok()?)),
        Type::NUMERIC => numeric::value(&numeric::from_binary(raw)?),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::CHAR | Type::UNKNOWN => {
            return text();
        }
        Type::BYTEA => Value::Bytes(raw.to_vec()),
        Type::UUID => Value::Text(uuid::Uuid::from_slice(raw).ok()?.to_string()),
        Type::JSON => Value::from_json(serde_json::from_slice(raw).ok()?),
        Type::JSONB => Value::from_json(serde_json::from_slice(raw.get(1..)?).ok()?),
        Type::TIMESTAMPTZ => Value::Text(timestamp(raw)?.to_string()),
        Type::TIMESTAMP => {
            let civil = timestamp(raw)?.to_zoned(TimeZone::UTC).datetime();
            Value::Text(civil.to_string())
        }
        Type::DATE => {
            let days = i32::from_be_bytes(raw.try_into().ok()?);
            let epoch = Date::new(2000, 1, 1).ok()?;
            let date = epoch.checked_add(Span::new().try_days(days).ok()?).ok()?;
            Value::Text(date.to_string())
        }
        Type::TIME => {
            let micros = i64::from_be_bytes(raw.try_into().ok()?);
            let span = Span::new().try_microseconds(micros).ok()?;
            Value::Text(Time::midnight().checked_add(span).ok()?.to_string())
        }
        Type::VOID => Value::Null,
        Type::RECORD => return record(raw),
        _ => return None,
    })
}

fn timestamp(raw: &[u8]) -> Option<Timestamp> {
    let micros = i64::from_be_bytes(raw.try_into().ok()?);
    Timestamp::from_microsecond(micros.checked_add(EPOCH)?).ok()
}

/// Takes numbers and parts off the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn int(&mut self) -> Option<i32> {
        let (head, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(i32::from_be_bytes(*head))
    }

    /// A value with its length before it; no length is no value.
    fn part(&mut self) -> Option<Option<&'a [u8]>> {
        let Ok(length) = usize::try_from(self.int()?) else {
            return Some(None);
        };
        let part = self.0.get(..length)?;
        self.0 = &self.0[length..];
        Some(Some(part))
    }

    fn value(&mut self, ty: &Type) -> Option<Value> {
        match self.part()? {
            None => Some(Value::Null),
            Some(raw) => decode(ty, raw),
        }
    }
}

fn array(member: &Type, raw: &[u8]) -> Option<Value> {
    let mut reader = Reader(raw);
    let dimensions = reader.int()?;
    reader.int()?;
    reader.int()?;
    let mut lengths = Vec::new();
    for _ in 0..dimensions {
        lengths.push(reader.int()?);
        reader.int()?;
    }
    fill(member, &lengths, &mut reader)
}

fn fill(member: &Type, lengths: &[i32], reader: &mut Reader<'_>) -> Option<Value> {
    let Some((length, inner)) = lengths.split_first() else {
        return Some(Value::List(Vec::new()));
    };
    let items = (0..*length).map(|_| match inner.is_empty() {
        true => reader.value(member),
        false => fill(member, inner, reader),
    });
    items.collect::<Option<_>>().map(Value::List)
}

fn composite(fields: &[tokio_postgres::types::Field], raw: &[u8]) -> Option<Value> {
    let mut reader = Reader(raw);
    reader.int()?;
    let entries = fields.iter().map(|field| {
        reader.int()?;
        Some((field.name().to_owned(), reader.value(field.type_())?))
    });
    entries.collect::<Option<_>>().map(Value::Map)
}

/// `row(1, 'a')`, whose fields have no names.
fn record(raw: &[u8]) -> Option<Value> {
    let mut reader = Reader(raw);
    let count = reader.int()?;
    let items = (0..count).map(|_| {
        let ty = Type::from_oid(reader.int()? as u32)?;
        reader.value(&ty)
    });
    items.collect::<Option<_>>().map(Value::List)
}
