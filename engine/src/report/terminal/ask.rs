//! What a person is asked to do: a `manual` phase has begun to wait.

use super::Look;
use crate::model::view::View;
use crate::model::{PhaseKey, PhaseState, ScenarioId};
use crate::report::{clean, next};

/// Asks once more for what a scenario waited for when another process let go of it.
pub fn again(id: &ScenarioId, view: &View, look: &Look, out: &mut String) {
    let Some(tried) = view.scenario(id).and_then(|scenario| scenario.last_try()) else {
        return;
    };
    for phase in &tried.phases {
        if phase.state == PhaseState::Waiting {
            let key = PhaseKey {
                scenario: id.clone(),
                round: tried.round,
                try_number: tried.number,
                phase: phase.name.clone(),
            };
            ask(&key, view, look, out);
        }
    }
}

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
    // Where nobody looks on, nobody presses a key.
    let how = look.width.map_or("then", |_| "then press Enter here, or");
    out.push_str(&format!(
        "{}  {name}: {}\n       {how}: {}\n",
        look.palette.warn("TO DO"),
        look.palette.strong(what),
        look.palette.note(next::signal(&run.run, signal)),
    ));
}
