//! What a person did in a browser, as the lines of a script: several events that were one deed become one line, and where a
//! deed led is claimed. How lines are written is in `transcript`.

use scenario_stdlib::browser::record::{Act, Deed, Heard, What};
use std::collections::BTreeMap;

/// What was recorded so far.
#[derive(Debug, Default)]
pub struct Recording {
    pub(super) lines: Vec<Line>,
    /// What chosen files hold, by the number of the choice and the place in it.
    pub(super) contents: BTreeMap<(String, usize), String>,
    pages: BTreeMap<u32, Seen>,
}

/// A page so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    is_open: bool,
    /// Where it was, the last one last.
    visited: Vec<String>,
    /// What its dialogs are answered with.
    answer: Option<(bool, Option<String>)>,
}

/// A line of the script, about a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub page: u32,
    pub what: Said,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    Open(String),
    Visit(String),
    Back,
    Reload,
    Did(Deed),
    /// The page was opened by a deed in another one.
    Popup {
        by: u32,
        deed: Option<Deed>,
    },
    /// A deed that began a download.
    Download(Deed),
    /// Where a deed led.
    IsAt(String),
    Answer {
        accepted: bool,
        text: Option<String>,
    },
    Close,
}

impl Recording {
    /// Whether there is something to write.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Where the first page began.
    pub fn began_at(&self) -> Option<&str> {
        self.lines.iter().find_map(|line| match &line.what {
            Said::Open(url) => Some(url.as_str()),
            _ => None,
        })
    }

    /// Where a page is now.
    pub(super) fn is_at(&self, page: u32) -> Option<&str> {
        self.pages.get(&page)?.visited.last().map(String::as_str)
    }

    /// Takes in what was heard.
    pub fn hear(&mut self, heard: Heard) {
        let Heard { page, what } = heard;
        match what {
            What::Opened { by: None } => {
                self.pages.insert(page, Seen::default());
            }
            What::Opened { by: Some(by) } => {
                let seen = Seen {
                    is_open: true,
                    ..Seen::default()
                };
                self.pages.insert(page, seen);
                let deed = self.take_last_deed(by);
                self.say(page, Said::Popup { by, deed });
            }
            What::Asked { url } => self.asked(page, url),
            What::Arrived { url, was_asked } => self.arrived(page, url, was_asked),
            What::Did(deed) => self.did(page, deed),
            What::Answered { accepted, text } => self.answered(page, accepted, text),
            What::Downloads => {
                if let Some(deed) = self.take_last_deed(page) {
                    self.say(page, Said::Download(deed));
                }
            }
            What::Closed => self.say(page, Said::Close),
        }
    }

    fn say(&mut self, page: u32, what: Said) {
        self.lines.push(Line { page, what });
    }

    fn last(&self, page: u32) -> Option<&Said> {
        let last = self.lines.last()?;
        (last.page == page).then_some(&last.what)
    }

    /// The last line, if it is a deed in this page that leads somewhere.
    fn take_last_deed(&mut self, page: u32) -> Option<Deed> {
        match self.last(page) {
            Some(Said::Did(deed)) if !matches!(deed.act, Act::Claim { .. }) => {
                let deed = deed.clone();
                self.lines.pop();
                Some(deed)
            }
            _ => None,
        }
    }

    fn asked(&mut self, page: u32, url: String) {
        let seen = self.pages.entry(page).or_default();
        let before = seen.visited.len().checked_sub(2);
        let what = if !std::mem::replace(&mut seen.is_open, true) {
            Said::Open(url)
        } else if seen.visited.last() == Some(&url) {
            Said::Reload
        } else if before.is_some_and(|at| seen.visited[at] == url) {
            seen.visited.truncate(seen.visited.len() - 2);
            Said::Back
        } else {
            Said::Visit(url)
        };
        // An address that was asked for again before it came.
        let is_repeated = matches!(
            (self.last(page), &what),
            (
                Some(Said::Visit(_) | Said::Reload | Said::Back),
                Said::Visit(_)
            ) | (Some(Said::Reload), Said::Reload)
        );
        if is_repeated {
            self.lines.pop();
        }
        self.say(page, what);
    }

    fn arrived(&mut self, page: u32, url: String, was_asked: bool) {
        let seen = self.pages.entry(page).or_default();
        if seen.visited.last() != Some(&url) {
            seen.visited.push(url.clone());
        }
        if was_asked {
            return;
        }
        match self.last(page) {
            // One that leads on at once is not where the deed led.
            Some(Said::IsAt(_)) => {
                self.lines.pop();
                self.say(page, Said::IsAt(url));
            }
            Some(Said::Did(deed)) if !matches!(deed.act, Act::Claim { .. } | Act::Focus) => {
                self.say(page, Said::IsAt(url));
            }
            Some(Said::Popup { .. }) => self.say(page, Said::IsAt(url)),
            _ => {}
        }
    }

    fn did(&mut self, page: u32, deed: Deed) {
        if let Act::Content {
            number,
            index,
            base64,
        } = deed.act
        {
            self.contents.insert((number, index), base64);
            return;
        }
        let is_click = |act: &Act| matches!(act, Act::Click { button: None });
        // What the new deed makes of the lines before it: they were its beginning.
        while let Some(Said::Did(last)) = self.last(page) {
            let is_same = last.at == deed.at && last.frames == deed.frames;
            let was_part = match (&last.act, &deed.act) {
                (Act::Focus, _) => !last.at.contains("get_by_role(\"combobox\"") || is_same,
                (Act::Fill { .. }, Act::Fill { .. }) => is_same,
                (Act::Select { .. }, Act::Select { .. }) => is_same,
                (Act::Files { .. }, Act::Files { .. }) => is_same,
                (last, Act::Dblclick) => is_same && is_click(last),
                _ => false,
            };
            if !was_part {
                break;
            }
            self.lines.pop();
        }
        self.say(page, Said::Did(deed));
    }

    /// Dialogs are answered before the deed that opens them.
    fn answered(&mut self, page: u32, accepted: bool, text: Option<String>) {
        let seen = self.pages.entry(page).or_default();
        let answer = Some((accepted, text.clone()));
        // Questions are answered with no, unless something else was said.
        if seen.answer == answer || (seen.answer.is_none() && !accepted) {
            return;
        }
        seen.answer = answer;
        let deed = self.take_last_deed(page);
        self.say(page, Said::Answer { accepted, text });
        if let Some(deed) = deed {
            self.say(page, Said::Did(deed));
        }
    }
}
