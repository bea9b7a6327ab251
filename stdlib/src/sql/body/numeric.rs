//! Decimal numbers: exact on the wire, and in a script where a number can hold them. Pure.

use crate::client::Value;

/// A decimal text as a script value: a whole number without a point is an integer, one with a point a float if that is
/// exactly the same number; else it stays text.
pub fn value(text: &str) -> Value {
    if !text.contains(['.', 'e', 'E']) {
        return match text.parse::<i64>() {
            Ok(number) => Value::Int(number),
            Err(_) => Value::Text(text.to_owned()),
        };
    }
    match text.parse::<f64>() {
        Ok(number) if plain(&number.to_string()) == plain(text) => Value::Float(number),
        _ => Value::Text(text.to_owned()),
    }
}

/// Without zeros that say nothing.
fn plain(text: &str) -> &str {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    }
}

/// PostgreSQL's binary form as text.
pub fn from_binary(raw: &[u8]) -> Option<String> {
    let word = |at: usize| {
        Some(u16::from_be_bytes(
            raw.get(at * 2..at * 2 + 2)?.try_into().ok()?,
        ))
    };
    let count = word(0)? as usize;
    let weight = word(1)? as i16;
    let sign = word(2)?;
    let scale = word(3)? as usize;
    match sign {
        0xC000 => return Some("NaN".into()),
        0xD000 => return Some("Infinity".into()),
        0xF000 => return Some("-Infinity".into()),
        _ => {}
    }
    let digit = |place: i32| -> Option<u16> {
        match usize::try_from(place) {
            Ok(place) if place < count => word(4 + place),
            _ => Some(0),
        }
    };
    let mut out = String::new();
    if sign == 0x4000 {
        out.push('-');
    }
    let weight = i32::from(weight);
    if weight < 0 {
        out.push('0');
    }
    for place in 0..=weight {
        let group = digit(place)?;
        match place {
            0 => out.push_str(&group.to_string()),
            _ => out.push_str(&format!("{group:04}")),
        }
    }
    if scale > 0 {
        let mut fraction = String::new();
        let mut place = weight + 1;
        while fraction.len() < scale {
            fraction.push_str(&format!("{:04}", digit(place)?));
            place += 1;
        }
        out.push('.');
        out.push_str(&fraction[..scale]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_where_it_holds_it_exactly() {
        assert_eq!(value("42"), Value::Int(42));
        assert_eq!(value("12.50"), Value::Float(12.5));
        assert_eq!(value("0.10"), Value::Float(0.1));
        assert_eq!(value("10.00"), Value::Float(10.0));
        let long = "1234567890.12345678901234567890";
        assert_eq!(value(long), Value::Text(long.into()));
        assert_eq!(
            value("99999999999999999999"),
            Value::Text("99999999999999999999".into())
        );
        assert_eq!(value("NaN"), Value::Text("NaN".into()));
    }

    #[test]
    fn the_binary_form_is_read() {
        let of = |words: &[u16]| {
            let raw: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
            from_binary(&raw).expect("a number")
        };
        assert_eq!(of(&[2, 0, 0, 2, 12, 5000]), "12.50");
        assert_eq!(of(&[2, 1, 0x4000, 0, 1, 2]), "-10002");
        assert_eq!(of(&[1, 0xFFFF, 0, 4, 12]), "0.0012");
        assert_eq!(of(&[1, 0xFFFE, 0, 8, 12]), "0.00000012");
        assert_eq!(of(&[0, 0, 0, 2]), "0.00");
        assert_eq!(of(&[1, 1, 0, 0, 5]), "50000");
    }
}
