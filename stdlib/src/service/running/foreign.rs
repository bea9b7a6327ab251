//! Services that another run has started and will end: what this one may know of them.

use super::{Life, Service};
use crate::guard::{Guard, Log, lives_in};
use crate::host::attempt::Attempt;
use crate::service::spec::Spec;
use crate::service::template::Facts;
use std::sync::Arc;

impl Service {
    /// A service that another run has started and will end.
    pub fn of_another(
        spec: Spec,
        facts: Facts,
        guard: Arc<Guard>,
        teller: Attempt,
        run: &str,
    ) -> Self {
        let service = Self::new(spec, facts.dir.clone(), guard, teller);
        {
            let mut state = service.state();
            state.life = Life::Ready;
            state.facts = facts;
            state.of_another = Some(run.to_owned());
        }
        service
    }

    /// Reads what the other run writes down of it. Must be called inside the runtime.
    pub fn read_along(&self) {
        let folder = self.dir().join("log");
        let file = |number: usize, ending: &str| match number {
            1 => folder.join(format!("{}.{ending}", self.name())),
            _ => folder.join(format!("{}.{number}.{ending}", self.name())),
        };
        let home = self.home_elsewhere();
        let logs = (1..)
            .map(|number| (file(number, "out"), file(number, "err")))
            .take_while(|(out, _)| out.exists())
            .map(|(out, err)| {
                let home = home.clone();
                let is_over = move || home.as_ref().is_none_or(|(run, pid)| !lives_in(*pid, run));
                Log::of_another(out, err, is_over)
            })
            .collect();
        self.state().logs = logs;
    }

    pub fn is_of_another(&self) -> bool {
        self.state().of_another.is_some()
    }

    /// Whether it runs, if that is for another run to say.
    pub(super) fn is_running_elsewhere(&self) -> Option<bool> {
        self.home_elsewhere().map(|(run, pid)| lives_in(pid, &run))
    }

    /// The other run, and the process it has there.
    fn home_elsewhere(&self) -> Option<(String, i32)> {
        let state = self.state();
        state.of_another.clone().zip(state.facts.pid)
    }
}
