//! Reading a store: the list of runs, and a run by what a person types for it.

use super::error::{At, StoreError};
use super::events::Events;
use super::home::Home;
use super::lease::{self, Holder};
use super::open;
use crate::model::view::Counts;
use crate::model::{Outcome, RunId};
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use scenario_stdlib::host::suggest;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as Unknown;
use std::path::PathBuf;
use std::time::Duration;

/// A store opened to read it. What is read is committed; a run that is being written grows between two readings.
pub struct Store {
    pub(super) conn: Connection,
    pub(super) path: PathBuf,
    home: Home,
}

/// A run in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub run: RunId,
    pub started: Timestamp,
    pub life: Life,
    pub counts: Counts,
    /// The command line as typed.
    pub args: Vec<String>,
    pub profile: String,
    /// Version of the program that wrote it.
    pub program: String,
    pub host: String,
}

/// Where a run is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Life {
    /// A process that lives, as far as can be known, is writing it.
    Running(Holder),
    Ended {
        at: Timestamp,
        exit: u8,
        took: Duration,
    },
    /// Its process is gone without having ended it; the newest event is of this time.
    Killed { last: Option<Timestamp> },
}

impl Store {
    /// Opens a store that is there. One of a newer version is refused and left as it is; an older one is brought up to
    /// date; one that nobody can write is read as it stands.
    pub fn open_existing(home: &Home) -> Result<Self, StoreError> {
        Ok(Self {
            conn: open::for_reading(home)?,
            path: home.database(),
            home: home.clone(),
        })
    }

    /// Where it is.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// All runs, newest first.
    pub fn runs(&self) -> Result<Vec<Summary>, StoreError> {
        self.summaries("", "").at(&self.path)
    }

    /// One run in a line.
    pub fn summary(&self, run: &RunId) -> Result<Summary, StoreError> {
        let found = self.summaries("WHERE id = ?1", &run.0).at(&self.path)?;
        match found.into_iter().next() {
            Some(summary) => Ok(summary),
            None => Err(self.unknown(&run.0, &self.ids()?)),
        }
    }

    /// The run a person means: an id, the beginning of one, or `latest`.
    pub fn find(&self, text: &str) -> Result<RunId, StoreError> {
        let ids = self.ids()?;
        let Some(latest) = ids.first() else {
            return Err(StoreError::NoRuns {
                path: self.home.dir().to_owned(),
            });
        };
        if text == "latest" {
            return Ok(RunId(latest.clone()));
        }
        if ids.iter().any(|id| id == text) {
            return Ok(RunId(text.to_owned()));
        }
        let mut candidates: Vec<&String> = match text {
            "" => Vec::new(),
            _ => ids.iter().filter(|id| id.starts_with(text)).collect(),
        };
        match candidates.as_slice() {
            [] => Err(self.unknown(text, &ids)),
            [one] => Ok(RunId((*one).clone())),
            _ => {
                candidates.truncate(5);
                Err(StoreError::AmbiguousRun {
                    text: text.to_owned(),
                    candidates: candidates.into_iter().cloned().collect(),
                })
            }
        }
    }

    /// The events of a run, from the first.
    pub fn events(&self, run: &RunId) -> Events<'_> {
        self.events_after(run, 0)
    }

    /// The events of a run behind the row that ends with event `seq`, as a position that was told by a commit or read does.
    pub fn events_after(&self, run: &RunId, seq: u64) -> Events<'_> {
        Events::new(&self.conn, &self.path, run, seq)
    }

    /// Who holds a run, dead or alive.
    pub fn holder(&self, run: &RunId) -> Result<Option<Holder>, StoreError> {
        lease::holder(&self.conn, run).at(&self.path)
    }

    /// Ids, newest first.
    fn ids(&self) -> Result<Vec<String>, StoreError> {
        self.conn
            .prepare_cached("SELECT id FROM runs ORDER BY id DESC")
            .and_then(|mut select| select.query_map([], |row| row.get(0))?.collect())
            .at(&self.path)
    }

    fn unknown(&self, text: &str, ids: &[String]) -> StoreError {
        let hint = match suggest::nearest(text, ids.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`scenario runs` lists them all; `latest` is the newest".into(),
        };
        StoreError::UnknownRun {
            text: text.to_owned(),
            hint,
        }
    }

    fn summaries(&self, filter: &str, id: &str) -> rusqlite::Result<Vec<Summary>> {
        let mut select = self.conn.prepare_cached(&format!(
            "SELECT id, started, ended, exit, micros, planned, program, args, profile, host
             FROM runs {filter} ORDER BY id DESC"
        ))?;
        let mut rows = match filter {
            "" => select.query([])?,
            _ => select.query([id])?,
        };
        let mut summaries = Vec::new();
        while let Some(row) = rows.next()? {
            summaries.push(self.summary_of(row)?);
        }
        Ok(summaries)
    }

    fn summary_of(&self, row: &Row<'_>) -> rusqlite::Result<Summary> {
        let run = RunId(row.get(0)?);
        let ended = match (row.get(2)?, row.get(3)?, row.get::<_, Option<i64>>(4)?) {
            (Some(at), Some(exit), Some(micros)) => Some(Life::Ended {
                at: timestamp(at),
                exit,
                took: Duration::from_micros(micros as u64),
            }),
            _ => None,
        };
        let holder = lease::holder(&self.conn, &run)?;
        let life = match (holder, ended) {
            (Some(holder), _) if holder.is_live(Timestamp::now()) => Life::Running(holder),
            (_, Some(ended)) => ended,
            (_, None) => Life::Killed {
                last: self.last_at(&run)?,
            },
        };
        Ok(Summary {
            started: timestamp(row.get(1)?),
            life,
            counts: self.counts(&run, row.get::<_, i64>(5)? as usize)?,
            program: row.get(6)?,
            args: serde_json::from_str(row.get_ref(7)?.as_str()?).unwrap_or_default(),
            profile: row.get(8)?,
            host: row.get(9)?,
            run,
        })
    }

    fn last_at(&self, run: &RunId) -> rusqlite::Result<Option<Timestamp>> {
        self.conn
            .prepare_cached(
                "SELECT max(at) FROM (SELECT at FROM events WHERE run = ?1 ORDER BY first_seq DESC LIMIT 1)",
            )?
            .query_row([&run.0], |row| Ok(row.get::<_, Option<i64>>(0)?.map(timestamp)))
    }

    /// The same numbers as [`View::counts`](crate::model::View::counts), without reading the events.
    fn counts(&self, run: &RunId, total: usize) -> rusqlite::Result<Counts> {
        let mut select = self.conn.prepare_cached(
            "SELECT outcome, flaky, quarantined, vacuous, count(*) FROM outcomes
             WHERE run = ?1 GROUP BY outcome, flaky, quarantined, vacuous",
        )?;
        let mut rows = select.query([&run.0])?;
        let mut counts = Counts {
            total,
            open: total,
            ..Counts::default()
        };
        while let Some(row) = rows.next()? {
            let number = row.get::<_, i64>(4)? as usize;
            let flag = |index| row.get::<_, bool>(index);
            let Some(outcome) = outcome(row.get_ref(0)?.as_str()?) else {
                continue;
            };
            counts.open = counts.open.saturating_sub(number);
            if flag(2)? {
                counts.quarantined += number;
            }
            match outcome {
                Outcome::Passed => {
                    counts.passed += number;
                    counts.flaky += if flag(1)? { number } else { 0 };
                    counts.vacuous += if flag(3)? { number } else { 0 };
                }
                Outcome::Failed => counts.failed += number,
                Outcome::Errored => counts.errored += number,
                Outcome::Skipped => counts.skipped += number,
                Outcome::Interrupted => counts.interrupted += number,
                Outcome::Parked => counts.parked += number,
            }
        }
        Ok(counts)
    }
}

pub(super) fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The outcome of this name.
pub(super) fn outcome(name: &str) -> Option<Outcome> {
    let name: serde::de::value::StrDeserializer<'_, Unknown> = name.into_deserializer();
    Outcome::deserialize(name).ok()
}
