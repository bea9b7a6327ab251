//! Parting an array or a map by a closure. As all closures that decide, it must give back `true` or `false`.

use super::face::{accepts, truth};
use crate::host::script::Raise;
use rhai::plugin::*;
use rhai::{Array, Dynamic, FnPtr, Map, NativeCallContext};

#[export_module]
pub mod functions {
    /// Keeps the elements for which a closure is true and gives back the others. The closure must give back `true` or
    /// `false`.
    ///
    /// ```rhai
    /// let list = [1, 2, 3];
    /// assert list.retain(|n| n > 1) == [1];
    /// assert list == [2, 3];
    /// ```
    #[rhai_fn(return_raw)]
    pub fn retain(
        ctx: NativeCallContext,
        array: &mut Array,
        filter: FnPtr,
    ) -> Result<Array, Raise> {
        let (yes, no) = part(&ctx, array, &filter)?;
        *array = yes;
        Ok(no)
    }

    /// Takes out the elements for which a closure is true and gives them back. The closure must give back `true` or
    /// `false`.
    ///
    /// ```rhai
    /// let list = [1, 2, 3];
    /// assert list.drain(|n| n > 1) == [2, 3];
    /// assert list == [1];
    /// ```
    #[rhai_fn(return_raw)]
    pub fn drain(ctx: NativeCallContext, array: &mut Array, filter: FnPtr) -> Result<Array, Raise> {
        let (yes, no) = part(&ctx, array, &filter)?;
        *array = no;
        Ok(yes)
    }

    /// A map of the entries for which a closure of key and value is true. The closure must give back `true` or `false`.
    ///
    /// ```rhai
    /// assert #{ a: 1, b: 2 }.filter(|key, value| value > 1) == #{ b: 2 };
    /// ```
    #[rhai_fn(name = "filter", return_raw, pure)]
    pub fn filter_map(ctx: NativeCallContext, map: &mut Map, filter: FnPtr) -> Result<Map, Raise> {
        Ok(part_map(&ctx, map, &filter)?.0)
    }

    /// Keeps the entries for which a closure of key and value is true and gives back the others. The closure must give
    /// back `true` or `false`.
    ///
    /// ```rhai
    /// let map = #{ a: 1, b: 2 };
    /// assert map.retain(|key, value| value > 1) == #{ a: 1 };
    /// assert map == #{ b: 2 };
    /// ```
    #[rhai_fn(name = "retain", return_raw)]
    pub fn retain_map(ctx: NativeCallContext, map: &mut Map, filter: FnPtr) -> Result<Map, Raise> {
        let (yes, no) = part_map(&ctx, map, &filter)?;
        *map = yes;
        Ok(no)
    }

    /// Takes out the entries for which a closure of key and value is true and gives them back. The closure must give
    /// back `true` or `false`.
    ///
    /// ```rhai
    /// let map = #{ a: 1, b: 2 };
    /// assert map.drain(|key, value| value > 1) == #{ b: 2 };
    /// assert map == #{ a: 1 };
    /// ```
    #[rhai_fn(name = "drain", return_raw)]
    pub fn drain_map(ctx: NativeCallContext, map: &mut Map, filter: FnPtr) -> Result<Map, Raise> {
        let (yes, no) = part_map(&ctx, map, &filter)?;
        *map = no;
        Ok(yes)
    }
}

/// The elements for which the closure is true, and the others. After an error the array is as it was.
fn part(ctx: &NativeCallContext, array: &Array, filter: &FnPtr) -> Result<(Array, Array), Raise> {
    let (mut yes, mut no) = (Array::new(), Array::new());
    for (index, item) in array.iter().enumerate() {
        let accepted = accepts(ctx, filter, &mut item.clone(), index)?;
        let side = if accepted { &mut yes } else { &mut no };
        side.push(item.clone());
    }
    Ok((yes, no))
}

/// Like [`part`]. The closure takes the key, or also the value; else the value is `this`.
fn part_map(ctx: &NativeCallContext, map: &Map, filter: &FnPtr) -> Result<(Map, Map), Raise> {
    let (mut yes, mut no) = (Map::new(), Map::new());
    let name = ctx.fn_name();
    for (key, value) in map {
        let this = &mut value.clone();
        let named = [Dynamic::from(key.as_str().to_owned())];
        let answer = filter.call_raw_with_extra_args(name, ctx, Some(this), named, [], Some(1))?;
        let side = if truth(ctx, &answer)? {
            &mut yes
        } else {
            &mut no
        };
        side.insert(key.clone(), value.clone());
    }
    Ok((yes, no))
}
