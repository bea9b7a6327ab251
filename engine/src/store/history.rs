//! How scenarios fared in earlier runs: for ordering and sharding by duration, and for `--last-failed`.

use super::error::{At, StoreError};
use super::runs::{Store, outcome};
use crate::model::{Outcome, RunId, ScenarioId};
use std::collections::HashMap;
use std::time::Duration;

/// Runs of a scenario that are looked at.
const DEPTH: i64 = 10;

/// How a scenario fared lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// How it ended last, and in which run.
    pub last: Option<(Outcome, RunId)>,
    /// How long it took when it passed, newest first: other ends tell nothing about the time it needs.
    pub took: Vec<Duration>,
}

impl Past {
    /// The median time it took, if it ever passed.
    pub fn typical(&self) -> Option<Duration> {
        let mut took = self.took.clone();
        took.sort_unstable();
        took.get(took.len() / 2).copied()
    }
}

/// How a scenario fared in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    pub run: RunId,
    pub outcome: Outcome,
    pub flaky: bool,
    pub took: Duration,
}

impl Store {
    /// How these scenarios fared in the runs before `run`, newest first; those without any are left out.
    pub fn before<'i>(
        &self,
        run: &RunId,
        scenarios: impl IntoIterator<Item = &'i ScenarioId>,
    ) -> Result<HashMap<ScenarioId, Vec<Before>>, StoreError> {
        self.all_before(run, scenarios).at(&self.path)
    }

    fn all_before<'i>(
        &self,
        run: &RunId,
        scenarios: impl IntoIterator<Item = &'i ScenarioId>,
    ) -> rusqlite::Result<HashMap<ScenarioId, Vec<Before>>> {
        let mut found = HashMap::new();
        // A store of one run, as CI has it, is not asked once a scenario.
        let others = "SELECT EXISTS (SELECT 1 FROM runs WHERE id < ?1)";
        if !self.conn.query_row(others, [&run.0], |row| row.get(0))? {
            return Ok(found);
        }
        let mut select = self.conn.prepare_cached(
            "SELECT run, outcome, flaky, micros FROM outcomes
             WHERE scenario = ?1 AND run < ?2 ORDER BY run DESC LIMIT ?3",
        )?;
        for scenario in scenarios {
            let mut before = Vec::new();
            let mut rows = select.query((scenario.0.as_str(), &run.0, DEPTH))?;
            while let Some(row) = rows.next()? {
                if let Some(outcome) = outcome(row.get_ref(1)?.as_str()?) {
                    before.push(Before {
                        run: RunId(row.get(0)?),
                        outcome,
                        flaky: row.get(2)?,
                        took: Duration::from_micros(row.get::<_, i64>(3)? as u64),
                    });
                }
            }
            if !before.is_empty() {
                found.insert(scenario.clone(), before);
            }
        }
        Ok(found)
    }

    /// The past of these scenarios; those without any are left out.
    pub fn history<'i>(
        &self,
        scenarios: impl IntoIterator<Item = &'i ScenarioId>,
    ) -> Result<HashMap<ScenarioId, Past>, StoreError> {
        self.pasts(scenarios).at(&self.path)
    }

    fn pasts<'i>(
        &self,
        scenarios: impl IntoIterator<Item = &'i ScenarioId>,
    ) -> rusqlite::Result<HashMap<ScenarioId, Past>> {
        let mut select = self.conn.prepare_cached(
            "SELECT run, outcome, micros FROM (
                 SELECT * FROM outcomes WHERE scenario = ?1 ORDER BY run DESC LIMIT ?2)
             ORDER BY at DESC",
        )?;
        let mut pasts = HashMap::new();
        for scenario in scenarios {
            let mut past = Past::default();
            let mut rows = select.query((scenario.0.as_str(), DEPTH))?;
            while let Some(row) = rows.next()? {
                let Some(outcome) = outcome(row.get_ref(1)?.as_str()?) else {
                    continue;
                };
                if past.last.is_none() {
                    past.last = Some((outcome, RunId(row.get(0)?)));
                }
                if outcome == Outcome::Passed {
                    past.took
                        .push(Duration::from_micros(row.get::<_, i64>(2)? as u64));
                }
            }
            if past.last.is_some() {
                pasts.insert(scenario.clone(), past);
            }
        }
        Ok(pasts)
    }

    /// Scenarios whose last result was bad, in order of their ids. A later run that left one out, skipped it or parked it has
    /// not made it better.
    pub fn last_failed(&self) -> Result<Vec<ScenarioId>, StoreError> {
        // A bare column beside max() is of the row that has the maximum (sqlite.org/lang_select.html, 2.5).
        self.conn
            .prepare_cached(
                "SELECT scenario FROM (
                     SELECT scenario, outcome, max(at) FROM outcomes
                     WHERE outcome NOT IN ('skipped', 'parked') GROUP BY scenario)
                 WHERE outcome <> 'passed' ORDER BY scenario",
            )
            .and_then(|mut select| {
                select
                    .query_map([], |row| Ok(ScenarioId(row.get::<_, String>(0)?.into())))?
                    .collect()
            })
            .at(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_typical_time_is_not_spoilt_by_one_slow_run() {
        let seconds = |list: &[u64]| Past {
            took: list.iter().copied().map(Duration::from_secs).collect(),
            ..Past::default()
        };
        assert_eq!(seconds(&[2, 90, 3]).typical(), Some(Duration::from_secs(3)));
        assert_eq!(seconds(&[]).typical(), None);
    }
}
