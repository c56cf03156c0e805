"""A frozen scorecard, and what differs now, as rows of texts in the active language."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.rounding import shown_places
from kpitracker.lib.i18n.text import translate_name
from targets.domain.choices import Status
from targets.domain.rollup import TotalsPayload
from targets.models.assessment import STATUS_LABELS, status_word
from targets.payloads.scorecards import (
    AssessmentDifferencePayload,
    AssessmentSummaryPayload,
    FrozenScorecard,
    FrozenTarget,
)
from targets.services.text import formatting, status_sentence


class ResultLine(NamedTuple):
    """A target as it was frozen. `is_short`: whether it falls short of what was expected; None without an actual value."""

    target: str
    name: str
    status: Status
    label: str
    actual: str
    variance: str
    is_short: bool | None
    reason: str


class DifferenceLine(NamedTuple):
    """A target that stands otherwise now: status and actual value at the closing, and now."""

    target: str
    name: str
    before: str
    after: str


def list_results(scorecard: FrozenScorecard) -> Iterator[ResultLine]:
    for row in scorecard["targets"]:
        label, decimals, kind = status_sentence.label_status(row), _indicator_decimals(row), _indicator_kind(row)
        yield ResultLine(
            row["target"],
            target_name(row),
            Status(row["status"]),
            label,
            formatting.format_actual(row, decimals, kind),
            formatting.format_variance(row, decimals, kind),
            None if row["variance"] is None else row["shortfall"] not in (None, "0"),
            status_sentence.explain_status(row).removeprefix(f"{label}: "),
        )


def list_differences(
    differences: list[AssessmentDifferencePayload], scorecard: FrozenScorecard
) -> Iterator[DifferenceLine]:
    """The differences that `compare_closing` found, with the names of the closing."""
    rows = {row["target"]: row for row in scorecard["targets"]}
    for difference in differences:
        row = rows.get(difference["target"])
        yield DifferenceLine(
            difference["target"],
            target_name(row) if row else difference["target"],
            _summary_text(difference["before"], row),
            _summary_text(difference["after"], row),
        )


def target_name(row: FrozenTarget) -> str:
    return translate_name(row["indicator_name"], row["indicator_name_en"])


def count_statuses(totals: TotalsPayload) -> str:
    """How many targets had each status, such as `2 missed, 5 met`."""
    return ", ".join(f"{count} {STATUS_LABELS[Status(status)]}" for status, count in totals["counts"].items() if count)


def _indicator_decimals(row: FrozenTarget) -> int:
    return row["explanation"]["indicators"][0]["decimals"]


def _indicator_kind(row: FrozenTarget) -> str:
    return row["explanation"]["indicators"][0]["kind"]


def _summary_text(summary: AssessmentSummaryPayload | None, row: FrozenTarget | None) -> str:
    if summary is None:
        return "–"
    goal, is_rank = (row["explanation"]["terms"]["goal"], formatting.is_rank(row)) if row else (None, False)
    is_below = (summary["variance"] or "").startswith("-")
    label = status_word(summary["status"], goal, is_rank=is_rank, is_below=is_below)
    actual = summary["actual"]
    if actual is None:
        return label
    if row is None:
        return f"{label}: {formatting.format_number(actual)}"
    places = shown_places([Decimal(actual)], _indicator_decimals(row))
    return f"{label}: {formatting.format_measured(row, actual, places, _indicator_kind(row))}"
