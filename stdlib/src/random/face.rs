//! The names scripts use. Each attempt has one generator, made on first need.

use std::ops::{Range, RangeInclusive};
use std::sync::Mutex;

use rhai::plugin::*;
use rhai::{Array, Dynamic, NativeCallContext};

use super::body::{Random, Seed};
use super::error::RandomError;
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::record::Level;
use crate::host::script::{self, Raise};

/// What the name `random` stands for. It holds nothing: the generator belongs to the attempt.
#[derive(Debug, Clone)]
pub struct Source;

struct Generator(Mutex<Random>);

#[export_module]
pub mod drawing {
    /// A whole number from a range whose end is excluded.
    ///
    /// ```rhai
    /// let die = random.int(1..7);
    /// assert die >= 1 && die <= 6;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn int(
        ctx: NativeCallContext,
        source: &mut Source,
        range: Range<i64>,
    ) -> Result<i64, Raise> {
        source.draw(&ctx, |random| random.int(range))
    }

    /// A whole number from a range whose end is included.
    ///
    /// ```rhai
    /// let die = random.int(1..=6);
    /// assert die >= 1 && die <= 6;
    /// ```
    #[rhai_fn(name = "int", return_raw, pure)]
    pub fn int_inclusive(
        ctx: NativeCallContext,
        source: &mut Source,
        range: RangeInclusive<i64>,
    ) -> Result<i64, Raise> {
        source.draw(&ctx, |random| random.int_inclusive(range))
    }

    /// A number from 0 up to, but not, 1.
    ///
    /// ```rhai
    /// assert random.float() < 1.0;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn float(ctx: NativeCallContext, source: &mut Source) -> Result<f64, Raise> {
        source.draw(&ctx, |random| Ok(random.float()))
    }

    /// A number from `from` up to, but not, `to`.
    ///
    /// ```rhai
    /// assert random.float(2.5, 3.0) >= 2.5;
    /// ```
    #[rhai_fn(name = "float", return_raw, pure)]
    pub fn float_in(
        ctx: NativeCallContext,
        source: &mut Source,
        from: f64,
        to: f64,
    ) -> Result<f64, Raise> {
        source.draw(&ctx, |random| random.float_in(from, to))
    }

    /// `true` or `false`.
    ///
    /// ```rhai
    /// assert random.bool() in [true, false];
    /// ```
    #[rhai_fn(name = "bool", return_raw, pure)]
    pub fn coin(ctx: NativeCallContext, source: &mut Source) -> Result<bool, Raise> {
        source.draw(&ctx, |random| Ok(random.bool()))
    }

    /// `true` with a probability between 0.0 and 1.0.
    ///
    /// ```rhai
    /// assert random.bool(1.0);
    /// ```
    #[rhai_fn(name = "bool", return_raw, pure)]
    pub fn chance(
        ctx: NativeCallContext,
        source: &mut Source,
        probability: f64,
    ) -> Result<bool, Raise> {
        source.draw(&ctx, |random| random.chance(probability))
    }

    /// One element of an array.
    ///
    /// ```rhai
    /// assert random.pick(["red", "green"]) in ["red", "green"];
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn pick(
        ctx: NativeCallContext,
        source: &mut Source,
        items: Array,
    ) -> Result<Dynamic, Raise> {
        source.draw(&ctx, |random| random.pick(&items).cloned())
    }

    /// The elements of an array in a random order, as a new array.
    ///
    /// ```rhai
    /// expect(random.shuffle([1, 2, 3])).to_contain_only([1, 2, 3]);
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn shuffle(
        ctx: NativeCallContext,
        source: &mut Source,
        items: Array,
    ) -> Result<Array, Raise> {
        source.draw(&ctx, |random| {
            let mut items = items;
            random.shuffle(&mut items);
            Ok(items)
        })
    }

    /// A text of lower-case letters and digits.
    ///
    /// ```rhai
    /// expect(random.string(8)).to_match("^[a-z0-9]{8}$");
    /// ```
    #[rhai_fn(name = "string", return_raw, pure)]
    pub fn text(ctx: NativeCallContext, source: &mut Source, length: i64) -> Result<String, Raise> {
        source.draw(&ctx, |random| random.string(length))
    }

    /// A text of the characters of an alphabet.
    ///
    /// ```rhai
    /// expect(random.string(4, "01")).to_match("^[01]{4}$");
    /// ```
    #[rhai_fn(name = "string", return_raw, pure)]
    pub fn text_of(
        ctx: NativeCallContext,
        source: &mut Source,
        length: i64,
        alphabet: &str,
    ) -> Result<String, Raise> {
        source.draw(&ctx, |random| random.string_of(length, alphabet))
    }
}

#[export_module]
pub mod inventing {
    /// A made-up first and last name.
    ///
    /// ```rhai
    /// expect(random.name()).to_contain(" ");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn name(ctx: NativeCallContext, source: &mut Source) -> Result<String, Raise> {
        source.draw(&ctx, |random| Ok(random.name()))
    }

    /// A made-up first name.
    ///
    /// ```rhai
    /// expect(random.first_name()).to_match("^[A-Z][a-z]+$");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn first_name(ctx: NativeCallContext, source: &mut Source) -> Result<String, Raise> {
        source.draw(&ctx, |random| Ok(random.first_name().to_owned()))
    }

    /// A made-up last name.
    ///
    /// ```rhai
    /// expect(random.last_name()).to_match("^[A-Z][a-z]+$");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn last_name(ctx: NativeCallContext, source: &mut Source) -> Result<String, Raise> {
        source.draw(&ctx, |random| Ok(random.last_name().to_owned()))
    }

    /// A made-up address at example.com, which belongs to nobody; unlikely to come twice.
    ///
    /// ```rhai
    /// expect(random.email()).to_end_with("@example.com");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn email(ctx: NativeCallContext, source: &mut Source) -> Result<String, Raise> {
        source.draw(&ctx, |random| Ok(random.email()))
    }

    /// A word.
    ///
    /// ```rhai
    /// expect(random.word()).to_match("^[a-z]+$");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn word(ctx: NativeCallContext, source: &mut Source) -> Result<String, Raise> {
        source.draw(&ctx, |random| Ok(random.word().to_owned()))
    }

    /// Six to twelve words with a full stop; they mean nothing.
    ///
    /// ```rhai
    /// expect(random.sentence()).to_end_with(".");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn sentence(ctx: NativeCallContext, source: &mut Source) -> Result<String, Raise> {
        source.draw(&ctx, |random| Ok(random.sentence()))
    }

    /// The seed of this attempt, for a report of your own. The run prints the seed it came from.
    ///
    /// ```rhai
    /// expect(random.seed).to_match("^[0-9a-f]{16}$");
    /// ```
    #[rhai_fn(get = "seed", return_raw, pure)]
    pub fn seed(ctx: NativeCallContext, source: &mut Source) -> Result<String, Raise> {
        source.draw(&ctx, |random| Ok(random.seed().to_string()))
    }
}

impl Source {
    fn draw<T>(
        &self,
        ctx: &NativeCallContext,
        value: impl FnOnce(&mut Random) -> Result<T, RandomError>,
    ) -> Result<T, Raise> {
        let attempt = script::attempt(ctx)?;
        let generator = attempt
            .locals()
            .get_or(|| Generator(Mutex::new(begin(&attempt))));
        let mut random = generator.0.lock().unwrap_or_else(|e| e.into_inner());
        value(&mut random)
            .map_err(|error| script::fail(ctx, &attempt, Failure::usage(error.to_string())))
    }
}

/// The generator of an attempt; a retry draws other values, a repetition of the run with its seed the same ones.
fn begin(attempt: &Attempt) -> Random {
    attempt.log(
        Level::Info,
        format!("random values from seed {}", attempt.world().seed),
    );
    Random::new(Seed(attempt.identity().seed))
}
