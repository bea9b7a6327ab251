//! Claims about which value it is: equality, patterns, containment.

use rhai::plugin::*;
use rhai::{Dynamic, NativeCallContext};

use crate::expect::body::Matcher;
use crate::expect::claim::{self, Expectation};
use crate::expect::{schema, times};
use crate::host::script::Raise;

#[export_module]
pub mod values {
    /// Begins a claim about a value: `expect(value).to_…`. On its own it claims nothing.
    ///
    /// ```rhai
    /// expect(1 + 1).to_equal(2);
    /// ```
    pub fn expect(value: Dynamic) -> Expectation {
        Expectation::new(value, None)
    }

    /// Like `expect(value)`; `message` stands before the explanation when the claim does not hold.
    ///
    /// ```rhai
    /// let total = 3;
    /// expect(total, "the total after two orders").to_equal(3);
    /// ```
    #[rhai_fn(name = "expect")]
    pub fn expect_saying(value: Dynamic, message: &str) -> Expectation {
        Expectation::new(value, Some(message.to_owned()))
    }

    /// Claims that the value equals `expected`, all the way down: the same keys, the same order of elements, and the
    /// same kind of number, so that `1` does not equal `1.0`. All differences are listed by path. Comparing values of
    /// different types is a usage error, except with `()`.
    ///
    /// ```rhai
    /// expect(#{ id: 7, tags: ["a", "b"] }).to_equal(#{ id: 7, tags: ["a", "b"] });
    /// expect("SUCCESS").not_to_equal("FAILURE");
    /// ```
    #[rhai_fn(name = "to_equal", name = "not_to_equal", return_raw, pure)]
    pub fn to_equal(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        expected: Dynamic,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || times::equal(claim.subject(), &expected))
    }

    /// Claims that the value matches a pattern. For a text the pattern is a regular expression, found anywhere in it.
    /// A map matches when each key of the pattern matches, whatever other keys there are; an array matches element by
    /// element. Strings in the pattern may be markers such as `"#uuid"`: the guide page lists them. All mismatches are
    /// listed by path.
    ///
    /// ```rhai
    /// expect("order 17").to_match("^order \\d+$");
    /// expect(#{ id: 7, name: "Ada", tags: ["a"] }).to_match(#{ id: "#integer", tags: "#[1..] #string" });
    /// ```
    #[rhai_fn(name = "to_match", name = "not_to_match", return_raw, pure)]
    pub fn to_match(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        pattern: Dynamic,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || Ok(Matcher::Match(claim::argument(&pattern)?)))
    }

    /// Claims that the value fits a JSON Schema: a map, or the path of a JSON or YAML file beside the script.
    /// Formats are checked. References stay within the schema; nothing is fetched.
    ///
    /// ```rhai
    /// let schema = #{ type: "object", required: ["id"], properties: #{ id: #{ type: "integer" } } };
    /// expect(#{ id: 7 }).to_match_schema(schema);
    /// ```
    #[rhai_fn(
        name = "to_match_schema",
        name = "not_to_match_schema",
        return_raw,
        pure
    )]
    pub fn to_match_schema(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        schema: Dynamic,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || Ok(Matcher::Schema(schema::read(&ctx, &schema)?)))
    }

    /// Claims that the value contains another. A text contains a part; an array contains an element, or each element
    /// of an array in any order; a map contains a key, or the entries of a map. Maps among the elements are partial
    /// patterns as in `to_match`.
    ///
    /// ```rhai
    /// expect("hello world").to_contain("world");
    /// expect([1, 2, 3]).to_contain([3, 1]);
    /// expect([#{ id: 1, state: "NEW" }, #{ id: 2, state: "DONE" }]).to_contain(#{ id: 2 });
    /// expect(#{ id: 1 }).not_to_contain("error");
    /// ```
    #[rhai_fn(name = "to_contain", name = "not_to_contain", return_raw, pure)]
    pub fn to_contain(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        wanted: Dynamic,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || Ok(Matcher::Contain(claim::argument(&wanted)?)))
    }

    /// Claims that an array contains each of these elements, in any order, and nothing else.
    ///
    /// ```rhai
    /// expect([3, 1, 2]).to_contain_only([1, 2, 3]);
    /// ```
    #[rhai_fn(
        name = "to_contain_only",
        name = "not_to_contain_only",
        return_raw,
        pure
    )]
    pub fn to_contain_only(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        wanted: Dynamic,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || Ok(Matcher::ContainOnly(claim::argument(&wanted)?)))
    }

    /// Claims that the value equals one of these.
    ///
    /// ```rhai
    /// expect("PENDING").to_be_one_of(["PENDING", "STARTED"]);
    /// ```
    #[rhai_fn(name = "to_be_one_of", name = "not_to_be_one_of", return_raw, pure)]
    pub fn to_be_one_of(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        options: Dynamic,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || Ok(Matcher::OneOf(claim::argument(&options)?)))
    }

    /// Claims that a text starts with another.
    ///
    /// ```rhai
    /// expect("order 17").to_start_with("order");
    /// ```
    #[rhai_fn(name = "to_start_with", name = "not_to_start_with", return_raw, pure)]
    pub fn to_start_with(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        prefix: &str,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || Ok(Matcher::StartWith(prefix.to_owned())))
    }

    /// Claims that a text ends with another.
    ///
    /// ```rhai
    /// expect("report.pdf").to_end_with(".pdf");
    /// ```
    #[rhai_fn(name = "to_end_with", name = "not_to_end_with", return_raw, pure)]
    pub fn to_end_with(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        suffix: &str,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || Ok(Matcher::EndWith(suffix.to_owned())))
    }
}
