//! The names scripts use.

use jiff::tz::TimeZone;
use jiff::{Timestamp, TimestampRound, Unit, Zoned};
use rhai::plugin::*;
use rhai::{Array, Dynamic, ImmutableString, Map, NativeCallContext};

use super::Time;
use super::body;
use super::error::TimeError;
use crate::host::failure::{Code, Failure};
use crate::host::json;
use crate::host::script::{self, Raise};

#[export_module]
pub mod making {
    /// The present time in UTC, to the microsecond. Refused while a file is loaded, because another process would get
    /// another time: put it on `state`.
    ///
    /// ```rhai
    /// let began = now();
    /// assert now() >= began;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn now(ctx: NativeCallContext) -> Result<Time, Raise> {
        script::attempt(&ctx)?;
        let now = Timestamp::now();
        // What databases and APIs keep; the rest would be lost on the way and make equal times differ.
        let now = now.round(
            TimestampRound::new()
                .smallest(Unit::Microsecond)
                .mode(jiff::RoundMode::Trunc),
        );
        Ok(Time(now.unwrap_or_default().to_zoned(TimeZone::UTC)))
    }

    /// Reads a time: RFC 3339 (`2026-01-05T10:00:00Z`), the same with a zone in brackets, or an HTTP date.
    ///
    /// ```rhai
    /// assert time("2026-01-05T11:00:00+01:00") == time("Mon, 05 Jan 2026 10:00:00 GMT");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn time(ctx: NativeCallContext, text: &str) -> Result<Time, Raise> {
        raised(&ctx, body::parse(text))
    }

    /// Reads a time that has no zone of its own as the wall clock of `zone`, such as `"Europe/Paris"`; a time with a
    /// zone is shown in that one.
    ///
    /// ```rhai
    /// assert time("2026-01-05 10:00", "UTC") == time("2026-01-05T10:00:00Z");
    /// ```
    #[rhai_fn(name = "time", return_raw)]
    pub fn time_in(ctx: NativeCallContext, text: &str, zone: &str) -> Result<Time, Raise> {
        raised(&ctx, body::parse_in(text, zone))
    }

    /// Reads a time written in a `strftime` format; in UTC when the format has no zone.
    ///
    /// ```rhai
    /// assert parse_time("05.01.2026 10:00", "%d.%m.%Y %H:%M") == time("2026-01-05T10:00:00Z");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn parse_time(ctx: NativeCallContext, text: &str, format: &str) -> Result<Time, Raise> {
        raised(&ctx, body::parse_as(text, format))
    }

    /// The time so many seconds after the beginning of 1970, in UTC.
    ///
    /// ```rhai
    /// assert from_epoch(1767607200) == time("2026-01-05T10:00:00Z");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn from_epoch(ctx: NativeCallContext, seconds: i64) -> Result<Time, Raise> {
        raised(&ctx, body::from_epoch_seconds(seconds as f64))
    }

    /// As `from_epoch(seconds)`, with a fraction.
    #[rhai_fn(name = "from_epoch", return_raw)]
    pub fn from_epoch_fraction(ctx: NativeCallContext, seconds: f64) -> Result<Time, Raise> {
        raised(&ctx, body::from_epoch_seconds(seconds))
    }

    /// The time so many milliseconds after the beginning of 1970, in UTC.
    ///
    /// ```rhai
    /// assert from_epoch_ms(1767607200000) == time("2026-01-05T10:00:00Z");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn from_epoch_ms(ctx: NativeCallContext, milliseconds: i64) -> Result<Time, Raise> {
        raised(&ctx, body::from_epoch_millis(milliseconds))
    }

    /// How far apart several times are: a map with `count`, `gaps` (seconds from each to the next), `avg`, `min` and
    /// `max` (`()` for fewer than two). The times may be times, RFC 3339 texts or seconds since 1970, in any order.
    ///
    /// ```rhai
    /// let pace = intervals(["2026-01-05T10:00:00Z", "2026-01-05T10:00:05Z", "2026-01-05T10:00:10.5Z"]);
    /// assert pace.count == 3;
    /// expect(pace.avg).to_be_close_to(5, 1);
    /// expect(pace.max).to_be_less_than(6.5);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn intervals(ctx: NativeCallContext, times: Array) -> Result<Map, Raise> {
        let moments = times
            .iter()
            .enumerate()
            .map(|(at, value)| moment(&ctx, at, value));
        let moments = moments.collect::<Result<Vec<_>, _>>()?;
        let seen = body::intervals(&moments);
        let optional = |value: Option<f64>| value.map_or(Dynamic::UNIT, Dynamic::from);
        let gaps: Array = seen.gaps.into_iter().map(Dynamic::from).collect();
        Ok(Map::from([
            ("count".into(), (seen.count as i64).into()),
            ("gaps".into(), gaps.into()),
            ("avg".into(), optional(seen.avg)),
            ("min".into(), optional(seen.min)),
            ("max".into(), optional(seen.max)),
        ]))
    }
}

#[export_module]
pub mod arithmetic {
    /// A later time: `now() + "1h30m"`, `now() + "2 months"`. Days and longer units keep the wall clock of the zone.
    ///
    /// ```rhai
    /// assert time("2026-01-31T10:00:00Z") + "1 month" == time("2026-02-28T10:00:00Z");
    /// ```
    #[rhai_fn(name = "+", return_raw)]
    pub fn later(ctx: NativeCallContext, time: Time, duration: &str) -> Result<Time, Raise> {
        raised(&ctx, body::shift(&time.0, duration, false))
    }

    /// An earlier time: `now() - "5m"`.
    ///
    /// ```rhai
    /// assert time("2026-01-05T10:00:00Z") - "90s" == time("2026-01-05T09:58:30Z");
    /// ```
    #[rhai_fn(name = "-", return_raw)]
    pub fn earlier(ctx: NativeCallContext, time: Time, duration: &str) -> Result<Time, Raise> {
        raised(&ctx, body::shift(&time.0, duration, true))
    }

    /// Seconds from `earlier` to `later`; negative when they are the other way round.
    ///
    /// ```rhai
    /// assert time("2026-01-05T10:01:00Z") - time("2026-01-05T10:00:00Z") == 60.0;
    /// ```
    #[rhai_fn(name = "-")]
    pub fn difference(later: Time, earlier: Time) -> f64 {
        later
            .timestamp()
            .duration_since(earlier.timestamp())
            .as_secs_f64()
    }

    /// Whether two times are the same point in time, in whatever zone they are written.
    ///
    /// ```rhai
    /// assert time("2026-01-05T10:00:00Z") == time("2026-01-05T11:00:00+01:00");
    /// ```
    #[rhai_fn(name = "==")]
    pub fn equal(left: Time, right: Time) -> bool {
        left.timestamp() == right.timestamp()
    }

    /// Whether two times are different points in time.
    ///
    /// ```rhai
    /// assert time("2026-01-05T10:00:00Z") != time("2026-01-05T10:00:00.001Z");
    /// ```
    #[rhai_fn(name = "!=")]
    pub fn unequal(left: Time, right: Time) -> bool {
        left.timestamp() != right.timestamp()
    }

    /// Whether a time is earlier than another.
    ///
    /// ```rhai
    /// assert time("2026-01-05T10:00:00Z") < now();
    /// ```
    #[rhai_fn(name = "<")]
    pub fn before(left: Time, right: Time) -> bool {
        left.timestamp() < right.timestamp()
    }

    /// Whether a time is earlier than another, or the same.
    ///
    /// ```rhai
    /// assert time("2026-01-05T10:00:00Z") <= time("2026-01-05T10:00:00Z");
    /// ```
    #[rhai_fn(name = "<=")]
    pub fn not_after(left: Time, right: Time) -> bool {
        left.timestamp() <= right.timestamp()
    }

    /// Whether a time is later than another.
    ///
    /// ```rhai
    /// assert now() > time("2026-01-05T10:00:00Z");
    /// ```
    #[rhai_fn(name = ">")]
    pub fn after(left: Time, right: Time) -> bool {
        left.timestamp() > right.timestamp()
    }

    /// Whether a time is later than another, or the same.
    ///
    /// ```rhai
    /// assert time("2026-01-05T10:00:00Z") >= time("2026-01-05T10:00:00Z");
    /// ```
    #[rhai_fn(name = ">=")]
    pub fn not_before(left: Time, right: Time) -> bool {
        left.timestamp() >= right.timestamp()
    }
}

#[export_module]
pub mod reading {
    /// The time in a `strftime` format.
    ///
    /// ```rhai
    /// assert time("2026-01-05T10:07:00Z").format("%d.%m.%Y %H:%M") == "05.01.2026 10:07";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn format(ctx: NativeCallContext, time: &mut Time, format: &str) -> Result<String, Raise> {
        body::format(&time.0, format).map_err(|error| raise(&ctx, &error))
    }

    /// The same moment on the wall clock of another zone, such as `"Europe/Paris"`, `"UTC"` or `"local"`.
    ///
    /// ```rhai
    /// assert time("2026-01-05T11:00:00+01:00").in_zone("UTC").hour == 10;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn in_zone(ctx: NativeCallContext, time: &mut Time, zone: &str) -> Result<Time, Raise> {
        raised(&ctx, body::in_zone(&time.0, zone))
    }

    /// The beginning of the `second`, `minute`, `hour`, `day`, `week` (Monday), `month` or `year` that the time is in.
    ///
    /// ```rhai
    /// assert time("2026-01-05T10:07:33Z").truncate("hour") == time("2026-01-05T10:00:00Z");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn truncate(ctx: NativeCallContext, time: &mut Time, unit: &str) -> Result<Time, Raise> {
        raised(&ctx, body::truncate(&time.0, unit))
    }

    /// The year, in the zone of the time.
    #[rhai_fn(get = "year", pure)]
    pub fn year(time: &mut Time) -> i64 {
        time.0.year().into()
    }

    /// From 1 to 12.
    #[rhai_fn(get = "month", pure)]
    pub fn month(time: &mut Time) -> i64 {
        time.0.month().into()
    }

    /// The day of the month.
    #[rhai_fn(get = "day", pure)]
    pub fn day(time: &mut Time) -> i64 {
        time.0.day().into()
    }

    /// From 0 to 23, in the zone of the time.
    #[rhai_fn(get = "hour", pure)]
    pub fn hour(time: &mut Time) -> i64 {
        time.0.hour().into()
    }

    /// From 0 to 59.
    #[rhai_fn(get = "minute", pure)]
    pub fn minute(time: &mut Time) -> i64 {
        time.0.minute().into()
    }

    /// From 0 to 59.
    #[rhai_fn(get = "second", pure)]
    pub fn second(time: &mut Time) -> i64 {
        time.0.second().into()
    }

    /// `Monday` to `Sunday`.
    #[rhai_fn(get = "weekday", pure)]
    pub fn weekday(time: &mut Time) -> String {
        time.0.strftime("%A").to_string()
    }

    /// The day as `2026-01-05`.
    #[rhai_fn(get = "date", pure)]
    pub fn date(time: &mut Time) -> String {
        time.0.date().to_string()
    }

    /// Whole seconds since the beginning of 1970.
    #[rhai_fn(get = "epoch", pure)]
    pub fn epoch(time: &mut Time) -> i64 {
        time.timestamp().as_second()
    }

    /// Milliseconds since the beginning of 1970.
    #[rhai_fn(get = "epoch_ms", pure)]
    pub fn epoch_ms(time: &mut Time) -> i64 {
        time.timestamp().as_millisecond()
    }

    /// The time in RFC 3339, as JSON carries it: what to put on `state` or into a request.
    ///
    /// ```rhai
    /// assert time("Mon, 05 Jan 2026 10:00:00 GMT").to_string() == "2026-01-05T10:00:00Z";
    /// ```
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn show(time: &mut Time) -> String {
        time.to_string()
    }
}

fn moment(ctx: &NativeCallContext, at: usize, value: &Dynamic) -> Result<Timestamp, Raise> {
    if let Some(time) = value.read_lock::<Time>() {
        return Ok(time.timestamp());
    }
    let parsed = if let Some(text) = value.read_lock::<ImmutableString>() {
        body::parse(&text)
    } else if let Ok(seconds) = value
        .as_float()
        .or_else(|_| value.as_int().map(|i| i as f64))
    {
        body::from_epoch_seconds(seconds)
    } else {
        let message = format!(
            "`intervals` takes times; [{at}] is {}",
            json::type_in_words(value)
        );
        return Err(script::usage(ctx, Failure::usage(message)));
    };
    parsed.map(|time| time.timestamp()).map_err(|error| {
        let mut failure = failure(&error);
        failure.message = format!("`intervals` takes times; at [{at}], {}", failure.message);
        script::usage(ctx, failure)
    })
}

fn raised(ctx: &NativeCallContext, result: Result<Zoned, TimeError>) -> Result<Time, Raise> {
    result.map(Time).map_err(|error| raise(ctx, &error))
}

fn raise(ctx: &NativeCallContext, error: &TimeError) -> Raise {
    script::usage(ctx, failure(error))
}

/// A text that is no time comes from the system under test as a rule; a wrong zone, unit or format from the script.
fn failure(error: &TimeError) -> Failure {
    let mut failure = match error {
        TimeError::NotATime(_) | TimeError::NoZone(_) | TimeError::DoesNotFit { .. } => {
            Failure::product(Code::Traffic, error.to_string())
        }
        _ => Failure::usage(error.to_string()),
    };
    failure.hint = error.hint();
    failure
}
