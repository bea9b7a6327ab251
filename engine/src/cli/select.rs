//! Interim.
use super::exit::Exit;
use super::prepare::Prepared;
use super::tell::Trouble;
use crate::model::ScenarioId;
use crate::run::dispatcher::{Planned, Verdict};
use std::sync::Arc;

pub struct Choice {
    pub planned: Vec<Planned>,
    pub not_selected: Vec<(ScenarioId, String)>,
}

pub fn select(prepared: &Prepared) -> Result<Choice, Trouble> {
    let planned = prepared
        .declared()
        .into_iter()
        .map(|declared| Planned {
            declared: Arc::new(declared),
            verdict: Verdict::Run,
            quarantined: false,
            expired: None,
        })
        .collect();
    Ok(Choice {
        planned,
        not_selected: Vec::new(),
    })
}

pub fn nothing(_: &Choice) -> Trouble {
    Trouble {
        news: Vec::new(),
        exit: Exit::NothingSelected,
    }
}

pub fn in_words(_: &Verdict) -> Option<String> {
    None
}

pub fn tell_left_out(_: &Choice) {}
