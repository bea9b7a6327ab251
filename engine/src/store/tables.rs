//! Facts and events as rows. Everything here runs inside a transaction of the caller.

use super::batch::Batch;
use super::facts::{Ended, Facts};
use super::packing::Packer;
use crate::model::RunId;
use rusqlite::{Connection, params};

/// Appends the events of a batch and what they change; tells how many bytes the events took.
pub(super) fn append(
    tx: &Connection,
    run: &RunId,
    batch: &Batch,
    packer: &mut Packer,
) -> rusqlite::Result<usize> {
    let mut written = 0;
    let mut insert = tx.prepare_cached(
        "INSERT INTO events (run, first_seq, last_seq, at, lines, packed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for chunk in batch.chunks() {
        let packed = packer.pack(chunk.lines);
        let plain = match packed {
            Some(_) => "",
            None => str::from_utf8(chunk.lines)?,
        };
        written += packed.map_or(plain.len(), <[u8]>::len);
        insert.execute(params![
            run.0,
            chunk.first as i64,
            chunk.last as i64,
            chunk.at.as_microsecond(),
            plain,
            packed,
        ])?;
    }
    write(tx, run, &batch.facts)?;
    Ok(written)
}

/// Writes facts over what is there.
pub(super) fn write(tx: &Connection, run: &RunId, facts: &Facts) -> rusqlite::Result<()> {
    write_run(tx, run, facts)?;
    if !facts.outcomes.is_empty() {
        let mut upsert = tx.prepare_cached(
            "INSERT OR REPLACE INTO outcomes
                 (scenario, run, outcome, flaky, quarantined, vacuous, micros, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        // In their order, in which scenarios are run too: rows that are put behind the last one touch the fewest pages.
        let mut outcomes: Vec<_> = facts.outcomes.iter().collect();
        outcomes.sort_unstable_by_key(|(scenario, _)| *scenario);
        for (scenario, fact) in outcomes {
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
        "DELETE FROM outcomes WHERE run = ?1",
    ] {
        tx.prepare_cached(table)?.execute([&run.0])?;
    }
    Ok(())
}
