//! Files of records into tables, in an order the foreign keys allow, and away again.

use super::insert::{self, Record};
use super::link::{Link, Params, Statement, Trouble};
use super::tables;
use crate::client::{ClientError, Value};
use crate::seed::Batch;

/// What to load, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    pub batches: Vec<Batch>,
    /// Empty the tables first.
    pub replace: bool,
    /// Remember which rows are ours.
    pub cleanup: bool,
}

/// What was done.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// Tables in the order they were filled, and how many rows each got.
    pub filled: Vec<(String, usize)>,
    pub emptied: Vec<(String, u64)>,
    /// Our rows, by key.
    pub own: Vec<Own>,
}

/// Rows of one table.
#[derive(Debug, Clone)]
pub struct Own {
    pub table: String,
    pub key: Vec<String>,
    pub rows: Vec<Vec<Value>>,
}

type Failed = (Box<Statement>, Trouble);

/// Loads within the transaction that is open on `link`.
pub async fn load(link: &mut Link, plan: &Plan) -> Result<Loaded, ClientError> {
    let mut loaded = Loaded::default();
    if plan.replace {
        let tables: Vec<&Batch> = plan.batches.iter().rev().collect();
        in_any_order(link, tables, async |link: &mut Link, batch: &Batch| {
            let table = link.database().quote(&batch.name);
            let statement = Statement::new(format!("delete from {table}"));
            let outcome = link
                .attempt(&statement)
                .await
                .map_err(|trouble| (Box::new(statement), trouble))?;
            loaded.emptied.push((batch.name.clone(), outcome.affected));
            Ok(())
        })
        .await?;
    }
    let mut keys = Vec::new();
    for batch in &plan.batches {
        keys.push(match plan.cleanup {
            true => Some(key_of(link, batch).await?),
            false => None,
        });
    }
    let all: Vec<(&Batch, Option<Vec<String>>)> = plan.batches.iter().zip(keys).collect();
    in_any_order(
        link,
        all,
        async |link: &mut Link, (batch, key): (&Batch, Option<Vec<String>>)| {
            let records: Vec<Record> = batch.records.iter().map(record).collect();
            let returning = key.as_ref().map(|key| {
                let quoted = key.iter().map(|column| link.database().quote(column));
                quoted.collect::<Vec<_>>().join(", ")
            });
            let outcome =
                insert::attempt(link, &batch.name, &records, returning.as_deref()).await?;
            loaded.filled.push((batch.name.clone(), records.len()));
            if let Some(key) = key {
                loaded.own.push(Own {
                    table: batch.name.clone(),
                    key,
                    rows: outcome.rows,
                });
            }
            Ok(())
        },
    )
    .await?;
    Ok(loaded)
}

fn record(record: &serde_json::Map<String, serde_json::Value>) -> Record {
    let entries = record.iter();
    entries
        .map(|(name, value)| (name.clone(), Value::from_json(value.clone())))
        .collect()
}

async fn key_of(link: &mut Link, batch: &Batch) -> Result<Vec<String>, ClientError> {
    let key = tables::primary_key(link, &batch.name).await?;
    match key.is_empty() {
        false => Ok(key),
        true => Err(
            ClientError::usage(format!("table `{}` has no primary key", batch.name)).hinting(
                "`cleanup` tells the rows that were loaded by their keys; without one it cannot",
            ),
        ),
    }
}

/// Does `work` for each item; one that a foreign key forbids is tried again after the others, as long as that helps.
async fn in_any_order<T: Clone>(
    link: &mut Link,
    items: Vec<T>,
    mut work: impl AsyncFnMut(&mut Link, T) -> Result<(), Failed>,
) -> Result<(), ClientError> {
    let mut left = items;
    loop {
        let before = left.len();
        let mut later = Vec::new();
        let mut forbidden = None;
        for item in left {
            link.run(&Statement::new("savepoint scenario_load")).await?;
            match work(link, item.clone()).await {
                Ok(()) => {
                    link.run(&Statement::new("release savepoint scenario_load"))
                        .await?;
                }
                Err((statement, trouble)) => {
                    link.run(&Statement::new("rollback to savepoint scenario_load"))
                        .await?;
                    let again = matches!(&trouble, Trouble::Said(said) if said.is_foreign_key);
                    if !again {
                        return Err(link.explain(&statement, trouble).await);
                    }
                    forbidden = Some((statement, trouble));
                    later.push(item);
                }
            }
        }
        match forbidden {
            None => return Ok(()),
            Some((statement, trouble)) if later.len() == before => {
                return Err(link.explain(&statement, trouble).await);
            }
            Some(_) => left = later,
        }
    }
}

/// Deletes our rows, last table first. Those that are gone already are fine.
pub async fn delete_rows(link: &mut Link, own: &[Own]) -> Result<(), ClientError> {
    let database = link.database();
    for Own { table, key, rows } in own.iter().rev() {
        for row in rows.iter().rev() {
            let matches = key.iter().enumerate().map(|(at, column)| {
                format!("{} = {}", database.quote(column), database.place(at + 1))
            });
            let condition = matches.collect::<Vec<_>>().join(" and ");
            let statement = Statement {
                text: format!("delete from {} where {condition}", database.quote(table)),
                params: Params::List(row.clone()),
                is_record: true,
            };
            link.run(&statement).await?;
        }
    }
    Ok(())
}
