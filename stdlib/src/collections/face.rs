//! The names scripts use. They replace or complete Rhai's own: where Rhai takes an error or a wrong answer of a closure for
//! `false`, these go on with the error.

use std::cmp::Ordering;

use rhai::plugin::*;
use rhai::{Array, Dynamic, FnPtr, INT, Map, NativeCallContext};

use super::sort;
use crate::host::failure::{Code, Failure, Kind};
use crate::host::json;
use crate::host::script::{self, Raise};

#[export_module]
pub mod ordering {
    /// Makes a list of what `make` gives back for every number of a range.
    ///
    /// ```rhai
    /// assert (1..4).map(|n| n * n) == [1, 4, 9];
    /// ```
    #[rhai_fn(name = "map", return_raw)]
    pub fn map_range(
        ctx: NativeCallContext,
        range: std::ops::Range<INT>,
        make: FnPtr,
    ) -> Result<Array, Raise> {
        range
            .map(|number| make.call_within_context(&ctx, (number,)))
            .collect()
    }

    /// Makes a list of what `make` gives back for every number of a range that includes its end.
    ///
    /// ```rhai
    /// assert (1..=3).map(|n| n * n) == [1, 4, 9];
    /// ```
    #[rhai_fn(name = "map", return_raw)]
    pub fn map_inclusive_range(
        ctx: NativeCallContext,
        range: std::ops::RangeInclusive<INT>,
        make: FnPtr,
    ) -> Result<Array, Raise> {
        range
            .map(|number| make.call_within_context(&ctx, (number,)))
            .collect()
    }

    /// Sorts an array in place by a comparer, which gives back a number below, at or above 0, or `true` when its first
    /// argument comes first. An error in the comparer ends the sort and goes on its way.
    ///
    /// ```rhai
    /// let list = [#{ n: 2 }, #{ n: 1 }];
    /// list.sort(|a, b| a.n - b.n);
    /// assert list[0].n == 1;
    /// ```
    #[rhai_fn(name = "sort", name = "sort_by", return_raw)]
    pub fn sort_with(
        ctx: NativeCallContext,
        array: &mut Array,
        comparer: FnPtr,
    ) -> Result<(), Raise> {
        sort::sort(array, &mut |a, b| compare(&ctx, &comparer, a, b))
    }

    /// As `sort(comparer)`, into a new array.
    ///
    /// ```rhai
    /// let list = [2, 3, 1];
    /// assert list.order(|a, b| b - a) == [3, 2, 1];
    /// assert list == [2, 3, 1];
    /// ```
    #[rhai_fn(name = "order", name = "order_by", return_raw, pure)]
    pub fn order_with(
        ctx: NativeCallContext,
        array: &mut Array,
        comparer: FnPtr,
    ) -> Result<Array, Raise> {
        let mut array = array.clone();
        sort_with(ctx, &mut array, comparer)?;
        Ok(array)
    }

    /// Removes from an array every element of which `same(kept, element)` is true for the kept one before it. An error
    /// in `same` goes on its way.
    ///
    /// ```rhai
    /// let list = [1, 1, 2, 2, 1];
    /// list.dedup(|a, b| a == b);
    /// assert list == [1, 2, 1];
    /// ```
    #[rhai_fn(name = "dedup", return_raw)]
    pub fn dedup_with(ctx: NativeCallContext, array: &mut Array, same: FnPtr) -> Result<(), Raise> {
        let mut kept: Array = Array::new();
        for item in array.iter() {
            let is_same = match kept.last() {
                Some(last) => {
                    let args = (last.clone(), item.clone());
                    truth(&ctx, &same.call_within_context(&ctx, args)?)?
                }
                None => false,
            };
            if !is_same {
                kept.push(item.clone());
            }
        }
        *array = kept;
        Ok(())
    }
}

#[export_module]
pub mod predicates {
    /// The elements for which a closure of the element (and its index) is true. The closure must give back `true` or
    /// `false`.
    ///
    /// ```rhai
    /// assert [1, 2, 3].filter(|n| n > 1) == [2, 3];
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn filter(
        ctx: NativeCallContext,
        array: &mut Array,
        filter: FnPtr,
    ) -> Result<Array, Raise> {
        let mut found = Array::new();
        for (index, item) in array.iter_mut().enumerate() {
            if accepts(&ctx, &filter, item, index)? {
                found.push(item.clone());
            }
        }
        Ok(found)
    }

    /// Whether a closure is true for at least one element. The closure must give back `true` or `false`.
    ///
    /// ```rhai
    /// assert [1, 2, 3].some(|n| n == 2);
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn some(ctx: NativeCallContext, array: &mut Array, filter: FnPtr) -> Result<bool, Raise> {
        Ok(position(&ctx, array, &filter, true)?.is_some())
    }

    /// Whether a closure is true for every element. The closure must give back `true` or `false`.
    ///
    /// ```rhai
    /// assert [1, 2, 3].all(|n| n > 0);
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn all(ctx: NativeCallContext, array: &mut Array, filter: FnPtr) -> Result<bool, Raise> {
        Ok(position(&ctx, array, &filter, false)?.is_none())
    }

    /// The first element for which a closure is true, or `()`. The closure must give back `true` or `false`.
    ///
    /// ```rhai
    /// assert [#{ id: 1 }, #{ id: 2 }].find(|item| item.id == 2).id == 2;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn find(
        ctx: NativeCallContext,
        array: &mut Array,
        filter: FnPtr,
    ) -> Result<Dynamic, Raise> {
        let found = position(&ctx, array, &filter, true)?;
        Ok(found.map_or(Dynamic::UNIT, |index| array[index].clone()))
    }

    /// The index of the first element for which a closure is true, or -1. The closure must give back `true` or `false`.
    ///
    /// ```rhai
    /// assert ["a", "b"].index_of(|text| text == "b") == 1;
    /// ```
    #[rhai_fn(name = "index_of", return_raw, pure)]
    pub fn index_where(
        ctx: NativeCallContext,
        array: &mut Array,
        filter: FnPtr,
    ) -> Result<i64, Raise> {
        Ok(position(&ctx, array, &filter, true)?.map_or(-1, |index| index as i64))
    }
}

#[export_module]
pub mod maps {
    /// The value of `key`, or `otherwise` when the map has no such key. `map.get(key)` alone gives `()` then.
    ///
    /// ```rhai
    /// let user = #{ name: "Ada" };
    /// assert user.get("name", "nobody") == "Ada";
    /// assert user.get("age", 0) == 0;
    /// assert user.get("age") == ();
    /// ```
    #[rhai_fn(name = "get", pure)]
    pub fn get_or(map: &mut Map, key: &str, otherwise: Dynamic) -> Dynamic {
        map.get(key).cloned().unwrap_or(otherwise)
    }
}

fn compare(
    ctx: &NativeCallContext,
    comparer: &FnPtr,
    a: &Dynamic,
    b: &Dynamic,
) -> Result<Ordering, Raise> {
    let answer: Dynamic = comparer.call_within_context(ctx, (a.clone(), b.clone()))?;
    if let Ok(number) = answer.as_int() {
        return Ok(number.cmp(&0));
    }
    if let Ok(number) = answer.as_float() {
        return Ok(number.partial_cmp(&0.0).unwrap_or(Ordering::Equal));
    }
    if let Ok(first) = answer.as_bool() {
        return Ok(if first {
            Ordering::Less
        } else {
            Ordering::Greater
        });
    }
    Err(wrong_answer(
        ctx,
        "a number or true or false",
        &answer,
        "e.g. |a, b| a.age - b.age",
    ))
}

/// The index of the first element for which the closure's answer is `wanted`.
fn position(
    ctx: &NativeCallContext,
    array: &mut Array,
    filter: &FnPtr,
    wanted: bool,
) -> Result<Option<usize>, Raise> {
    for (index, item) in array.iter_mut().enumerate() {
        if accepts(ctx, filter, item, index)? == wanted {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

pub(super) fn accepts(
    ctx: &NativeCallContext,
    filter: &FnPtr,
    item: &mut Dynamic,
    index: usize,
) -> Result<bool, Raise> {
    let extra = [Dynamic::from(index as i64)];
    let name = ctx.fn_name();
    truth(
        ctx,
        &filter.call_raw_with_extra_args(name, ctx, Some(item), [], extra, Some(0))?,
    )
}

/// Rhai takes every answer but `true` for `false`, so `!list.some(|x| x.error)` would hold whatever the errors are.
pub(super) fn truth(ctx: &NativeCallContext, answer: &Dynamic) -> Result<bool, Raise> {
    answer.as_bool().map_err(|_| {
        wrong_answer(
            ctx,
            "true or false",
            answer,
            "compare it: |x| x.error != ()",
        )
    })
}

fn wrong_answer(ctx: &NativeCallContext, wanted: &str, answer: &Dynamic, hint: &str) -> Raise {
    let message = format!(
        "the closure of `{}` must give back {wanted}, not {}",
        ctx.fn_name(),
        json::type_in_words(answer)
    );
    script::usage(
        ctx,
        Failure::new(Kind::Usage, Code::Script, message).hint(hint),
    )
}
