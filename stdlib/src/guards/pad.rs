//! `pad` and `blob`: lengths have an end.

use super::error::GuardError;
use crate::host::script::Raise;
use rhai::plugin::*;
use rhai::{Array, Blob, Dynamic, ImmutableString, NativeCallContext};

/// Characters of a text and bytes of a blob that these functions make at most.
const MOST_BYTES: i64 = 16 << 20;
/// Items of an array that they make at most.
const MOST_ITEMS: i64 = 1 << 20;

/// How many are missing to `asked`, or why that is too many.
fn missing(
    ctx: &NativeCallContext,
    (what, most): (&'static str, i64),
    asked: i64,
    there: usize,
) -> Result<usize, Raise> {
    if asked > most {
        let function = ctx.fn_name().to_owned();
        return Err(GuardError::TooLong {
            function,
            asked,
            what,
            most,
        }
        .raise(ctx));
    }
    Ok((asked.max(0) as usize).saturating_sub(there))
}

const CHARACTERS: (&str, i64) = ("characters", MOST_BYTES);
const BYTES: (&str, i64) = ("bytes", MOST_BYTES);
const ITEMS: (&str, i64) = ("items", MOST_ITEMS);

#[export_module]
pub mod functions {
    /// Makes the text at least `length` characters long (up to 16,777,216), by adding `character` at its end.
    ///
    /// ```rhai
    /// let text = "abc";
    /// text.pad(5, '.');
    /// assert text == "abc..";
    /// ```
    #[rhai_fn(name = "pad", return_raw)]
    pub fn pad_char(
        ctx: NativeCallContext,
        text: &mut ImmutableString,
        length: i64,
        character: char,
    ) -> Result<(), Raise> {
        let missing = missing(&ctx, CHARACTERS, length, text.chars().count())?;
        *text += String::from_iter(std::iter::repeat_n(character, missing));
        Ok(())
    }

    /// Makes the text at least `length` characters long (up to 16,777,216), by adding `padding` at its end as often as
    /// needed, the last time in part. Empty padding is a usage error.
    ///
    /// ```rhai
    /// let text = "abc";
    /// text.pad(6, "-+");
    /// assert text == "abc-+-";
    /// ```
    #[rhai_fn(name = "pad", return_raw)]
    pub fn pad_text(
        ctx: NativeCallContext,
        text: &mut ImmutableString,
        length: i64,
        padding: &str,
    ) -> Result<(), Raise> {
        let missing = missing(&ctx, CHARACTERS, length, text.chars().count())?;
        if missing > 0 && padding.is_empty() {
            return Err(GuardError::EmptyPad.raise(&ctx));
        }
        *text += padding.chars().cycle().take(missing).collect::<String>();
        Ok(())
    }

    /// Makes the list at least `length` items long (up to 1,048,576), by adding copies of `item` at its end.
    ///
    /// ```rhai
    /// let list = [1];
    /// list.pad(3, 0);
    /// assert list == [1, 0, 0];
    /// ```
    #[rhai_fn(name = "pad", return_raw)]
    pub fn pad_array(
        ctx: NativeCallContext,
        list: &mut Array,
        length: i64,
        item: Dynamic,
    ) -> Result<(), Raise> {
        let missing = missing(&ctx, ITEMS, length, list.len())?;
        list.resize(list.len() + missing, item);
        Ok(())
    }

    /// Makes the bytes at least `length` long (up to 16,777,216), by adding `byte` (its lowest 8 bits) at their end.
    ///
    /// ```rhai
    /// let bytes = blob(1, 7);
    /// bytes.pad(3, 0);
    /// assert bytes.len == 3;
    /// ```
    #[rhai_fn(name = "pad", return_raw)]
    pub fn pad_blob(
        ctx: NativeCallContext,
        bytes: &mut Blob,
        length: i64,
        byte: i64,
    ) -> Result<(), Raise> {
        let missing = missing(&ctx, BYTES, length, bytes.len())?;
        bytes.resize(bytes.len() + missing, (byte & 0xff) as u8);
        Ok(())
    }

    /// New bytes, `length` zeros (up to 16,777,216).
    ///
    /// ```rhai
    /// assert blob(4).len == 4;
    /// ```
    #[rhai_fn(name = "blob", return_raw)]
    pub fn blob_of(ctx: NativeCallContext, length: i64) -> Result<Blob, Raise> {
        Ok(vec![0; missing(&ctx, BYTES, length, 0)?])
    }

    /// New bytes, `length` times `byte` (its lowest 8 bits), up to 16,777,216.
    ///
    /// ```rhai
    /// assert blob(2, 0x41).as_string() == "AA";
    /// ```
    #[rhai_fn(name = "blob", return_raw)]
    pub fn blob_filled(ctx: NativeCallContext, length: i64, byte: i64) -> Result<Blob, Raise> {
        Ok(vec![(byte & 0xff) as u8; missing(&ctx, BYTES, length, 0)?])
    }
}
