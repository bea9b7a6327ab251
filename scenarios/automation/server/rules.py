"""What rules say: criteria over an event, and parameters with {{ paths }} in them. Pure functions."""

import operator
import re

OPERATORS = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "contains": operator.contains,
}
PLACE = re.compile(r"\{\{\s*([\w.\-]+)\s*\}\}")


def look(path: str, value: object) -> object:
    """`event.payload.lines.0.sku`; None where there is nothing."""
    for name in path.split("."):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def holds(criteria: list[dict], payload: object) -> bool:
    for claim in criteria:
        try:
            if not OPERATORS[claim["op"]](look(claim["path"], payload), claim["value"]):
                return False
        except TypeError:                               # a missing value, a number against a text
            return False
    return True


def fill(template: object, known: dict) -> object:
    """A text that is one place becomes the value itself, so that numbers, lists and maps keep their types."""
    if isinstance(template, dict):
        return {name: fill(value, known) for name, value in template.items()}
    if isinstance(template, list):
        return [fill(value, known) for value in template]
    if not isinstance(template, str):
        return template
    whole = PLACE.fullmatch(template.strip())
    if whole:
        return look(whole[1], known)
    return PLACE.sub(lambda place: str(look(place[1], known)), template)


def wrong(criteria: list[dict]) -> str | None:
    for claim in criteria:
        if claim.get("op") not in OPERATORS:
            return f"no such operator: {claim.get('op')}"
        if "path" not in claim or "value" not in claim:
            return "a criterion needs a path and a value"
    return None
