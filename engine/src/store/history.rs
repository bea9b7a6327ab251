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

impl Store {
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
            let mut rows = select.query((&scenario.0, DEPTH))?;
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
                    .query_map([], |row| Ok(ScenarioId(row.get(0)?)))?
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
