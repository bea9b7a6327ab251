//! Texts and numbers that name a point in time.

use jiff::civil::DateTime;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::shift::zone;
use crate::time::error::TimeError;

/// Reads RFC 3339 (`2026-01-05T10:00:00Z`), the same with a zone name in brackets, or an HTTP date
/// (`Mon, 05 Jan 2026 10:00:00 GMT`). The offset written is kept.
pub fn parse(text: &str) -> Result<Zoned, TimeError> {
    let text = text.trim();
    if let Ok(zoned) = text.parse::<Zoned>() {
        return Ok(zoned);
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(timestamp.to_zoned(offset_of(text)));
    }
    if let Ok(zoned) = rfc2822::parse(text) {
        return Ok(zoned);
    }
    match text.parse::<DateTime>() {
        Ok(_) => Err(TimeError::NoZone(text.to_string())),
        Err(_) => Err(TimeError::NotATime(text.to_string())),
    }
}

/// As [`parse`]; a text without a zone is a wall clock in `zone_name`, and any other is shown there.
pub fn parse_in(text: &str, zone_name: &str) -> Result<Zoned, TimeError> {
    let zone = zone(zone_name)?;
    match parse(text) {
        Ok(zoned) => Ok(zoned.with_time_zone(zone)),
        Err(TimeError::NoZone(text)) => {
            let civil: DateTime = text
                .parse()
                .map_err(|_| TimeError::NotATime(text.clone()))?;
            civil
                .to_zoned(zone)
                .map_err(|_| TimeError::OutOfRange(text))
        }
        Err(error) => Err(error),
    }
}

/// Reads a text of a `strftime` format; without a zone in it, the text is in UTC.
pub fn parse_as(text: &str, format: &str) -> Result<Zoned, TimeError> {
    let fits = |error: jiff::Error| TimeError::DoesNotFit {
        text: text.to_string(),
        format: format.to_string(),
        reason: error.to_string(),
    };
    let broken = strtime::parse(format, text).map_err(fits)?;
    if let Ok(zoned) = broken.to_zoned() {
        return Ok(zoned);
    }
    if let Ok(civil) = broken.to_datetime() {
        return civil.to_zoned(TimeZone::UTC).map_err(fits);
    }
    let date = broken.to_date().map_err(fits)?;
    date.to_zoned(TimeZone::UTC).map_err(fits)
}

/// As [`parse`], for the point in time alone.
pub fn parse_timestamp(text: &str) -> Result<Timestamp, TimeError> {
    parse(text).map(|zoned| zoned.timestamp())
}

/// Whether a text is a time as JSON APIs write it: date, `T`, time and offset.
pub fn is_rfc3339(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_shape = bytes.len() >= 20 && matches!(bytes[10], b'T' | b't') && bytes[13] == b':';
    has_shape && !text.ends_with(']') && text.parse::<Timestamp>().is_ok()
}

/// Seconds since 1970, in UTC.
pub fn from_epoch_seconds(seconds: f64) -> Result<Zoned, TimeError> {
    let out_of_range = || TimeError::OutOfRange(seconds.to_string());
    let nanos = seconds * 1e9;
    if !nanos.is_finite() {
        return Err(out_of_range());
    }
    // Microseconds are the most a float of today's seconds can hold.
    let micros = (seconds * 1e6).round() as i64;
    let timestamp = Timestamp::from_microsecond(micros).map_err(|_| out_of_range())?;
    Ok(timestamp.to_zoned(TimeZone::UTC))
}

/// Milliseconds since 1970, in UTC.
pub fn from_epoch_millis(millis: i64) -> Result<Zoned, TimeError> {
    let timestamp = Timestamp::from_millisecond(millis)
        .map_err(|_| TimeError::OutOfRange(millis.to_string()))?;
    Ok(timestamp.to_zoned(TimeZone::UTC))
}

/// The zone that an offset at the end of a text fixes.
fn offset_of(text: &str) -> TimeZone {
    jiff::fmt::temporal::Pieces::parse(text)
        .ok()
        .and_then(|pieces| pieces.to_numeric_offset())
        .map_or(TimeZone::UTC, TimeZone::fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_spellings_of_one_moment_are_one_moment() {
        let moment = parse("2026-01-05T10:00:00Z").expect("RFC 3339");
        for text in [
            "2026-01-05T11:00:00+01:00",
            "2026-01-05 10:00:00Z",
            "2026-01-05T10:00:00.000000Z",
            "2026-01-05T10:00:00+00:00[UTC]",
            "Mon, 05 Jan 2026 10:00:00 GMT",
        ] {
            assert_eq!(parse(text).expect(text), moment, "{text}");
        }
        assert_eq!(from_epoch_seconds(1_767_607_200.0), Ok(moment.clone()));
        assert_eq!(from_epoch_millis(1_767_607_200_000), Ok(moment));
    }

    #[test]
    fn the_offset_written_is_kept() {
        assert_eq!(
            parse("2026-01-05T11:00:00+01:00").map(|zoned| zoned.hour()),
            Ok(11)
        );
    }

    #[test]
    fn a_wall_clock_needs_a_zone() {
        let error = parse("2026-01-05T10:00:00").expect_err("no zone");
        assert_eq!(error.to_string(), "`2026-01-05T10:00:00` has no time zone");
        assert_eq!(
            parse_in("2026-01-05T10:00:00", "UTC"),
            parse("2026-01-05T10:00:00Z")
        );
        assert!(matches!(
            parse_in("2026-01-05", "Mars/Olympus"),
            Err(TimeError::UnknownZone(_))
        ));
    }

    #[test]
    fn what_is_no_time_is_named() {
        for text in [
            "yesterday",
            "",
            "2026-13-05T10:00:00Z",
            "2026-02-30T10:00:00Z",
            "10:00",
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!(error, TimeError::NotATime(text.to_string()));
        }
    }

    #[test]
    fn a_format_reads_other_texts() {
        assert_eq!(
            parse_as("05.01.2026 10:00", "%d.%m.%Y %H:%M"),
            parse("2026-01-05T10:00:00Z")
        );
        assert_eq!(
            parse_as("05.01.2026", "%d.%m.%Y"),
            parse("2026-01-05T00:00:00Z")
        );
        assert!(matches!(
            parse_as("x", "%d"),
            Err(TimeError::DoesNotFit { .. })
        ));
    }

    #[test]
    fn only_what_an_api_sends_is_a_time_marker() {
        assert!(is_rfc3339("2026-01-05T10:00:00Z"));
        assert!(is_rfc3339("2026-01-05T10:00:00.123+01:00"));
        for text in [
            "2026-01-05",
            "2026-01-05T10:00:00",
            "2026-01-05T10Z",
            "20260105T100000Z",
            "x",
        ] {
            assert!(!is_rfc3339(text), "{text}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert!(from_epoch_seconds(f64::NAN).is_err());
        assert!(from_epoch_seconds(1e300).is_err());
        assert!(from_epoch_millis(i64::MAX).is_err());
    }
}
