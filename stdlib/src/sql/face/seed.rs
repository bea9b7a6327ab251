//! What `load` does with files, counts and closures.

use std::sync::Arc;

use super::super::body::{Loaded, Own, Plan, Statement, Target, delete_rows, load};
use super::Db;
use super::transact::transact;
use crate::client::perform::waited;
use crate::client::{ClientError, Session, Value};
use crate::data;
use crate::host::attempt::{Attempt, Cleanup};
use crate::host::failure::Failure;
use crate::host::scope::Extent;
use crate::host::script::{self, Raise};
use crate::seed::{self, SeedError, Wanted};
use rhai::{Dynamic, Map, NativeCallContext};

/// Loads files into tables, in one transaction.
pub(super) fn fill(
    ctx: &NativeCallContext,
    db: &Db,
    path: &str,
    options: Map,
) -> Result<Map, Raise> {
    let attempt = script::attempt_for(ctx, "db.load")?;
    let refuse = |failure: Failure| script::fail(ctx, &attempt, failure);
    let wanted = Wanted::read("db.load", options).map_err(refuse)?;
    let title = format!("load {path}");
    attempt.step("sql", &title, script::call_site(ctx), |step| {
        let mut batches =
            seed::read(&data::folder(ctx), path).map_err(|error| refuse(error.into()))?;
        wanted.complete(&mut batches);
        let plan = Plan {
            batches,
            replace: wanted.replace,
            cleanup: wanted.cleanup,
        };
        let within = |tx: &Db| within(ctx, &attempt, tx, path, &plan, &wanted);
        let loaded = match db.0.is_lent() {
            true => within(db)?,
            false => transact(ctx, &attempt, db, within)?,
        };
        step.data = account(&loaded);
        if !loaded.own.is_empty() && !db.0.connector.is_in_memory() {
            clean_up_later(&attempt, db.0.connector.clone(), loaded.own);
        }
        let counts = loaded.filled.into_iter();
        Ok(counts
            .map(|(table, rows)| (table.into(), Dynamic::from(rows as i64)))
            .collect())
    })
}

fn within(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    tx: &Db,
    path: &str,
    plan: &Plan,
    wanted: &Wanted,
) -> Result<Loaded, Raise> {
    let loaded = waited(ctx, attempt, tx.0.call(async |link| load(link, plan).await))?;
    if let Some(after) = &wanted.after_load {
        let _: Dynamic = after.call_within_context(ctx, (tx.clone(),))?;
    }
    for (name, least) in &wanted.required {
        let refuse = |error: SeedError| {
            attempt.forget_evidence();
            script::fail(ctx, attempt, error.into())
        };
        let one = vec![(name.clone(), *least)];
        // A table without a file may be full already, but one that is not there needs no question.
        let has = match plan.batches.iter().any(|batch| batch.name == *name) {
            true => waited(ctx, attempt, count(tx, name))?,
            false => attempt
                .block_on(count(tx, name))
                .ok()
                .and_then(Result::ok)
                .unwrap_or(0),
        };
        if let Some(error) = seed::missing(&one, &plan.batches, path, |_| has) {
            return Err(refuse(error));
        }
        if has < *least {
            return Err(refuse(SeedError::TooFew {
                what: "table",
                name: name.clone(),
                has,
                items: if has == 1 { "row" } else { "rows" },
                wanted: *least,
            }));
        }
    }
    Ok(loaded)
}

async fn count(db: &Db, table: &str) -> Result<i64, ClientError> {
    db.0.call(async |link| {
        let table = link.database().quote(table);
        let outcome = link
            .run(&Statement::new(format!("select count(*) from {table}")))
            .await?;
        match outcome.rows.first().and_then(|row| row.first()) {
            Some(Value::Int(count)) => Ok(*count),
            _ => Ok(0),
        }
    })
    .await
}

fn account(loaded: &Loaded) -> serde_json::Value {
    let mut data = serde_json::Map::new();
    let filled = loaded
        .filled
        .iter()
        .map(|(table, rows)| (table.clone(), (*rows).into()));
    data.insert("loaded".into(), serde_json::Value::Object(filled.collect()));
    if !loaded.emptied.is_empty() {
        let emptied = loaded
            .emptied
            .iter()
            .map(|(table, rows)| (table.clone(), (*rows).into()));
        data.insert(
            "emptied".into(),
            serde_json::Value::Object(emptied.collect()),
        );
    }
    serde_json::Value::Object(data)
}

/// Deletes our rows at the end of the scenario, over a connection of its own: that of the phase is gone then.
fn clean_up_later(attempt: &Attempt, target: Target, own: Vec<Own>) {
    let tables: Vec<&str> = own.iter().map(|own| own.table.as_str()).collect();
    let tables = tables.join(", ");
    let title = format!("delete what was loaded into {tables}");
    let scope = attempt.scope(Extent::Scenario);
    // Which rows they are, only this process knows.
    scope.hold(
        &format!("what was loaded into {tables}, with `cleanup`,"),
        || true,
    );
    scope.on_end(Cleanup {
        title,
        run: Box::new(move |attempt| {
            let limit = target.limit();
            let session = Arc::new(Session::new(target, limit, attempt.runtime().clone()));
            match attempt.block_on(session.call(async |link| delete_rows(link, &own).await)) {
                Ok(result) => result.map_err(Failure::from),
                Err(stop) => Err(attempt.stop_failure(&stop)),
            }
        }),
    });
}
