//! The contract between what a script can say and whoever runs it.
//!
//! A primitive gets the running [`Attempt`](attempt::Attempt) with [`script::attempt`] (which refuses while a
//! file is only being loaded), does its work inside [`Attempt::step`](attempt::Attempt::step), reaches async code
//! through [`Attempt::block_on`](attempt::Attempt::block_on), turns bad news into a
//! [`Failure`](failure::Failure) and raises it with [`script::fail`]. Option maps are read with
//! [`Options`](options::Options), which refuses unknown keys. What belongs to a run or an attempt is kept in
//! [`Extensions`](extensions::Extensions); what must be undone is registered with
//! [`Attempt::on_end`](attempt::Attempt::on_end).
//!
//! Nothing here knows how scenarios are scheduled, stored or shown.

pub mod alarm;
pub mod attempt;
pub mod browsing;
pub mod clock;
mod cut_secret;
pub mod details;
pub mod driver;
pub mod duration;
pub mod extensions;
pub mod failure;
pub mod inspect;
pub mod json;
pub mod json_text;
pub mod loading;
pub mod location;
pub mod mask;
pub mod meaning;
pub mod options;
pub mod pace;
pub mod poll;
pub mod record;
pub mod scope;
pub mod script;
pub mod secret;
pub mod sources;
pub mod suggest;
pub mod trace;
pub mod wording;
pub mod work_dir;
pub mod world;

#[cfg(test)]
pub mod fake;
