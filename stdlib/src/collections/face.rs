//! The names scripts use. They replace or complete Rhai's own.

use std::cmp::Ordering;

use rhai::plugin::*;
use rhai::{Array, Dynamic, FnPtr, Map, NativeCallContext};

use super::sort;
use crate::host::failure::{Code, Failure, Kind};
use crate::host::json;
use crate::host::script::{self, Raise};

#[export_module]
pub mod collections {
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
        sort::sort(array, &mut |a, b| {
            let answer = comparer.call_within_context::<Dynamic>(&ctx, (a.clone(), b.clone()))?;
            order(&ctx, &answer)
        })
    }

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

fn order(ctx: &NativeCallContext, answer: &Dynamic) -> Result<Ordering, Raise> {
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
    let message = format!(
        "the comparer of `{}` must give back a number or a bool, not {}",
        ctx.fn_name(),
        json::type_in_words(answer)
    );
    Err(script::usage(
        ctx,
        Failure::new(Kind::Usage, Code::Script, message).hint("e.g. |a, b| a.age - b.age"),
    ))
}
