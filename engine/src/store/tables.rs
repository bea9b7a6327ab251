//! Facts and events as rows. Everything here runs inside a transaction of the caller.

use super::batch::Batch;
use super::facts::{Ended, Facts};
use crate::model::RunId;
use rusqlite::{Connection, params};

/// Appends the events of a batch and what they change.
pub(super) fn append(tx: &Connection, run: &RunId, batch: &Batch) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO events (run, first_seq, last_seq, at, lines) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for chunk in batch.chunks() {
        insert.execute(params![
            run.0,
            chunk.first as i64,
            chunk.last as i64,
            chunk.at.as_microsecond(),
            chunk.lines
        ])?;
    }
    write(tx, run, &batch.facts)
}

/// Writes facts over what is there.
pub(super) fn write(tx: &Connection, run: &RunId, facts: &Facts) -> rusqlite::Result<()> {
    write_run(tx, run, facts)?;
    if !facts.phases.is_empty() {
        let mut upsert = tx.prepare_cached(
            "INSERT INTO phases (run, scenario, round, try, phase, state, attempt, updated)
             VALUES (?1, ?2, ?3, ?4, ?5, coalesce(?6, 'pending'), coalesce(?7, 0), ?8)
             ON CONFLICT DO UPDATE SET
                 state = coalesce(?6, state), attempt = max(coalesce(?7, 0), attempt), updated = ?8",
        )?;
        for (key, fact) in &facts.phases {
            upsert.execute(params![
                run.0,
                key.scenario.0.as_str(),
                key.round,
                key.try_number,
                key.phase.as_str(),
                fact.state.map(|state| state.name()),
                fact.attempt,
                fact.at.as_microsecond(),
            ])?;
        }
    }
    if !facts.outcomes.is_empty() {
        let mut upsert = tx.prepare_cached(
            "INSERT OR REPLACE INTO outcomes
                 (scenario, run, outcome, flaky, quarantined, vacuous, micros, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        for (scenario, fact) in &facts.outcomes {
            upsert.execute(params![
                scenario.0.as_str(),
                run.0,
                fact.outcome.name(),
                fact.flaky,
                fact.quarantined,
                fact.vacuous,
                fact.micros as i64,
                fact.at.as_microsecond(),
            ])?;
        }
    }
    Ok(())
}

fn write_run(tx: &Connection, run: &RunId, facts: &Facts) -> rusqlite::Result<()> {
    if let Some((at, started)) = &facts.started {
        let args = serde_json::Value::from(started.args.as_slice()).to_string();
        // A run that goes on keeps how it began.
        tx.prepare_cached(
            "INSERT INTO runs (id, started, program, args, profile, host)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            run.0,
            at.as_microsecond(),
            started.program,
            args,
            started.profile,
            started.host
        ])?;
    }
    let ended = match facts.ended {
        Ended::Unchanged if facts.planned == 0 => return Ok(()),
        Ended::Unchanged => {
            tx.prepare_cached("UPDATE runs SET planned = planned + ?2 WHERE id = ?1")?
                .execute(params![run.0, facts.planned as i64])?;
            return Ok(());
        }
        Ended::Open => None,
        Ended::With { at, exit, micros } => Some((at.as_microsecond(), exit, micros as i64)),
    };
    tx.prepare_cached(
        "UPDATE runs SET ended = ?2, exit = ?3, micros = ?4, planned = planned + ?5 WHERE id = ?1",
    )?
    .execute(params![
        run.0,
        ended.map(|(at, ..)| at),
        ended.map(|(_, exit, _)| exit),
        ended.map(|(.., micros)| micros),
        facts.planned as i64
    ])?;
    Ok(())
}

/// Removes what is folded from a run's events, but not the events.
pub(super) fn forget_facts(tx: &Connection, run: &RunId) -> rusqlite::Result<()> {
    for table in [
        "DELETE FROM runs WHERE id = ?1",
        "DELETE FROM phases WHERE run = ?1",
        "DELETE FROM outcomes WHERE run = ?1",
    ] {
        tx.prepare_cached(table)?.execute([&run.0])?;
    }
    Ok(())
}
