//! Matchers whose sides may be points in time: which claim is meant, by the types of the two sides.

use std::time::Duration;

use jiff::Timestamp;
use rhai::{Dynamic, ImmutableString};

use super::body::{Matcher, Order};
use super::claim::argument;
use crate::host::duration::{self, DurationError};
use crate::host::failure::Failure;
use crate::host::json;
use crate::time::Time;
use crate::time::body::parse_timestamp;

/// Equality of values, or of moments where a time is expected.
pub(super) fn equal(subject: &Dynamic, expected: &Dynamic) -> Result<Matcher, Failure> {
    match moment(expected) {
        Some(of) => Ok(Matcher::Within {
            distance: Duration::ZERO,
            of,
        }),
        None if expected.is_unit() => Ok(Matcher::Equal(argument(expected)?)),
        None => {
            refuse_time(subject, expected)?;
            Ok(Matcher::Equal(argument(expected)?))
        }
    }
}

/// Order of values, or of moments where the bound is a time.
pub(super) fn order(subject: &Dynamic, order: Order, bound: &Dynamic) -> Result<Matcher, Failure> {
    match moment(bound) {
        Some(bound) => Ok(Matcher::CompareTime(order, bound)),
        None => {
            refuse_time(subject, bound)?;
            Ok(Matcher::Compare(order, argument(bound)?))
        }
    }
}

/// Nearness to the moment of the call.
pub(super) fn within_now(text: &str) -> Result<Matcher, Failure> {
    Ok(Matcher::Within {
        distance: distance(text)?,
        of: Timestamp::now(),
    })
}

/// Nearness to a time, or to a text that is one.
pub(super) fn within(text: &str, of: &Dynamic) -> Result<Matcher, Failure> {
    let distance = distance(text)?;
    if let Some(of) = moment(of) {
        return Ok(Matcher::Within { distance, of });
    }
    match of.read_lock::<ImmutableString>() {
        Some(text) => match parse_timestamp(&text) {
            Ok(of) => Ok(Matcher::Within { distance, of }),
            Err(error) => {
                let mut failure = Failure::usage(error.to_string());
                failure.hint = error.hint();
                Err(failure)
            }
        },
        None => Err(Failure::usage(format!(
            "`to_be_within` takes a time as its second argument, not {}",
            json::type_in_words(of)
        ))),
    }
}

fn distance(text: &str) -> Result<Duration, Failure> {
    duration::parse(text)
        .map_err(|error| Failure::usage(error.to_string()).hint(DurationError::HINT))
}

fn moment(value: &Dynamic) -> Option<Timestamp> {
    value.read_lock::<Time>().map(|time| time.timestamp())
}

fn refuse_time(subject: &Dynamic, other: &Dynamic) -> Result<(), Failure> {
    if !subject.is::<Time>() {
        return Ok(());
    }
    let other = json::type_in_words(other);
    Err(
        Failure::usage(format!("cannot compare a time with {other}"))
            .hint("read the text as a time first: time(text)"),
    )
}
