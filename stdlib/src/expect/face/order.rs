//! Claims about order and nearness of numbers, texts and times.

use rhai::plugin::*;
use rhai::{Dynamic, NativeCallContext};

use crate::expect::body::{Matcher, Order};
use crate::expect::claim::{self, Expectation};
use crate::expect::times;
use crate::host::script::Raise;

#[export_module]
pub mod order {
    /// Claims that a number is greater than another, a text sorts behind another, or a time is later than another.
    ///
    /// ```rhai
    /// expect(3).to_be_greater_than(2.5);
    /// ```
    #[rhai_fn(
        name = "to_be_greater_than",
        name = "not_to_be_greater_than",
        return_raw,
        pure
    )]
    pub fn to_be_greater_than(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        bound: Dynamic,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || {
            times::order(claim.subject(), Order::Greater, &bound)
        })
    }

    /// Claims that a value is greater than another, or equal to it.
    ///
    /// ```rhai
    /// expect(3).to_be_greater_than_or_equal(3);
    /// ```
    #[rhai_fn(
        name = "to_be_greater_than_or_equal",
        name = "not_to_be_greater_than_or_equal",
        return_raw,
        pure
    )]
    pub fn to_be_greater_than_or_equal(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        bound: Dynamic,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || {
            times::order(claim.subject(), Order::GreaterOrEqual, &bound)
        })
    }

    /// Claims that a number is less than another, a text sorts before another, or a time is earlier than another.
    ///
    /// ```rhai
    /// expect(2).to_be_less_than(3);
    /// expect("2026-01-05T10:30:00+01:00").to_be_less_than(time("2026-01-05T10:00:00Z"));
    /// ```
    #[rhai_fn(
        name = "to_be_less_than",
        name = "not_to_be_less_than",
        return_raw,
        pure
    )]
    pub fn to_be_less_than(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        bound: Dynamic,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || times::order(claim.subject(), Order::Less, &bound))
    }

    /// Claims that a value is less than another, or equal to it.
    ///
    /// ```rhai
    /// expect(2).to_be_less_than_or_equal(2);
    /// ```
    #[rhai_fn(
        name = "to_be_less_than_or_equal",
        name = "not_to_be_less_than_or_equal",
        return_raw,
        pure
    )]
    pub fn to_be_less_than_or_equal(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        bound: Dynamic,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || {
            times::order(claim.subject(), Order::LessOrEqual, &bound)
        })
    }

    /// Claims that a number is at most `within` away from `target`; the border counts.
    ///
    /// ```rhai
    /// expect(0.1 + 0.2).to_be_close_to(0.3, 0.001);
    /// ```
    #[rhai_fn(name = "to_be_close_to", name = "not_to_be_close_to", return_raw, pure)]
    pub fn to_be_close_to(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        target: Dynamic,
        within: Dynamic,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || {
            let (target, within) = (claim::argument(&target)?, claim::argument(&within)?);
            Ok(Matcher::Close { target, within })
        })
    }

    /// Claims that a time, or a text that is one (RFC 3339), is at most a duration before or after now.
    ///
    /// ```rhai
    /// expect(now() - "2s").to_be_within("1m");
    /// ```
    #[rhai_fn(name = "to_be_within", name = "not_to_be_within", return_raw, pure)]
    pub fn to_be_within(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        duration: &str,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || times::within_now(duration))
    }

    /// Like `to_be_within(duration)` of another time than now.
    ///
    /// ```rhai
    /// expect("2026-01-05T10:00:03Z").to_be_within("5s", time("2026-01-05T10:00:00Z"));
    /// ```
    #[rhai_fn(name = "to_be_within", name = "not_to_be_within", return_raw, pure)]
    pub fn to_be_within_of(
        ctx: NativeCallContext,
        claim: &mut Expectation,
        duration: &str,
        of: Dynamic,
    ) -> Result<bool, Raise> {
        claim.judge(&ctx, || times::within(duration, &of))
    }
}
