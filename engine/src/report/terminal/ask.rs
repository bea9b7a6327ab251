//! What a person is asked to do: a `manual` phase has begun to wait.

use super::Look;
use crate::model::PhaseKey;
use crate::model::view::View;
use crate::report::{clean, next};

/// Writes what to do and how to say that it is done, if the phase waits for a person.
pub fn ask(key: &PhaseKey, view: &View, look: &Look, out: &mut String) {
    let scenario = view.scenario(&key.scenario);
    let phase = scenario.and_then(|scenario| scenario.declared.phase(&key.phase));
    let (Some(run), Some(phase)) = (&view.run, phase) else {
        return;
    };
    let Some(signal) = phase
        .signal
        .as_ref()
        .filter(|_| !phase.instruction.is_empty())
    else {
        return;
    };
    let name = clean::name(key.scenario.name());
    let what = clean::line(&phase.instruction, clean::NAME);
    out.push_str(&format!(
        "{}  {name}: {}\n       then press Enter here, or: {}\n",
        look.palette.warn("TO DO"),
        look.palette.strong(what),
        look.palette.note(next::signal(&run.run, signal)),
    ));
}
