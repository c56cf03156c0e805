"""Parse one row of any format: ordinary rows on a fast path, others with the serializer of a single post."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from indicators.api.v1.fields import PublishedField, parse_period
from indicators.api.v1.serializers import FigureSerializer
from indicators.domain.periods import Period
from indicators.domain.vocabulary import MissingReason, Qualifier, Stage
from indicators.services.batches.rows import Rejection, Row
from kpitracker.lib import numbers, plain_text
from kpitracker.lib.errors import Invalid, Item

_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,6})?", re.ASCII)
_STAGES = frozenset(each.value for each in Stage)
_QUALIFIERS = frozenset(each.value for each in Qualifier)
_REASONS = frozenset(each.value for each in MissingReason)
_NUMBERS = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,6})?(?:\n-?[0-9]{1,18}(?:\.[0-9]{1,6})?)*", re.ASCII)
_SHORT = 10_000
BLOCK = 2000  # rows that are parsed together


class Checker:
    """Turns the ten texts of a row, "" for an omitted field, into a `Row`. Caches what it has validated."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._codes: set[str] = set()
        self._periods: dict[str, Period] = {}
        self._words: dict[tuple[str, str, str], date | None] = {}  # published, stage, qualifier → the day

    def _learn_code(self, code: str) -> bool:
        """Whether `code` is valid; if so, it is cached."""
        try:
            self._codes.add(plain_text.check_code(code))
        except Invalid:
            return False
        return True

    def _learn_period(self, code: str) -> bool:
        try:
            self._periods[code] = parse_period(code)
        except Invalid:
            return False
        return True

    def _learn_words(self, published: str, stage: str, qualifier: str) -> bool:
        if stage not in _STAGES or qualifier not in _QUALIFIERS:
            return False
        try:
            day = PublishedField().to_internal_value(published) if published else self._today
        except Invalid:
            return False
        self._words[published, stage, qualifier] = day
        return True

    def together(self, first: int, columns: Sequence[Sequence[str]]) -> list[Row] | None:
        """Parse all rows of a block at once, column by column. None when any row needs to be parsed alone.

        `columns`: the ten columns of FIELDS, all texts; `first`: the number of the first row.
        """
        indicators, areas, periods, values, reasons, qualifiers, stages, published, sources, notes = columns
        words = list(zip(published, stages, qualifiers, strict=True))
        good = (
            not any(reasons)
            and _NUMBERS.fullmatch("\n".join(values))
            and all(map(self._learn_code, {*indicators, *areas} - self._codes - ({""} & set(areas))))
            and all(map(self._learn_period, set(periods) - self._periods.keys()))
            and all(self._learn_words(*each) for each in set(words) - self._words.keys())
            and all(map(_ordinary, {*sources, *notes}))
        )
        if not good or "" in indicators:
            return None
        shortest = [each.rstrip("0").rstrip(".") if "." in each else each for each in values]
        shortest = [_shortest(each) if each[0] in "-0" else each for each in shortest]
        spans, days = [self._periods[each] for each in periods], [self._words[each] for each in words]
        numbers = range(first, first + len(values))
        rows = (numbers, indicators, areas, spans, days, shortest, reasons, qualifiers, stages, sources, notes)
        make = tuple.__new__
        return [make(Row, row) for row in zip(*rows, strict=True)]

    def quickly(self, first: int, given: Iterable[Sequence[str]]) -> Iterator[Row | None]:
        """Yield each row as a `Row`, or None when it needs `parse_strict`: it is wrong, or only unusual.

        `rows`: the ten texts of each row in the order of FIELDS, "" for an omitted field; `first`: the number of the
        first row.
        """
        codes, periods, words = self._codes, self._periods, self._words
        is_number, make = _NUMBER.fullmatch, tuple.__new__
        for number, values in enumerate(given, first):
            indicator, area, period, value, missing_reason, qualifier, stage, published, source, note = values
            if (
                (period not in periods and not self._learn_period(period))
                or (indicator not in codes and not self._learn_code(indicator))
                or (area and area not in codes and not self._learn_code(area))
                or ((published, stage, qualifier) not in words and not self._learn_words(published, stage, qualifier))
                or not (_ordinary(source) and _ordinary(note))
            ):
                yield None
                continue
            if not value:
                usual = missing_reason in _REASONS
            elif usual := not missing_reason and is_number(value) is not None:
                if "." in value:
                    value = value.rstrip("0").rstrip(".")
                if value[0] in "-0":
                    value = _shortest(value)
            day, span = words[published, stage, qualifier], periods[period]
            shown = (number, indicator, area, span, day, value, missing_reason, qualifier, stage, source, note)
            yield make(Row, shown) if usual else None

    def careful(self, number: int, given: Any) -> Row | Rejection:
        """Parse a row with the serializer of a single post. `data`: the row as the body of such a post."""
        try:
            values = _serializer().run_validation(given)
        except Invalid as error:
            return rejection(number, error, given)
        value = "" if values["value"] is None else format(numbers.plain(values["value"]), "f")
        published = values.get("published", self._today)
        return Row(
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


def rejection(number: int, error: Invalid, given: Any) -> Rejection:
    item = error.items[0] if error.items else Item("", error.slug, error.detail or "")
    named = given if isinstance(given, Mapping) else {}
    return Rejection(number, item, _shown(named.get("indicator")), _shown_period(named.get("period")))


def _shown(value: Any) -> str:
    """The text in place of a code, with invisible characters made visible; "" for other types."""
    return plain_text.visible(value) if isinstance(value, str) else ""


def _shown_period(value: Any) -> str:
    try:
        return str(parse_period(value))
    except Invalid:
        return _shown(value)


_made: list[FigureSerializer] = []


def _serializer() -> FigureSerializer:
    # One instance is reused: DRF copies all fields for each new one, which takes longer than the validation.
    if not _made:
        _made.append(FigureSerializer())
    return _made[0]


def _shortest(value: str) -> str:
    """Remove leading zeros, and the sign of zero."""
    sign, digits = ("-", value[1:]) if value[0] == "-" else ("", value)
    whole, point, rest = digits.partition(".")
    digits = (whole.lstrip("0") or "0") + point + rest
    return "0" if digits == "0" else sign + digits


def _ordinary(value: str) -> bool:
    """Whether a text needs no cleaning: short, printable, composed."""
    if not value:
        return True
    if len(value) > _SHORT or not value.isprintable():
        return False
    return value.isascii() or (unicodedata.is_normalized("NFC", value) and not any(map(unicodedata.combining, value)))
