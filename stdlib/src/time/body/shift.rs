//! A point in time moved, cut to a unit, shown in a zone or a format.

use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{RoundMode, Span, Unit, Zoned, ZonedArithmetic, ZonedRound};

use crate::host::duration;
use crate::host::suggest::nearest;
use crate::time::error::TimeError;

/// The units a time can be cut to.
pub const UNITS: [&str; 7] = ["second", "minute", "hour", "day", "week", "month", "year"];

/// Moves a time by a duration such as `"1m30s"`, or `"2 months"`, forwards or backwards. Days and longer units keep
/// the wall clock of the time's zone.
pub fn shift(time: &Zoned, by: &str, backwards: bool) -> Result<Zoned, TimeError> {
    let out_of_range = |_| {
        TimeError::OutOfRange(format!(
            "{} {} {by}",
            time,
            if backwards { "-" } else { "+" }
        ))
    };
    let step: ZonedArithmetic = match calendar_span(by) {
        Some(span) => span.into(),
        None => duration::parse(by)?.into(),
    };
    if backwards {
        time.checked_sub(step)
    } else {
        time.checked_add(step)
    }
    .map_err(out_of_range)
}

/// The duration as a span of calendar units; nothing, where it is written in a way that only plain durations know.
fn calendar_span(text: &str) -> Option<Span> {
    let text = text.trim().to_lowercase().replace(" and ", " ");
    // A sign is not part of how durations are written here: `-` is an operator.
    text.starts_with(|c: char| c.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

/// The beginning of the unit that the time is in, in its own zone. Weeks begin on Monday.
pub fn truncate(time: &Zoned, unit: &str) -> Result<Zoned, TimeError> {
    let cut = |unit| time.round(ZonedRound::new().smallest(unit).mode(RoundMode::Trunc));
    let cut = match unit.strip_suffix('s').unwrap_or(unit) {
        "second" => cut(Unit::Second),
        "minute" => cut(Unit::Minute),
        "hour" => cut(Unit::Hour),
        "day" => time.start_of_day(),
        "week" => {
            let days = time.weekday().since(jiff::civil::Weekday::Monday);
            time.checked_sub(Span::new().days(days))
                .and_then(|day| day.start_of_day())
        }
        "month" => time.first_of_month().and_then(|day| day.start_of_day()),
        "year" => time.first_of_year().and_then(|day| day.start_of_day()),
        _ => {
            return Err(TimeError::UnknownUnit {
                unit: unit.to_string(),
                nearest: nearest(unit, UNITS),
            });
        }
    };
    cut.map_err(|_| TimeError::OutOfRange(time.to_string()))
}

/// The same moment on the wall clock of another zone.
pub fn in_zone(time: &Zoned, name: &str) -> Result<Zoned, TimeError> {
    Ok(time.with_time_zone(zone(name)?))
}

pub(super) fn zone(name: &str) -> Result<TimeZone, TimeError> {
    if name.eq_ignore_ascii_case("local") {
        return Ok(TimeZone::system());
    }
    TimeZone::get(name).map_err(|_| TimeError::UnknownZone(name.to_string()))
}

/// The time in a `strftime` format such as `"%Y-%m-%d %H:%M"`.
pub fn format(time: &Zoned, format: &str) -> Result<String, TimeError> {
    strtime::format(format, time).map_err(|error| TimeError::BadFormat {
        format: format.to_string(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    fn at(text: &str) -> Zoned {
        parse(text).expect(text)
    }

    #[test]
    fn c14_durations_as_text_move_a_time() {
        let start = at("2026-01-31T10:00:00Z");
        for (by, then) in [
            ("2m30s", "2026-01-31T10:02:30Z"),
            ("90", "2026-01-31T10:01:30Z"),
            ("1 hour and 5 seconds", "2026-01-31T11:00:05Z"),
            ("2.5 minutes", "2026-01-31T10:02:30Z"),
            ("5 Seconds", "2026-01-31T10:00:05Z"),
            ("2 days", "2026-02-02T10:00:00Z"),
            ("1 month", "2026-02-28T10:00:00Z"),
            ("1 year and 1 month", "2027-02-28T10:00:00Z"),
        ] {
            assert_eq!(shift(&start, by, false), Ok(at(then)), "{by}");
        }
        assert_eq!(shift(&start, "1h", true), Ok(at("2026-01-31T09:00:00Z")));
    }

    #[test]
    fn c14_a_wrong_duration_is_named() {
        let error =
            shift(&at("2026-01-31T10:00:00Z"), "5 hourglasses", false).expect_err("no unit");
        assert_eq!(
            error.to_string(),
            "`5 hourglasses` is not a duration: `hourglasses` is no unit of time"
        );
        assert!(shift(&at("2026-01-31T10:00:00Z"), "-5m", false).is_err());
        assert!(matches!(
            shift(&at("2026-01-31T10:00:00Z"), "9000 years", false),
            Err(TimeError::OutOfRange(_))
        ));
    }

    #[test]
    fn a_time_is_cut_to_the_beginning_of_its_unit() {
        let time = at("2026-03-19T10:47:33.5Z");
        for (unit, then) in [
            ("second", "2026-03-19T10:47:33Z"),
            ("minute", "2026-03-19T10:47:00Z"),
            ("hours", "2026-03-19T10:00:00Z"),
            ("day", "2026-03-19T00:00:00Z"),
            ("week", "2026-03-16T00:00:00Z"),
            ("month", "2026-03-01T00:00:00Z"),
            ("year", "2026-01-01T00:00:00Z"),
        ] {
            assert_eq!(truncate(&time, unit), Ok(at(then)), "{unit}");
        }
        let error = truncate(&time, "mounth").expect_err("no unit");
        assert_eq!(error.hint().as_deref(), Some("did you mean `month`?"));
    }

    #[test]
    fn a_format_writes_and_a_wrong_one_is_named() {
        let time = at("2026-03-09T05:07:00Z");
        assert_eq!(
            format(&time, "%d.%m.%Y %H:%M").as_deref(),
            Ok("09.03.2026 05:07")
        );
        assert!(matches!(
            format(&time, "%!"),
            Err(TimeError::BadFormat { .. })
        ));
    }
}
