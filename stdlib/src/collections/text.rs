//! Values as JSON text, which Rhai has for maps alone; and texts made of texts, where Rhai changes them in place and gives back
//! nothing.

use rhai::Dynamic;
use rhai::plugin::*;

use crate::host::failure::Failure;
use crate::host::json;
use crate::host::script::{self, Raise};

#[export_module]
pub mod functions {
    /// A value as JSON text: a list, a map, text, a number, `()`. `parse_json(text)` reads it back. What is not JSON, such as a closure,
    /// is an error that says where it stands.
    ///
    /// ```rhai
    /// assert ["a", 1, ()].to_json() == `["a",1,null]`;
    /// assert parse_json([#{ n: 1 }].to_json())[0].n == 1;
    /// ```
    #[rhai_fn(name = "to_json", return_raw)]
    pub fn to_json(ctx: NativeCallContext, value: Dynamic) -> Result<String, Raise> {
        let json = json::to_json(&value, "the value")
            .map_err(|error| script::usage(&ctx, Failure::usage(error.to_string())))?;
        Ok(json.to_string())
    }

    /// A text without the white space around it. The text itself stays as it is.
    ///
    /// ```rhai
    /// let line = "  ready\n";
    /// assert line.trim() == "ready" && line.len == 8;
    /// ```
    #[rhai_fn(name = "trim")]
    pub fn trim(text: &str) -> String {
        text.trim().to_owned()
    }

    /// A text with every `old` replaced by `new`. The text itself stays as it is.
    ///
    /// ```rhai
    /// let url = "http://shop/";
    /// assert url.replace("http:", "ws:") == "ws://shop/" && url == "http://shop/";
    /// ```
    #[rhai_fn(name = "replace")]
    pub fn replace(text: &str, old: &str, new: &str) -> String {
        text.replace(old, new)
    }

    /// A text with every character `old` replaced by `new`. The text itself stays as it is.
    ///
    /// ```rhai
    /// assert "a-b-c".replace('-', '_') == "a_b_c";
    /// ```
    #[rhai_fn(name = "replace")]
    pub fn replace_character(text: &str, old: char, new: char) -> String {
        text.chars()
            .map(|c| if c == old { new } else { c })
            .collect()
    }

    /// A text with every character `old` replaced by the text `new`. The text itself stays as it is.
    ///
    /// ```rhai
    /// assert "a-b".replace('-', " to ") == "a to b";
    /// ```
    #[rhai_fn(name = "replace")]
    pub fn replace_character_by_text(text: &str, old: char, new: &str) -> String {
        text.replace(old, new)
    }

    /// A text with every `old` replaced by the character `new`. The text itself stays as it is.
    ///
    /// ```rhai
    /// assert "1, 2".replace(", ", ';') == "1;2";
    /// ```
    #[rhai_fn(name = "replace")]
    pub fn replace_by_character(text: &str, old: &str, new: char) -> String {
        text.replace(old, &new.to_string())
    }
}
