//! Durations as people write them: "500ms", "1m30s", "2.5 minutes", "1 hour and 5 seconds", "90".

use std::time::Duration;

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    #[error("a duration is missing")]
    Empty,
    #[error("`{0}` is not a duration: expected a number before `{1}`")]
    NoNumber(String, String),
    #[error("`{0}` is not a duration: `{1}` is no unit of time")]
    Unit(String, String),
    #[error("`{0}` is longer than a duration can be")]
    TooLong(String),
}

impl DurationError {
    /// The next move, the same for each way to get it wrong.
    pub const HINT: &'static str =
        "write it like \"500ms\", \"30s\", \"1m30s\", \"2.5 minutes\" or \"1 hour and 5 seconds\"";
}

const UNITS: &[(&str, f64)] = &[
    ("ns", 1e-9),
    ("us", 1e-6),
    ("ms", 1e-3),
    ("millisecond", 1e-3),
    ("milliseconds", 1e-3),
    ("s", 1.0),
    ("sec", 1.0),
    ("secs", 1.0),
    ("second", 1.0),
    ("seconds", 1.0),
    ("m", 60.0),
    ("min", 60.0),
    ("mins", 60.0),
    ("minute", 60.0),
    ("minutes", 60.0),
    ("h", 3600.0),
    ("hr", 3600.0),
    ("hour", 3600.0),
    ("hours", 3600.0),
    ("d", 86400.0),
    ("day", 86400.0),
    ("days", 86400.0),
    ("w", 604800.0),
    ("week", 604800.0),
    ("weeks", 604800.0),
];

/// Parses a duration; plain digits are seconds.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let whole = || text.trim().to_owned();
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(DurationError::Empty);
    }
    let mut seconds = 0.0;
    let mut first = true;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let Ok(number) = number.parse::<f64>() else {
            let word = rest.split_whitespace().next().unwrap_or(rest);
            return Err(DurationError::NoNumber(whole(), word.to_owned()));
        };
        let after = after.trim_start();
        let end = after
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        let factor = match unit.to_lowercase().as_str() {
            "" if first && next.is_empty() => 1.0,
            lower => UNITS
                .iter()
                .find(|(name, _)| *name == lower)
                .map(|(_, factor)| *factor)
                .ok_or_else(|| {
                    let wrong = if unit.is_empty() { next } else { unit };
                    DurationError::Unit(whole(), wrong.to_owned())
                })?,
        };
        seconds += number * factor;
        first = false;
        rest = next.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        rest = rest.strip_prefix("and ").unwrap_or(rest).trim_start();
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| DurationError::TooLong(whole()))
}

/// Shows a duration briefly, for people: `87ms`, `1.24s`, `2m 05s`, `3h 20m`, `2d 4h`.
pub fn show(duration: Duration) -> String {
    let millis = duration.as_millis();
    let seconds = duration.as_secs();
    match seconds {
        0 if millis == 0 && !duration.is_zero() => format!("{}us", duration.as_micros()),
        0 => format!("{millis}ms"),
        1..60 => {
            let text = format!("{:.2}", duration.as_secs_f64());
            let short = text.trim_end_matches('0').trim_end_matches('.');
            format!("{short}s")
        }
        60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        3600..86400 => format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}d {}h", seconds / 86400, seconds % 86400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c14_durations_as_text() {
        let ms = |text| parse(text).unwrap().as_millis();
        assert_eq!(ms("2m30s"), 150_000);
        assert_eq!(ms("90"), 90_000);
        assert_eq!(ms("1 hour and 5 seconds"), 3_605_000);
        assert_eq!(ms("1 hour and 333 milliseconds"), 3_600_333);
        assert_eq!(ms("2.5 minutes"), 150_000);
        assert_eq!(ms("5 Seconds"), 5_000);
        assert_eq!(ms("500ms"), 500);
        assert_eq!(ms("1h, 2m"), 3_720_000);
    }

    #[test]
    fn c14_a_wrong_unit_is_named() {
        assert_eq!(
            parse("5 hourglasses").unwrap_err().to_string(),
            "`5 hourglasses` is not a duration: `hourglasses` is no unit of time"
        );
        assert_eq!(
            parse("soon").unwrap_err().to_string(),
            "`soon` is not a duration: expected a number before `soon`"
        );
        assert_eq!(parse(" ").unwrap_err(), DurationError::Empty);
        assert!(parse("1 2").is_err());
        assert!(parse("-3s").is_err());
        assert!(parse("99999999999999999999 weeks").is_err());
    }

    #[test]
    fn shown_for_people() {
        let show = |text| show(parse(text).unwrap());
        assert_eq!(show("87ms"), "87ms");
        assert_eq!(show("1240ms"), "1.24s");
        assert_eq!(show("125s"), "2m 05s");
        assert_eq!(show("200m"), "3h 20m");
        assert_eq!(show("52h"), "2d 4h");
    }
}
