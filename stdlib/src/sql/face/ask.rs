//! How a statement becomes a step, and its outcome what the script asked for.

use super::super::body::{Outcome, Params, Record, Statement, can_return, insert};
use super::Db;
use crate::client::perform::{Answered, Call, perform, perform_then};
use crate::client::{ClientError, Value, script as values};
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::script::{self, Raise};
use rhai::{Array, Dynamic, Map, NativeCallContext};
use serde_json::Value as Json;

/// Characters of rows below a later failure.
const SHOWN: usize = 2000;

/// Rows kept in the account.
const KEPT: usize = 3;

/// Runs a statement as one step; `name` is the method, `wanted` looks at what came.
pub(super) fn ask<T>(
    ctx: &NativeCallContext,
    db: &Db,
    name: &str,
    text: &str,
    params: Option<Dynamic>,
    wanted: impl FnOnce(Outcome) -> Result<T, ClientError>,
) -> Result<T, Raise> {
    let attempt = script::attempt_for(ctx, &format!("db.{name}"))?;
    let statement =
        statement(text, params).map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let call = call(&statement);
    let work = db.0.call(async |link| link.run(&statement).await);
    perform_then(ctx, &attempt, call, work, tell, wanted)
}

/// Inserts records as one step and gives back the rows as they are now.
pub(super) fn insert_records(
    ctx: &NativeCallContext,
    db: &Db,
    table: &str,
    records: Vec<Map>,
) -> Result<Vec<Value>, Raise> {
    let attempt = script::attempt_for(ctx, "db.insert")?;
    let records = records
        .into_iter()
        .enumerate()
        .map(|(at, map)| record(at, &map))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let rows = if records.len() == 1 { "row" } else { "rows" };
    let mut asked = serde_json::Map::new();
    asked.insert("table".into(), table.into());
    let given: Vec<Value> = records.iter().cloned().map(Value::Map).collect();
    asked.insert("records".into(), Value::List(given.clone()).account());
    let call = Call {
        kind: "sql",
        title: format!("insert {} {rows} into {table}", records.len()),
        asked,
    };
    let work = db.0.call(async |link| {
        let outcome = insert(link, table, &records, Some("*")).await?;
        // MySQL gives back nothing but the key it made.
        let is_complete = can_return(link);
        Ok((outcome, is_complete))
    });
    let tell_it = |(outcome, _): &(Outcome, bool)| tell(outcome);
    let (outcome, is_complete) = perform(ctx, &attempt, call, work, tell_it)?;
    if is_complete {
        return Ok(outcome.maps());
    }
    let ids = outcome
        .rows
        .into_iter()
        .map(|mut row| row.pop().unwrap_or(Value::Null));
    let with_id = |(record, id): (Value, Value)| match record {
        Value::Map(mut entries) => {
            entries.push(("last_insert_id".into(), id));
            Value::Map(entries)
        }
        other => other,
    };
    let ids = ids.chain(std::iter::repeat(Value::Null));
    Ok(given.into_iter().zip(ids).map(with_id).collect())
}

fn record(at: usize, map: &Map) -> Result<Record, Failure> {
    let each = map.iter();
    let entries = each.map(|(name, value)| {
        values::from_script(value, &format!("record {}, `{name}`", at + 1))
            .map(|value| (name.to_string(), value))
    });
    entries.collect()
}

/// What the account and a later failure say about an outcome.
fn tell(outcome: &Outcome) -> Answered {
    if outcome.columns.is_empty() {
        let affected = outcome.affected;
        let rows = if affected == 1 { "row" } else { "rows" };
        return Answered::default()
            .with("affected", affected)
            .showing(format!("{affected} {rows} affected"));
    }
    let maps = outcome.clone().maps();
    let mut shown = match maps.len() {
        1 => "1 row".to_owned(),
        many => format!("{many} rows"),
    };
    for map in maps.iter().take(20) {
        shown.push('\n');
        shown.push_str(&map.account().to_string());
    }
    let first: Vec<Json> = maps.iter().take(KEPT).map(Value::account).collect();
    Answered::default()
        .with("rows", outcome.rows.len())
        .with("first", first)
        .showing(json::cut(&shown, SHOWN))
}

pub(super) fn statement(text: &str, params: Option<Dynamic>) -> Result<Statement, Failure> {
    if text.trim().is_empty() {
        return Err(Failure::usage("the statement is empty"));
    }
    Ok(Statement {
        text: text.to_owned(),
        params: params.map_or(Ok(Params::None), |params| read(&params))?,
        is_record: false,
    })
}

fn read(params: &Dynamic) -> Result<Params, Failure> {
    let params = params.flatten_clone();
    if let Some(list) = params.read_lock::<Array>() {
        let each = list.iter().enumerate();
        let values =
            each.map(|(at, value)| values::from_script(value, &format!("parameter {}", at + 1)));
        return values.collect::<Result<_, _>>().map(Params::List);
    }
    if let Some(map) = params.read_lock::<Map>() {
        let each = map.iter();
        let values = each.map(|(name, value)| {
            values::from_script(value, &format!("parameter `:{name}`"))
                .map(|value| (name.to_string(), value))
        });
        return values.collect::<Result<_, _>>().map(Params::Named);
    }
    Err(Failure::usage(format!(
        "parameters are a list or a map, not {}",
        json::type_in_words(&params)
    ))
    .hint("db.query(\"select … where id = $1\", [id]), or … = :id with #{ id: id }"))
}

fn call(statement: &Statement) -> Call<'static> {
    let mut asked = serde_json::Map::new();
    asked.insert("statement".into(), json::cut(&statement.text, SHOWN).into());
    match &statement.params {
        Params::List(values) if !values.is_empty() => {
            asked.insert("params".into(), Value::List(values.clone()).account());
        }
        Params::Named(values) => {
            asked.insert("params".into(), Value::Map(values.clone()).account());
        }
        _ => {}
    }
    Call {
        kind: "sql",
        title: statement.title(),
        asked,
    }
}
