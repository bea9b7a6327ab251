//! How many records there have to be. Pure.

use super::error::SeedError;
use super::records::Batch;
use crate::host::suggest;

/// Names and the least number of records each must have in the end.
pub type Required = Vec<(String, i64)>;

/// The first name that requires records and has neither a file nor any records in the store already.
pub fn missing(
    required: &Required,
    batches: &[Batch],
    place: &str,
    has: impl Fn(&str) -> i64,
) -> Option<SeedError> {
    let names = || batches.iter().map(|batch| batch.name.as_str());
    let (name, wanted) = required
        .iter()
        .find(|(name, wanted)| !names().any(|known| known == name) && has(name) < *wanted)?;
    Some(SeedError::NoFile {
        name: name.clone(),
        wanted: *wanted,
        place: place.to_owned(),
        hint: suggest::hint(name, names()),
    })
}
