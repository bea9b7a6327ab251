//! Growing to a length. Rhai's own loops for ever over an empty text and takes any length, until the machine has no
//! memory left; nothing can interrupt either.

use rhai::plugin::*;
use rhai::{Array, Blob, Dynamic, ImmutableString, NativeCallContext};

use crate::host::failure::{Code, Failure, Kind};
use crate::host::script::{self, Raise};

/// The longest that anything is made at once.
const LONGEST: i64 = 64 << 20;

#[export_module]
pub mod padding {
    /// Lengthens a text to `len` characters by repeating another, which must not be empty.
    ///
    /// ```rhai
    /// let text = "7";
    /// text.pad(3, "ab");
    /// assert text == "7ab";
    /// ```
    #[rhai_fn(name = "pad", return_raw)]
    pub fn pad_text(
        ctx: NativeCallContext,
        text: &mut ImmutableString,
        len: i64,
        padding: &str,
    ) -> Result<(), Raise> {
        if padding.is_empty() {
            return Err(refuse(&ctx, "an empty text fills nothing up", "\" \""));
        }
        let missing = length(&ctx, len)?.saturating_sub(text.chars().count());
        if missing > 0 {
            text.make_mut()
                .extend(padding.chars().cycle().take(missing));
        }
        Ok(())
    }

    /// Lengthens a text to `len` characters by repeating one.
    ///
    /// ```rhai
    /// let text = "7";
    /// text.pad(3, '!');
    /// assert text == "7!!";
    /// ```
    #[rhai_fn(name = "pad", return_raw)]
    pub fn pad_character(
        ctx: NativeCallContext,
        text: &mut ImmutableString,
        len: i64,
        character: char,
    ) -> Result<(), Raise> {
        pad_text(ctx, text, len, character.encode_utf8(&mut [0; 4]))
    }

    /// Lengthens an array to `len` items by repeating one.
    ///
    /// ```rhai
    /// let list = [1];
    /// list.pad(3, 0);
    /// assert list == [1, 0, 0];
    /// ```
    #[rhai_fn(name = "pad", return_raw)]
    pub fn pad_array(
        ctx: NativeCallContext,
        array: &mut Array,
        len: i64,
        item: Dynamic,
    ) -> Result<(), Raise> {
        let len = length(&ctx, len)?;
        if len > array.len() {
            array.resize(len, item);
        }
        Ok(())
    }

    /// Lengthens bytes to `len` by repeating one.
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
        len: i64,
        byte: i64,
    ) -> Result<(), Raise> {
        let len = length(&ctx, len)?;
        if len > bytes.len() {
            bytes.resize(len, byte as u8);
        }
        Ok(())
    }

    /// `len` zero bytes.
    ///
    /// ```rhai
    /// assert blob(3).len == 3;
    /// ```
    #[rhai_fn(name = "blob", return_raw)]
    pub fn blob_zero(ctx: NativeCallContext, len: i64) -> Result<Blob, Raise> {
        blob_of(ctx, len, 0)
    }

    /// `len` bytes, all alike.
    ///
    /// ```rhai
    /// assert blob(2, 65).to_array() == [65, 65];
    /// ```
    #[rhai_fn(name = "blob", return_raw)]
    pub fn blob_of(ctx: NativeCallContext, len: i64, byte: i64) -> Result<Blob, Raise> {
        Ok(vec![byte as u8; length(&ctx, len)?])
    }
}

fn length(ctx: &NativeCallContext, len: i64) -> Result<usize, Raise> {
    if len > LONGEST {
        let problem = format!("{len} is longer than the {LONGEST} it may become");
        return Err(refuse(ctx, &problem, "a smaller length"));
    }
    Ok(usize::try_from(len).unwrap_or(0))
}

fn refuse(ctx: &NativeCallContext, problem: &str, instead: &str) -> Raise {
    let name = ctx.fn_name();
    script::usage(
        ctx,
        Failure::new(Kind::Usage, Code::Argument, format!("`{name}`: {problem}"))
            .hint(format!("give it {instead}")),
    )
}
