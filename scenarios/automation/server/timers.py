"""When a timer fires next. Cron expressions have six fields: second minute hour day month weekday. Pure functions."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from croniter import croniter


def next_fire(kind: str, config: dict, after: datetime) -> datetime | None:
    """The first time later than `after`; for an interval `after` is the last time it was due, so that it never drifts."""
    if kind == "interval":
        return after + timedelta(seconds=float(config["seconds"]))
    if kind == "date":
        at = datetime.fromisoformat(config["at"])
        return at if at > after else None
    if kind == "cron":
        there = after.astimezone(ZoneInfo(config.get("timezone", "UTC")))
        return croniter(config["expression"], there, second_at_beginning=True).get_next(datetime).astimezone(timezone.utc)
    return None


def wrong(kind: str, config: dict) -> str | None:
    try:
        next_fire(kind, config, datetime.now(timezone.utc))
    except (KeyError, TypeError, ValueError) as error:  # all that croniter and zoneinfo raise are ValueErrors or KeyErrors
        return f"no such {kind}: {error}"
    if kind == "interval" and float(config["seconds"]) <= 0:
        return "an interval is longer than nothing"
    return None
