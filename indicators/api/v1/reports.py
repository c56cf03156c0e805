"""What is told of a batch."""

from typing import Any
from uuid import UUID

from indicators.services.batches.rows import Rejection, Report
from indicators.services.imports import Posted
from kpitracker.lib.errors import Item

# Of a repeated request only so many errors are told again: the import has them all.
REMEMBERED = 1000


def error(each: Rejection) -> dict[str, Any]:
    return {
        "row": each.number,
        "pointer": each.item.pointer,
        "slug": each.item.slug,
        "detail": str(each.item.detail),
        "indicator": each.indicator,
        "period": each.period,
    }


def summary(posted: Posted) -> dict[str, Any]:
    return {
        **posted.report.counts(),
        "import": str(posted.batch.pk) if posted.batch else None,
        "errors": [error(each) for each in posted.report.rejections],
    }


def short(told: dict[str, Any]) -> dict[str, Any]:
    """The summary as it is kept for repeated requests."""
    return told | {"errors": told["errors"][:REMEMBERED]}


def results(report: Report) -> list[dict[str, Any]]:
    """One for each row, in their order."""
    found: dict[int, dict[str, Any]] = {
        number: {
            "row": number,
            "outcome": each.outcome.value,
            "id": str(UUID(each.figure)) if each.figure else None,
            "revision": each.revision,
            "warnings": [warning(item) for item in each.warnings],
        }
        for number, each in report.results.items()
    }
    found |= {each.number: {"row": each.number, "outcome": "rejected"} | error(each) for each in report.rejections}
    return [found[number] for number in sorted(found)]


def warning(item: Item) -> dict[str, str]:
    return {"slug": item.slug, "detail": str(item.detail)}
