//! Files of records for any store: a file or a folder becomes named lists, and required counts are compared. Knows no
//! store.

mod counts;
mod error;
mod records;
mod wanted;

pub use counts::{Required, missing};
pub use error::SeedError;
pub use records::{Batch, read};
pub use wanted::Wanted;
