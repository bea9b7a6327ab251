//! `browser`: pages of a real browser, driven over WebDriver BiDi.
//!
//! One chromedriver and its Chromium run under the guard and are shared by all scenarios of the process; each phase has a
//! *user context* of its own in it (cookies, storage, permissions), whose tabs are the pages of a script. Everything goes
//! over one BiDi socket; its events are routed to the tab they belong to, so that most questions (which address, is it
//! loaded, what did the console say) need no round trip.
//!
//! | file | question |
//! |---|---|
//! | `find` | which browser and which driver does this machine have? |
//! | `flags` | with which arguments and capabilities do they start? |
//! | `driver` | how is a driver started, and what does it say? |
//! | `launch` | how do they come up, under the guard? |
//! | `mapper` | what does its driver do for nothing? |
//! | `wire` | how is one command sent, and what does its error mean? |
//! | `host` | which browser is alive, and what ended it? |
//! | `pool` | which browser does an attempt use? |
//! | `route` | which tab does an event belong to? |
//! | `context` | what is isolated from other scenarios? |
//! | `spare` | which page is made before anybody asks for it? |
//! | `storage` | what does a context know of those who use it? |
//! | `clock` | what time is it for a page? |
//! | `tab` | what can be asked of one page? |
//! | `locator` | which element is meant, and how is something done to it? |
//! | `claim` | how is a claim about elements or pages put to the page? |
//! | `picture` | does a page look as before? |
//! | `input` | how is real input described? |
//! | `traffic` | which requests does a page make, and who answers them? |
//! | `evidence` | what does a failure show of the page? |
//! | `record` | what does a person do who uses the browser? |
//! | `step` | how does one call become a step of the account? |
//! | `face` | the words of scripts |

mod claim;
mod clock;
mod context;
mod devtools;
mod driver;
mod error;
mod evidence;
mod face;
mod find;
mod flags;
mod host;
mod input;
mod launch;
mod locator;
mod mapper;
mod options;
mod picture;
mod pool;
pub mod record;
mod route;
mod socket;
mod spare;
mod step;
mod storage;
mod tab;
#[cfg(test)]
mod tests;
mod toolkit;
mod trace;
mod traffic;
mod wire;

pub use context::Context;
pub use error::{BrowserError, TabError};
pub use face::{BrowserContext, Page};
pub use find::{Programs, find, version};
pub use input::{Action, Button};
pub use pool::show_windows;
pub use tab::{Clip, ElementRef, Frame, Tab};

use crate::Primitive;
use rhai::Dynamic;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "browser",
    guide: include_str!("browser.md"),
    register: face::register,
    globals: &[("browser", || Dynamic::from(face::Browser))],
    syntax: None,
};
