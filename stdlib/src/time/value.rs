//! The value scripts know as a time.

use std::fmt;

use jiff::tz::Offset;
use jiff::{Timestamp, Zoned};

/// A point in time with the zone it is shown in. Comparing looks at the point only.
#[derive(Debug, Clone)]
pub struct Time(pub Zoned);

impl Time {
    /// The point in time alone.
    pub fn timestamp(&self) -> Timestamp {
        self.0.timestamp()
    }
}

/// RFC 3339, as JSON carries it: `2026-01-05T10:00:00Z`, or with the offset of the zone.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timestamp = self.0.timestamp();
        if self.0.offset() == Offset::UTC {
            write!(f, "{timestamp}")
        } else {
            write!(f, "{}", timestamp.display_with_offset(self.0.offset()))
        }
    }
}
