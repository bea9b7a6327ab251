"""Fires timers: sleeps until the next one is due, or until one is made."""

from datetime import datetime, timezone

import store
from timers import next_fire

DUE = """
    select *, clock_timestamp() as now from triggers where next_fire_at <= clock_timestamp()
    order by next_fire_at limit 100 for update skip locked
"""


def fire_due() -> None:
    with store.pool.connection() as db, db.transaction():
        for timer in db.execute(DUE).fetchall():
            due = timer["next_fire_at"]
            store.emit(db, timer, {"kind": timer["kind"], "due_at": due.isoformat()}, due)
            then = None if timer["kind"] == "date" else next_fire(timer["kind"], timer["config"], due)
            db.execute("update triggers set next_fire_at = %s where id = %s", [then, timer["id"]])


def pause() -> float:
    """Seconds until the next timer is due."""
    soonest = store.rows("select min(next_fire_at) as at from triggers")[0]["at"]
    if soonest is None:
        return 60
    return max(0.0, (soonest - datetime.now(timezone.utc)).total_seconds())


def main() -> None:
    made = store.listen("timers")
    print("the sensor is ready", flush=True)
    while True:
        fire_due()
        for _ in made.notifies(timeout=min(pause(), 60), stop_after=1):
            pass


main()
