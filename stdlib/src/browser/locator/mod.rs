//! Locators: which element is meant. A locator is a description; each action, question and expectation looks for the element
//! anew, inside the page, and waits for it there.
//!
//! | file | question |
//! |---|---|
//! | `wording` | what does a text have to be like? |
//! | `part` | what is a locator made of? |
//! | `read` | what did the script mean by its arguments? |
//! | `wait` | how is the page asked until it is so? |
//! | `act` | how is something done to an element? |
//! | `drag` | how is one element dragged onto another? |
//! | `ask` | how is an element asked? |
//! | `keys` | which key is meant by its name? |
//! | `log` | what was seen while it was waited for? |
//! | `verdict` | what is said when it did not come about? |

pub mod act;
pub mod ask;
mod drag;
pub mod keys;
mod log;
pub mod part;
pub mod read;
pub mod verdict;
pub mod wait;
pub mod wording;

pub use log::CallLog;
pub use part::Chain;
pub use wait::{Missed, Place};
pub use wording::{Pattern, Wording};

use part::Part;
use serde_json::{Map, Value, json};
use verdict::Subject;

/// Which element is meant, on which page.
#[derive(Clone)]
pub struct Locator {
    pub place: Place,
    pub chain: Chain,
}

impl Locator {
    /// The same place, with another link at the end.
    pub fn with(&self, part: Part, shown: String) -> Self {
        Self {
            place: self.place.clone(),
            chain: self.chain.with(part, shown),
        }
    }

    /// What lies in the frame that this locator means.
    pub fn inside(&self) -> Place {
        let mut place = self.place.clone();
        place.frames.push(self.chain.clone());
        place
    }

    /// The frame it goes through that is written so.
    pub fn frame(&self, shown: &str) -> Option<Self> {
        let frames = &self.place.frames;
        let at = frames.iter().position(|frame| frame.show() == shown)?;
        let mut place = self.place.clone();
        place.frames.truncate(at);
        Some(Self {
            place,
            chain: frames[at].clone(),
        })
    }

    /// As the script wrote it, without the page before it.
    pub fn show(&self) -> String {
        let frames = self
            .place
            .frames
            .iter()
            .map(|frame| format!("frame_locator({}).", frame.show()));
        frames.chain([self.chain.show()]).collect()
    }

    /// The arguments that every function of the toolkit takes.
    pub fn args(&self) -> Map<String, Value> {
        Map::from_iter([("chain".to_owned(), self.chain.to_json())])
    }

    pub fn subject(&self, action: &str) -> Subject {
        Subject {
            locator: self.show(),
            action: action.to_owned(),
            words: self.words(),
        }
    }

    fn words(&self) -> Option<String> {
        let wording = self
            .chain
            .0
            .iter()
            .rev()
            .find_map(|link| match &link.part {
                Part::Role(role) => role.name.clone(),
                Part::Text(text)
                | Part::Label(text)
                | Part::Placeholder(text)
                | Part::Alt(text)
                | Part::Title(text) => Some(text.clone()),
                Part::TestId { id, .. } => Some(id.clone()),
                _ => None,
            })?;
        match wording {
            Wording::Text { text, .. } => Some(text),
            Wording::Pattern(_) => None,
        }
    }

    /// What the page says of a locator that means nothing; nothing when it cannot say.
    pub async fn explained(&self) -> Value {
        let Ok(spot) = self.place.spot(&json!(0)).await else {
            return Value::Null;
        };
        let args = Value::Object(self.args());
        self.place
            .tab
            .call(&spot.frame, "explain", &args)
            .await
            .unwrap_or_default()
    }
}

impl std::fmt::Debug for Locator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.show())
    }
}
