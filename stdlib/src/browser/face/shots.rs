//! What the options of a picture mean.

use crate::browser::locator::Locator;
use crate::browser::picture::{Shot, Tolerance};
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use rhai::Dynamic;

/// `mask`, `mask_color`.
pub fn read(options: &mut Options) -> Result<Shot, Failure> {
    let color = options.text("mask_color")?;
    let masks = match options.take("mask") {
        Some(given) => masks(&given)?,
        None => Vec::new(),
    };
    Ok(Shot {
        full_page: false,
        masks,
        color,
    })
}

/// `threshold`, `max_diff_pixels`, `max_diff_ratio`.
pub fn tolerance(options: &mut Options) -> Result<Tolerance, Failure> {
    let share = |options: &mut Options, key| match options.number(key)? {
        Some(share) if !(0.0..=1.0).contains(&share) => Err(Failure::usage(format!(
            "option `{key}` must be from 0 to 1"
        ))),
        share => Ok(share),
    };
    Ok(Tolerance {
        threshold: share(options, "threshold")?.unwrap_or(Tolerance::default().threshold),
        pixels: options
            .int("max_diff_pixels", 0..=i64::MAX)?
            .map(|pixels| pixels as u64),
        ratio: share(options, "max_diff_ratio")?,
    })
}

fn masks(given: &Dynamic) -> Result<Vec<Locator>, Failure> {
    let one = |item: &Dynamic| match item.read_lock::<Locator>() {
        Some(locator) => Ok(locator.clone()),
        None => Err(Failure::usage(format!(
            "`mask` is a locator or a list of them, not {}",
            json::type_in_words(item)
        ))),
    };
    match given.read_lock::<rhai::Array>() {
        Some(items) => items.iter().map(one).collect(),
        None => Ok(vec![one(given)?]),
    }
}
