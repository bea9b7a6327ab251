//! What is heard of a person at work. Plain data, in the words of the recorder in the page.

use serde::Deserialize;

/// Something happened in one of the pages, which are numbered from 1 in the order in which they were opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    pub page: u32,
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The page opened: by itself, or by a deed in another one.
    Opened {
        by: Option<u32>,
    },
    /// The person asked for an address, or for the same one again.
    Asked {
        url: String,
    },
    /// Another address is there, asked for by the page or by the person.
    Arrived {
        url: String,
        was_asked: bool,
    },
    Did(Deed),
    /// A question of the page was answered.
    Answered {
        accepted: bool,
        text: Option<String>,
    },
    /// A download began.
    Downloads,
    Closed,
}

/// Something a person did to an element.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Deed {
    /// The locator, as a script writes it; empty for the page itself.
    #[serde(default)]
    pub at: String,
    /// Selectors of the frames the element is in, the outermost first.
    #[serde(default)]
    pub frames: Vec<String>,
    #[serde(flatten)]
    pub act: Act,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "act", rename_all = "lowercase")]
pub enum Act {
    /// A press into a field, which matters only if nothing is entered.
    Focus,
    Click {
        button: Option<String>,
    },
    Dblclick,
    Fill {
        value: String,
        #[serde(default)]
        secret: bool,
        #[serde(default)]
        called: String,
    },
    Check,
    Uncheck,
    Select {
        options: Vec<Choice>,
        #[serde(default)]
        many: bool,
    },
    Press {
        key: String,
    },
    Files {
        number: String,
        names: Vec<String>,
    },
    /// What a file of `Files` holds.
    Content {
        number: String,
        index: usize,
        base64: String,
    },
    Claim {
        what: Claim,
        text: Option<String>,
    },
}

/// An option of a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    Text(String),
    Value(String),
}

/// What a person claims of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Claim {
    Visible,
    Text,
    Value,
    Checked,
    Unchecked,
}
