//! Sorting without a comparer. Rhai's own refuses lists that mix whole numbers and fractions, and says of what has no
//! order that a function is missing.

use super::sort;
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Array, Dynamic, ImmutableString, NativeCallContext};
use std::cmp::Ordering;

#[export_module]
pub mod functions {
    /// Sorts an array of numbers, texts, characters or booleans in place. Values that have no order, such as a number and a
    /// text, are a usage error.
    ///
    /// ```rhai
    /// let list = [3, 1, 2.5];
    /// list.sort();
    /// assert list == [1, 2.5, 3];
    /// ```
    #[rhai_fn(return_raw)]
    pub fn sort(ctx: NativeCallContext, array: &mut Array) -> Result<(), Raise> {
        sort::sort(array, &mut |a, b| compare(&ctx, a, b))
    }

    /// As `sort()`, the greatest first.
    ///
    /// ```rhai
    /// let list = ["a", "c", "b"];
    /// list.sort_desc();
    /// assert list == ["c", "b", "a"];
    /// ```
    #[rhai_fn(return_raw)]
    pub fn sort_desc(ctx: NativeCallContext, array: &mut Array) -> Result<(), Raise> {
        sort::sort(array, &mut |a, b| compare(&ctx, b, a))
    }

    /// As `sort()`, into a new array.
    ///
    /// ```rhai
    /// assert [3, 1, 2].order() == [1, 2, 3];
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn order(ctx: NativeCallContext, array: &mut Array) -> Result<Array, Raise> {
        let mut array = array.clone();
        sort(ctx, &mut array)?;
        Ok(array)
    }

    /// As `sort_desc()`, into a new array.
    ///
    /// ```rhai
    /// assert [3, 1, 2].order_desc() == [3, 2, 1];
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn order_desc(ctx: NativeCallContext, array: &mut Array) -> Result<Array, Raise> {
        let mut array = array.clone();
        sort_desc(ctx, &mut array)?;
        Ok(array)
    }
}

fn compare(ctx: &NativeCallContext, left: &Dynamic, right: &Dynamic) -> Result<Ordering, Raise> {
    order_of(left, right).ok_or_else(|| {
        let message = format!("{} and {} have no order", words(left), words(right));
        let failure = Failure::usage(message)
            .hint("sort by something that has one: list.sort(|a, b| a.name <= b.name)");
        script::usage(ctx, failure)
    })
}

/// The order of two values, if they have one.
fn order_of(left: &Dynamic, right: &Dynamic) -> Option<Ordering> {
    if left.is_unit() && right.is_unit() {
        return Some(Ordering::Equal);
    }
    if let (Ok(left), Ok(right)) = (left.as_int(), right.as_int()) {
        return Some(left.cmp(&right));
    }
    if let (Ok(left), Ok(right)) = (left.as_char(), right.as_char()) {
        return Some(left.cmp(&right));
    }
    if let (Ok(left), Ok(right)) = (left.as_bool(), right.as_bool()) {
        return Some(left.cmp(&right));
    }
    let texts = (
        left.read_lock::<ImmutableString>(),
        right.read_lock::<ImmutableString>(),
    );
    if let (Some(left), Some(right)) = texts {
        return Some(left.as_str().cmp(right.as_str()));
    }
    let number = |value: &Dynamic| {
        let float = value.as_float();
        float.or_else(|_| value.as_int().map(|int| int as f64)).ok()
    };
    number(left)?.partial_cmp(&number(right)?)
}

fn words(value: &Dynamic) -> String {
    match value.as_float() {
        Ok(float) if float.is_nan() => "NaN".into(),
        _ => json::type_in_words(value),
    }
}
