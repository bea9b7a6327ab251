//! What pages ask people in dialogs, and what they are told: nothing may wait for an answer that never comes.

use super::super::host::lock;
use super::Tab;
use serde_json::{Value, json};
use std::sync::Arc;

/// A page that opens more of them without doing anything else will not stop.
const STORM: usize = 50;
/// What is kept of those that were answered.
const KEPT: usize = 100;

/// What a page asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialog {
    /// `alert`, `confirm`, `prompt` or `beforeunload`.
    pub kind: String,
    pub message: String,
    /// What a prompt proposes.
    pub proposed: String,
    pub accepted: bool,
}

/// What a page is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DialogAnswer {
    pub accept: bool,
    /// For prompts.
    pub text: Option<String>,
}

/// The dialogs of a page.
#[derive(Default)]
pub struct Dialogs {
    pub seen: Vec<Dialog>,
    /// How many there were, also those not kept any more.
    pub count: usize,
    /// How many came since the page last did something else.
    row: usize,
    pub plan: Option<DialogAnswer>,
}

impl Dialogs {
    /// The page did something else.
    pub fn rest(&mut self) {
        self.row = 0;
    }

    /// How many came in a row, and the last of them, if the page will not stop.
    pub fn storm(&self) -> Option<(usize, String)> {
        let last = self.seen.last()?;
        (self.row >= STORM).then(|| (self.row, last.message.clone()))
    }

    /// The first that came behind the first `count`.
    pub fn after(&self, count: usize) -> Option<Dialog> {
        let first_kept = self.count - self.seen.len();
        self.seen.get(count.saturating_sub(first_kept)).cloned()
    }

    /// The answer to a dialog: as planned; else alerts are taken note of, leaving is allowed, the rest is cancelled.
    fn answer(&mut self, kind: &str, message: &str, proposed: &str) -> DialogAnswer {
        let answer = self.plan.clone().unwrap_or(DialogAnswer {
            accept: matches!(kind, "alert" | "beforeunload"),
            text: None,
        });
        self.count += 1;
        self.row += 1;
        self.seen.push(Dialog {
            kind: kind.to_owned(),
            message: message.to_owned(),
            proposed: proposed.to_owned(),
            accepted: answer.accept,
        });
        if self.seen.len() > KEPT {
            self.seen.remove(0);
        }
        answer
    }
}

impl Tab {
    pub(super) fn dialog_opened(self: &Arc<Self>, params: &Value) {
        if self
            .context()
            .is_ok_and(|context| context.options().by_hand)
        {
            return;
        }
        let text = |key: &str| params[key].as_str().unwrap_or_default();
        let mut state = lock(&self.state);
        let answer = state
            .dialogs
            .answer(text("type"), text("message"), text("defaultValue"));
        let is_storm = state.dialogs.storm().is_some();
        drop(state);
        if is_storm {
            return;
        }
        let mut asked = json!({ "context": self.id, "accept": answer.accept });
        if let Some(text) = answer.text.filter(|_| text("type") == "prompt") {
            asked["userText"] = text.into();
        }
        let host = self.host.clone();
        self.host.runtime().spawn(async move {
            // Answered by somebody else meanwhile, or gone with its page.
            let _ = host
                .command("browsingContext.handleUserPrompt", asked)
                .await;
        });
    }

    /// What the coming dialogs are told; `None` for the usual.
    pub fn answer_dialogs(&self, plan: Option<DialogAnswer>) {
        lock(&self.state).dialogs.plan = plan;
    }

    /// Whether a dialog behind the first `count` was told not to leave the page.
    pub(super) fn has_kept_from_leaving(&self, count: usize) -> bool {
        let state = lock(&self.state);
        let dialog = state.dialogs.after(count);
        dialog.is_some_and(|dialog| dialog.kind == "beforeunload" && !dialog.accepted)
    }

    /// How many dialogs there were.
    pub fn dialog_count(&self) -> usize {
        lock(&self.state).dialogs.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_taken_note_of_and_questions_answered_with_no() {
        let mut dialogs = Dialogs::default();
        assert!(dialogs.answer("alert", "a", "").accept);
        assert!(!dialogs.answer("confirm", "sure?", "").accept);
        dialogs.plan = Some(DialogAnswer {
            accept: true,
            text: Some("Ada".into()),
        });
        assert_eq!(
            dialogs.answer("prompt", "name?", "").text.as_deref(),
            Some("Ada")
        );
        assert_eq!(dialogs.seen.len(), 3);
    }

    #[test]
    fn a_page_that_does_nothing_but_ask_is_a_storm() {
        let mut dialogs = Dialogs::default();
        for _ in 0..STORM {
            assert_eq!(dialogs.storm(), None);
            dialogs.answer("alert", "again", "");
        }
        assert_eq!(dialogs.storm(), Some((STORM, "again".into())));
        dialogs.rest();
        assert_eq!(dialogs.storm(), None);
    }
}
