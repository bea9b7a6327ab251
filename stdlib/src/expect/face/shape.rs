//! Claims about what a value is rather than which: type, length, truth.

use rhai::plugin::*;
use rhai::{Dynamic, NativeCallContext};

use crate::expect::body::Matcher;
use crate::expect::claim::{self, Expectation};
use crate::host::script::Raise;

#[export_module]
pub mod shape {
    /// Claims that the value is of a type: `string`, `integer`, `float`, `number`, `bool`, `array`, `map` (or
    /// `object`), `()` (or `null`).
    ///
    /// ```rhai
    /// expect(1.5).to_be_of_type("number");
    /// ```
    #[rhai_fn(name = "to_be_of_type", name = "not_to_be_of_type", return_raw, pure)]
    pub fn to_be_of_type(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        name: &str,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || Ok(Matcher::Type(name.to_owned())))
    }

    /// Claims that a text has so many characters, an array so many elements, a map so many entries.
    ///
    /// ```rhai
    /// expect([1, 2, 3]).to_have_length(3);
    /// ```
    #[rhai_fn(name = "to_have_length", name = "not_to_have_length", return_raw, pure)]
    pub fn to_have_length(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        length: Dynamic,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || Ok(Matcher::Length(claim::argument(&length)?)))
    }

    /// Claims that a text, array or map is empty. `()` is neither empty nor not.
    ///
    /// ```rhai
    /// expect([]).to_be_empty();
    /// expect("x").not_to_be_empty();
    /// ```
    #[rhai_fn(name = "to_be_empty", name = "not_to_be_empty", return_raw, pure)]
    pub fn to_be_empty(ctx: NativeCallContext, claim: &mut Expectation) -> Result<bool, Raise> {
        claim.judge(&ctx, || Ok(Matcher::Empty))
    }

    /// Claims that the value is not `false`, `()`, `""`, `[]` or `#{}`. A number is neither true nor false: a usage
    /// error.
    ///
    /// ```rhai
    /// expect("yes").to_be_truthy();
    /// ```
    #[rhai_fn(name = "to_be_truthy", name = "not_to_be_truthy", return_raw, pure)]
    pub fn to_be_truthy(ctx: NativeCallContext, claim: &mut Expectation) -> Result<bool, Raise> {
        claim.judge(&ctx, || Ok(Matcher::Truthy))
    }

    /// Claims that the value is `false`, `()`, `""`, `[]` or `#{}`.
    ///
    /// ```rhai
    /// expect(()).to_be_falsy();
    /// ```
    #[rhai_fn(name = "to_be_falsy", name = "not_to_be_falsy", return_raw, pure)]
    pub fn to_be_falsy(ctx: NativeCallContext, claim: &mut Expectation) -> Result<bool, Raise> {
        claim.judge(&ctx, || Ok(Matcher::Falsy))
    }
}
