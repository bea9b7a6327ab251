"""The database: one pool for all threads of a process, and notifications that wake the other processes."""

import os
import pathlib

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

URL = os.environ["DATABASE_URL"]
pool = ConnectionPool(URL, min_size=1, max_size=12, open=True, kwargs={"autocommit": True, "row_factory": dict_row})


def migrate() -> None:
    with pool.connection() as db, db.transaction():
        db.execute("select pg_advisory_xact_lock(1)")
        db.execute((pathlib.Path(__file__).parent / "schema.sql").read_text())


def rows(sql: str, *values: object) -> list[dict]:
    """All rows; the values by position, or one mapping of them by name."""
    with pool.connection() as db:
        return db.execute(sql, values[0] if values and isinstance(values[0], dict) else values).fetchall()


def insert(db: psycopg.Connection, table: str, **values: object) -> dict:
    columns = ", ".join(values)
    places = ", ".join(["%s"] * len(values))
    plain = [Jsonb(value) if isinstance(value, dict | list) else value for value in values.values()]
    return db.execute(f"insert into {table} ({columns}) values ({places}) returning *", plain).fetchone()


def wake(db: psycopg.Connection, channel: str, text: object = "") -> None:
    db.execute("select pg_notify(%s, %s)", [channel, str(text)])


def listen(*channels: str) -> psycopg.Connection:
    db = psycopg.connect(URL, autocommit=True, row_factory=dict_row)
    for channel in channels:
        db.execute(f"listen {channel}")
    return db


def emit(db: psycopg.Connection, trigger: dict, payload: object, due_at: object = None) -> dict:
    event = insert(
        db, "events", tenant_id=trigger["tenant_id"], trigger_id=trigger["id"], payload=Jsonb(payload), due_at=due_at
    )
    wake(db, "work")
    return event
