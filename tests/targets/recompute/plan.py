"""A plan by hand: which version of a target counts on a day, how headings stand, and the score."""

from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from tests.targets.recompute.spans import DAY

WORST_FIRST = ("missed", "off_track", "no_data", "at_risk", "not_due", "on_track", "met", "exceeded")
POINTS = {"met": Fraction(1), "exceeded": Fraction(1), "on_track": Fraction(1), "at_risk": Fraction(1, 2)}
OVER = ("suspended", "withdrawn")
Json = dict[str, Any]


def in_force(versions: list[Json], day: date) -> Json | None:
    """Announced last by that day. A draft while nothing else is; nothing comes after a withdrawal.

    An amendment with a suspension in force before it is none.
    """
    announced = [version for version in versions if date.fromisoformat(version["announced"]) <= day]
    adopted = [version for version in announced if version["state"] != "draft"]
    withdrawn = [version for version in adopted if version["state"] == "withdrawn"]
    ordered = sorted(withdrawn or adopted or announced, key=lambda version: (version["announced"], version["number"]))
    while ordered and ordered[-1]["state"] == "amended":
        acts = [version["state"] for version in ordered[:-1] if version["state"] != "amended"]
        if not acts or acts[-1] != "suspended":
            break
        ordered.pop()
    return ordered[-1] if ordered else None


def judged_on(versions: list[Json], day: date) -> date:
    """The day whose figures count: of what is suspended or withdrawn the last one on which it was not."""
    while (version := in_force(versions, day)) is not None and version["state"] in OVER:
        day = date.fromisoformat(version["announced"]) - DAY
    return day


def parts_of(rows: list[Json], key: str) -> list[Json]:
    return [row for row in rows if row["heading"] == key and row["state"] not in OVER]


def status_of(rows: list[Json], row: Json) -> str:
    """Its own; of a heading without a number met where all its parts are, else the worst of theirs."""
    parts = parts_of(rows, row["key"])
    if not parts or not row["qualitative"]:
        return str(row["status"])
    worst = min((status_of(rows, part) for part in parts), key=WORST_FIRST.index)
    return "met" if worst == "exceeded" else worst


def totals(rows: list[Json]) -> Json:
    counted = [row for row in rows if row["state"] not in OVER]
    leaves = [row for row in counted if not parts_of(rows, row["key"])]
    due = [row for row in leaves if row["status"] != "not_due"]
    silent = weight([row for row in leaves if row["status"] == "no_data"])
    points = sum((Fraction(row["weight"]) * POINTS.get(row["status"], 0) for row in due), Fraction())
    return {
        "targets": len(leaves),
        "headings": len(counted) - len(leaves),
        "counts": dict(Counter(row["status"] for row in leaves)),
        "suspended": sum(row["state"] == "suspended" for row in rows),
        "withdrawn": sum(row["state"] == "withdrawn" for row in rows),
        "score": percent(points, weight(due)),
        "score_best": percent(points + silent, weight(due)),
        "coverage": percent(weight(due) - silent, weight(leaves)),
    }


def weight(rows: list[Json]) -> Fraction:
    return sum((Fraction(row["weight"]) for row in rows), Fraction())


def percent(part: Fraction, whole: Fraction) -> Decimal | None:
    if not whole:
        return None
    value = 100 * part / whole
    return (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.1"), ROUND_HALF_UP)
