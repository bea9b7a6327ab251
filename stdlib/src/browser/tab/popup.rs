//! The first document of a pop-up. One of the same origin takes over the window of the empty document before it, and the
//! scripts' worlds with it; the driver waits for new ones, which never come, and answers nothing that is about the page's
//! content. It learns of them when they are announced again.

use super::super::host::lock;
use super::super::trace::{Line, Mark};
use super::{PATIENT, Tab};
use serde_json::json;
use std::sync::Arc;

impl Tab {
    /// Its first document that is not empty is there.
    pub(super) fn has_its_first_document(self: &Arc<Self>) {
        let tab = self.clone();
        self.host().runtime().spawn(async move {
            if tab.devtools().await.is_none() {
                return;
            }
            // With the announcement, all lines of the console come again.
            lock(&tab.state).echo = Some(Vec::new());
            // Sent in one go: what is announced between them would be missed. A page that has closed needs neither.
            let (_, _) = tokio::join!(
                tab.devtool_of_driver("Runtime.disable", json!({}), PATIENT),
                tab.devtool_of_driver("Runtime.enable", json!({}), PATIENT),
            );
            let heard = lock(&tab.state).echo.take().unwrap_or_default();
            for line in without_echo(&tab.trace().lines_since(Mark::default()), heard) {
                tab.trace().say(line);
            }
        });
    }
}

/// What of `heard` is new: behind some lines of its own, it may tell once more what was `said`, and these.
///
/// Lines that are alike in text, place and millisecond cannot be told apart: of some that come in the midst of this, one may be
/// taken for the echo of another.
fn without_echo(said: &[Line], mut heard: Vec<Line>) -> Vec<Line> {
    let is_echo_behind = |own: usize| {
        let all = said.iter().chain(&heard[..own]);
        said.len() + 2 * own <= heard.len() && all.eq(heard[own..].iter().take(said.len() + own))
    };
    if let Some(own) = (0..=heard.len() / 2).rev().find(|own| is_echo_behind(*own)) {
        heard.drain(own..2 * own + said.len());
    }
    heard
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &str) -> Vec<Line> {
        let line = |text: char| Line {
            at: 1,
            level: "log".into(),
            text: text.into(),
            place: String::new(),
        };
        texts.chars().map(line).collect()
    }

    #[test]
    fn what_is_told_twice_is_kept_once() {
        for (said, heard, new) in [
            ("", "", ""),
            ("", "ab", "ab"),
            ("ab", "abc", "c"),
            ("ab", "cabcd", "cd"),
            ("", "aaabaaabc", "aaabc"),
            ("ss", "ssss", "s"),
            ("ss", "ssssb", "sb"),
            ("ab", "c", "c"),
        ] {
            let got = without_echo(&lines(said), lines(heard));
            assert_eq!(got, lines(new), "{said} {heard}");
        }
    }
}
