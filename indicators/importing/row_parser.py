"""Parse one row of any format: ordinary rows on a fast path, others with the serializer of a single post."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import repeat

from indicators.domain.choices import MissingReason, Qualifier, Stage
from indicators.domain.periods import Period
from indicators.rest.fields import PublishedField, parse_period
from indicators.rest.serializers import FigureSerializer
from indicators.services.batches.rows import FigureRow, Rejection
from kpitracker.lib import numbers, text_validation
from kpitracker.lib.errors import ProblemItem, ValidationProblem

_STAGES = frozenset(member.value for member in Stage)
_QUALIFIERS = frozenset(member.value for member in Qualifier)
_REASONS = frozenset(member.value for member in MissingReason)
_MAX_FAST_LENGTH = 10_000
_SHOWN_LENGTH = 200  # as much as the columns of an import's errors hold
BLOCK_SIZE = 2000  # rows that are parsed together


class RowParser:
    """Turns the ten texts of a row, "" for an omitted field, into a `Row`. Caches what it has validated.

    Only the first `explained_errors` rejections have a sentence and the codes of their row: the others would cost more than
    all that a correct file costs, and no answer shows them.
    """

    def __init__(self, today: date, explained_errors: int) -> None:
        self._today = today
        self._explanations_left = explained_errors
        self._codes: set[str] = set()
        self._periods: dict[str, Period] = {}
        self._days_by_attributes: dict[tuple[str, str, str], date | None] = {}  # published, stage, qualifier → the day

    def _learn_code(self, code: str) -> bool:
        """Whether `code` is valid; if so, it is cached."""
        try:
            self._codes.add(text_validation.check_code(code))
        except ValidationProblem:
            return False
        return True

    def _learn_period(self, code: str) -> bool:
        try:
            self._periods[code] = parse_period(code)
        except ValidationProblem:
            return False
        return True

    def _learn_attributes(self, published: str, stage: str, qualifier: str) -> bool:
        if stage not in _STAGES or qualifier not in _QUALIFIERS:
            return False
        try:
            day = PublishedField().to_internal_value(published) if published else self._today
        except ValidationProblem:
            return False
        self._days_by_attributes[published, stage, qualifier] = day
        return True

    def parse_block(self, first: int, columns: Sequence[Sequence[str]]) -> list[FigureRow] | None:
        """Parse all rows of a block at once, column by column. None when any row needs to be parsed alone.

        `columns`: the ten columns of FIELDS, all texts; `first`: the number of the first row.
        """
        indicators, areas, periods, values, reasons, qualifiers, stages, published, sources, notes = columns
        attribute_rows = list(zip(published, stages, qualifiers, strict=True))
        is_ordinary = (
            not any(reasons)
            and all(map(numbers.matches_number, values))
            and all(map(self._learn_code, {*indicators, *areas} - self._codes - ({""} & set(areas))))
            and all(map(self._learn_period, set(periods) - self._periods.keys()))
            and all(
                self._learn_attributes(*attributes)
                for attributes in set(attribute_rows) - self._days_by_attributes.keys()
            )
            and all(map(_is_clean, {*sources, *notes}))
        )
        if not is_ordinary or "" in indicators:
            return None
        stripped_values = [value.rstrip("0").rstrip(".") if "." in value else value for value in values]
        stripped_values = [_strip_zeros(value) if value[0] in "-0" else value for value in stripped_values]
        spans, days = [self._periods[key] for key in periods], [self._days_by_attributes[key] for key in attribute_rows]
        row_numbers = range(first, first + len(values))
        row_columns = (
            row_numbers,
            indicators,
            areas,
            spans,
            days,
            stripped_values,
            reasons,
            qualifiers,
            stages,
            sources,
            notes,
            repeat(""),
        )
        make = tuple.__new__
        return [make(FigureRow, row) for row in zip(*row_columns, strict=False)]

    def parse_fast(self, first: int, rows: Iterable[Sequence[str]]) -> Iterator[FigureRow | None]:
        """Yield each row as a `Row`, or None when it needs `parse_strict`: it is wrong, or only unusual.

        `rows`: the ten texts of each row in the order of FIELDS, "" for an omitted field; `first`: the number of the
        first row.
        """
        codes, periods, days = self._codes, self._periods, self._days_by_attributes
        is_number, make = numbers.matches_number, tuple.__new__
        for number, values in enumerate(rows, first):
            indicator, area, period, value, missing_reason, qualifier, stage, published, source, note = values
            if (
                (period not in periods and not self._learn_period(period))
                or (indicator not in codes and not self._learn_code(indicator))
                or (area and area not in codes and not self._learn_code(area))
                or (
                    (published, stage, qualifier) not in days
                    and not self._learn_attributes(published, stage, qualifier)
                )
                or not (_is_clean(source) and _is_clean(note))
            ):
                yield None
                continue
            if not value:
                is_ordinary = missing_reason in _REASONS
            elif is_ordinary := not missing_reason and is_number(value) is not None:
                if "." in value:
                    value = value.rstrip("0").rstrip(".")
                if value[0] in "-0":
                    value = _strip_zeros(value)
            day, span = days[published, stage, qualifier], periods[period]
            fields = (number, indicator, area, span, day, value, missing_reason, qualifier, stage, source, note, "")
            yield make(FigureRow, fields) if is_ordinary else None

    def parse_strict(self, number: int, data: object) -> FigureRow | Rejection:
        """Parse a row with the serializer of a single post. `data`: the row as the body of such a post."""
        try:
            values = _shared_serializer().run_validation(data)
        except ValidationProblem as error:
            return self.build_rejection(number, error, data)
        value = "" if values["value"] is None else format(numbers.canonical_decimal(values["value"]), "f")
        published = values.get("published", self._today)
        return FigureRow(
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

    def build_rejection(self, number: int, error: ValidationProblem, data: object) -> Rejection:
        """`data`: the row as far as it could be read."""
        fields = data if isinstance(data, Mapping) else {}
        return self.reject(number, error.to_items()[0], fields.get("indicator"), fields.get("period"))

    def reject(self, number: int, item: ProblemItem, indicator: object, period: object) -> Rejection:
        if not self._explanations_left:
            return Rejection(number, ProblemItem(item.pointer, item.slug, ""))
        self._explanations_left -= 1
        return Rejection(number, item, displayable(indicator), _displayable_period(period))


def displayable(value: object) -> str:
    """The text in place of a code, with invisible characters made visible; "" for other types.

    PostgreSQL stores no NUL: an error that repeats one could not be stored.
    """
    return (
        text_validation.visible_preview(value, max_length=_SHOWN_LENGTH)[:_SHOWN_LENGTH]
        if isinstance(value, str)
        else ""
    )


def _displayable_period(value: object) -> str:
    try:
        return str(parse_period(value))
    except ValidationProblem:
        return displayable(value)


class _RowSerializer(FigureSerializer):
    max_errors = 1  # a report names the first error of a row


_cached_serializers: list[FigureSerializer] = []


def _shared_serializer() -> FigureSerializer:
    # One instance is reused: DRF copies all fields for each new one, which takes longer than the validation.
    if not _cached_serializers:
        _cached_serializers.append(_RowSerializer())
    return _cached_serializers[0]


def _strip_zeros(value: str) -> str:
    """Remove leading zeros, and the sign of zero."""
    sign, digits = ("-", value[1:]) if value[0] == "-" else ("", value)
    integer_part, point, rest = digits.partition(".")
    digits = (integer_part.lstrip("0") or "0") + point + rest
    return "0" if digits == "0" else sign + digits


def _is_clean(value: str) -> bool:
    """Whether a text needs no cleaning: short, printable, composed."""
    if not value:
        return True
    if len(value) > _MAX_FAST_LENGTH or not value.isprintable() or text_validation.is_blank(value):
        return False
    return value.isascii() or (unicodedata.is_normalized("NFC", value) and not any(map(unicodedata.combining, value)))
