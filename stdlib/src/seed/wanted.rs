//! What the options of a `load` say: the same for every store. The one file here that knows script values.

use super::counts::Required;
use super::records::Batch;
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use rhai::{Dynamic, FnPtr, Map};

/// The options of a `load`.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub required: Required,
    pub after_load: Option<FnPtr>,
    /// Delete what was loaded at the end of the scenario.
    pub cleanup: bool,
    /// Empty what is loaded into first.
    pub replace: bool,
    /// Fields every record gets.
    add: serde_json::Map<String, serde_json::Value>,
}

impl Wanted {
    /// Reads the options of `owner`.
    pub fn read(owner: &str, options: Map) -> Result<Self, Failure> {
        let mut options = Options::new(owner, options);
        let required = options.map("required")?.unwrap_or_default();
        let add = match options.json("add")? {
            None => serde_json::Map::new(),
            Some(serde_json::Value::Object(fields)) => fields,
            Some(_) => {
                return Err(Failure::usage(format!(
                    "option `add` of `{owner}` must be a map #{{ … }}"
                )));
            }
        };
        let wanted = Self {
            required: counts(owner, &required)?,
            after_load: options.closure("after_load")?,
            cleanup: options.flag("cleanup")?.unwrap_or(false),
            replace: options.flag("replace")?.unwrap_or(false),
            add,
        };
        options.finish()?;
        Ok(wanted)
    }

    /// Gives every record the fields that all have in common.
    pub fn complete(&self, batches: &mut [Batch]) {
        for record in batches.iter_mut().flat_map(|batch| &mut batch.records) {
            record.extend(self.add.clone());
        }
    }
}

fn counts(owner: &str, required: &Map) -> Result<Required, Failure> {
    let one = |name: &str, count: &Dynamic| match count.as_int() {
        Ok(count) if count >= 0 => Ok((name.to_owned(), count)),
        _ => {
            let message = format!("option `required` of `{owner}` has counts: #{{ users: 3 }}");
            Err(Failure::usage(message).detail("got", format!("{name}: {}", json::show(count, 80))))
        }
    };
    required
        .iter()
        .map(|(name, count)| one(name, count))
        .collect()
}
