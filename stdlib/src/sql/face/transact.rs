//! What happens around the closure of a transaction.

use super::super::body::{Statement, Target};
use super::Db;
use crate::client::perform::waited;
use crate::client::session::Lent;
use crate::host::attempt::Attempt;
use crate::host::script::Raise;
use rhai::NativeCallContext;

/// Begins a transaction, does `body` with the connection it is on, and commits; an error rolls back and goes on its way.
pub(super) fn transact<T>(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    db: &Db,
    body: impl FnOnce(&Db) -> Result<T, Raise>,
) -> Result<T, Raise> {
    let (inner, lent) = waited(ctx, attempt, db.0.lend())?;
    let inner = Db(inner);
    let result = run(ctx, attempt, &inner, "begin").and_then(|()| body(&inner));
    let (result, is_sound) = match result {
        Ok(value) => match run(ctx, attempt, &inner, "commit") {
            Ok(()) => (Ok(value), true),
            Err(raise) => (Err(raise), false),
        },
        Err(raise) => {
            // Rolling back may fail as well, or be too late; the connection is not used again then.
            let rolled_back = attempt.block_on(
                inner
                    .0
                    .call(async |link| link.run(&Statement::new("rollback")).await),
            );
            (Err(raise), matches!(rolled_back, Ok(Ok(_))))
        }
    };
    give_back(db, lent, is_sound);
    result
}

fn give_back(db: &Db, lent: Lent<Target>, is_sound: bool) {
    if !is_sound {
        db.0.connector.roll_back();
    }
    db.0.take_back(lent, is_sound);
}

fn run(ctx: &NativeCallContext, attempt: &Attempt, db: &Db, text: &str) -> Result<(), Raise> {
    let statement = Statement::new(text);
    waited(
        ctx,
        attempt,
        db.0.call(async |link| link.run(&statement).await),
    )
    .map(|_| ())
}
