//! Messages to a run, from whoever has the store. They wait here until a process that runs it takes them.

use super::error::{At, StoreError};
use super::keeper::Keeper;
use super::runs::Store;
use crate::model::RunId;
use jiff::Timestamp;
use serde_json::Value;

/// A message as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// Grows with each message of the store.
    pub number: u64,
    /// Only for the scenario of this name or id; `None` is for all.
    pub scenario: Option<String>,
    pub name: String,
    pub data: Value,
}

impl Keeper {
    /// Leaves a message for a run, whoever is running it. Gives its number.
    pub fn send(
        &mut self,
        run: &RunId,
        scenario: Option<&str>,
        name: &str,
        data: &Value,
    ) -> Result<u64, StoreError> {
        let (conn, path) = self.parts();
        conn.execute(
            "INSERT INTO signals (run, scenario, name, data, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                &run.0,
                scenario,
                name,
                data.to_string(),
                Timestamp::now().as_microsecond(),
            ),
        )
        .at(path)?;
        Ok(conn.last_insert_rowid() as u64)
    }
}

impl Store {
    /// The messages to a run with a number above `after`, oldest first.
    pub fn signals(&self, run: &RunId, after: u64) -> Result<Vec<Sent>, StoreError> {
        let read = || -> rusqlite::Result<Vec<Sent>> {
            let mut select = self.conn.prepare_cached(
                "SELECT number, scenario, name, data FROM signals WHERE run = ?1 AND number > ?2 ORDER BY number",
            )?;
            let rows = select.query_map((&run.0, after as i64), |row| {
                let data: String = row.get(3)?;
                Ok(Sent {
                    number: row.get::<_, i64>(0)? as u64,
                    scenario: row.get(1)?,
                    name: row.get(2)?,
                    data: serde_json::from_str(&data).unwrap_or(Value::String(data)),
                })
            })?;
            rows.collect()
        };
        read().at(&self.path)
    }
}
