"""One row of any format, checked: quickly where nothing is unusual, else by the same serializer as a single post."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from indicators.api.v1.fields import parse_period
from indicators.api.v1.serializers import FigureSerializer
from indicators.domain.periods import Period
from indicators.domain.vocabulary import MissingReason, Qualifier, Stage
from indicators.services.batches.rows import Rejection, Row
from kpitracker.lib import numbers, plain_text
from kpitracker.lib.errors import Invalid, Item

FIELDS = (
    "indicator",
    "area",
    "period",
    "value",
    "missing_reason",
    "qualifier",
    "stage",
    "published",
    "source",
    "note",
)
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,6})?", re.ASCII)
_STAGES = frozenset(each.value for each in Stage)
_QUALIFIERS = frozenset(each.value for each in Qualifier)
_REASONS = frozenset(each.value for each in MissingReason)
# A code, a period, a day that comes again and again is looked at once. Beyond this a file has no such habits.
_REMEMBERED = 100_000
_SHORT = 10_000


class Checker:
    """Turns the ten texts of a row, "" for what is left out, into a `Row`. Remembers what it has seen."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._codes: set[str] = {""}
        self._periods: dict[str, Period] = {}
        self._days: dict[str, date | None] = {"": today, "unknown": None}
        self._texts: set[str] = {""}

    def quick(
        self,
        number: int,
        indicator: str,
        area: str,
        period: str,
        value: str,
        missing_reason: str,
        qualifier: str,
        stage: str,
        published: str,
        source: str,
        note: str,
    ) -> Row | None:
        """The row, or None when a careful look is needed: then it is wrong, or only unusual."""
        span, day = self._periods.get(period), self._days.get(published, self)
        if span is None or day is self:
            return None
        if indicator not in self._codes or area not in self._codes or not indicator:
            return None
        if value:
            if missing_reason or not _NUMBER.fullmatch(value):
                return None
            if "." in value:
                value = value.rstrip("0").rstrip(".")
            if value[0] in "-0" and (value := _shortest(value)) == "":
                return None
        elif missing_reason not in _REASONS:
            return None
        if stage not in _STAGES or qualifier not in _QUALIFIERS:
            return None
        if source not in self._texts and not _ordinary(source):
            return None
        if note and note not in self._texts and not _ordinary(note):
            return None
        return Row(
            number,
            indicator,
            area,
            span,
            day,  # type: ignore[arg-type]
            value,
            missing_reason,
            qualifier,
            stage,
            source,
            note,
        )

    def careful(self, number: int, given: Any) -> Row | Rejection:
        """`given` as the body of a single post would have it; what is right about it is remembered."""
        try:
            values = _serializer().run_validation(given)
        except Invalid as error:
            return rejection(number, error, given)
        value = "" if values["value"] is None else format(numbers.plain(values["value"]), "f")
        published = values.get("published", self._today)
        row = Row(
            number,
            values["indicator"],
            values["area"] or "",
            values["period"],
            published,
            value,
            values["missing_reason"] or "",
            values["qualifier"],
            values["stage"],
            values["source"],
            values["note"],
        )
        if len(self._periods) + len(self._texts) + len(self._codes) < _REMEMBERED:
            self._remember(given, row)
        return row

    def _remember(self, given: Mapping[str, Any], row: Row) -> None:
        self._codes.update((row.indicator, row.area))
        self._periods[given["period"]] = row.period
        if isinstance(day := given.get("published"), str):
            self._days[day] = row.published
        if len(row.source) < _SHORT and given.get("source") == row.source:
            self._texts.add(row.source)


def rejection(number: int, error: Invalid, given: Any) -> Rejection:
    item = error.items[0] if error.items else Item("", error.slug, error.detail or "")
    named = given if isinstance(given, Mapping) else {}
    return Rejection(number, item, _shown(named.get("indicator")), _shown_period(named.get("period")))


def _shown(value: Any) -> str:
    """What somebody wrote where a code belongs, as far as it can be shown again."""
    return plain_text.visible(value) if isinstance(value, str) else ""


def _shown_period(value: Any) -> str:
    try:
        return str(parse_period(value))
    except Invalid:
        return _shown(value)


_made: list[FigureSerializer] = []


def _serializer() -> FigureSerializer:
    # Its fields are copied whenever one is made, which takes longer than what they check.
    if not _made:
        _made.append(FigureSerializer())
    return _made[0]


def _shortest(value: str) -> str:
    """Without zeros in front, and without the sign of zero. "" when that takes a second thought."""
    sign, digits = ("-", value[1:]) if value[0] == "-" else ("", value)
    whole, point, rest = digits.partition(".")
    digits = (whole.lstrip("0") or "0") + point + rest
    return "0" if digits == "0" else sign + digits


def _ordinary(value: str) -> bool:
    """Whether a text needs no cleaning: short, printable, composed."""
    if len(value) > _SHORT or not value.isprintable():
        return False
    return value.isascii() or (unicodedata.is_normalized("NFC", value) and not any(map(unicodedata.combining, value)))
