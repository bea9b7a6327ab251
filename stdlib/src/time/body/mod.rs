//! Points in time as plain Rust: reading, writing, shifting, cutting, and the gaps between several. Reads no clock.

mod intervals;
mod parse;
mod shift;

pub use intervals::{Intervals, intervals};
pub use parse::{
    from_epoch_millis, from_epoch_seconds, is_rfc3339, parse, parse_as, parse_in, parse_timestamp,
};
pub use shift::{UNITS, format, in_zone, shift, truncate};
