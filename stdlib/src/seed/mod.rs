//! Files of records for any store: a file or a folder becomes named lists, and required counts are compared. Pure but
//! for the reading; knows no store and no Rhai.

mod counts;
mod error;
mod records;

pub use counts::{Required, missing};
pub use error::SeedError;
pub use records::{Batch, read};
