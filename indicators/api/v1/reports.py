"""Reports of batches and imports, as they stand in responses."""

from typing import Any
from uuid import UUID

from indicators.models import Import, ImportProblem
from indicators.services.batches.rows import Rejection, Report
from indicators.services.imports import Posted
from kpitracker.lib.errors import Item
from kpitracker.lib.rendering import timestamp
from kpitracker.lib.texts import text

# Errors in the response to a repeated request; the import has all of them.
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


def of_import(batch: Import) -> dict[str, Any]:
    """A stored import: its state, its progress and its report."""
    names = ("format", "file_name", "atomic", "dry_run", "state", "rows_done")
    counts = ("created", "revised", "unchanged", "rejected", "warnings")
    return {
        "id": str(batch.pk),
        "created_at": timestamp(batch.created_at),
        "finished_at": timestamp(batch.finished_at),
        "department": batch.department.code if batch.department else None,
        **{name: getattr(batch, name) for name in names},
        "rows_total": batch.rows,
        "report": {"rows": batch.rows} | {name: getattr(batch, name) for name in counts},
        "problem": _problem(batch.problem) if batch.problem else None,
        "undo": _undone(batch.undo) if batch.undo else None,
    }


def _undone(stored: dict[str, Any]) -> dict[str, Any]:
    errors = [
        each | {"pointer": "", "detail": str(text(each["detail"]["en"], each["detail"]["vi"]))}
        for each in stored["errors"]
    ]
    return stored | {"errors": errors}


def _problem(stored: dict[str, Any]) -> dict[str, Any]:
    """Why a file cannot be read, in the language of the request."""

    def said(found: dict[str, str]) -> str:
        return str(text(found["en"], found["vi"]))

    errors = [{"pointer": pointer, "slug": slug, "detail": said(detail)} for pointer, slug, detail in stored["errors"]]
    return {"type": f"/problems/{stored['slug']}", "detail": said(stored), "errors": errors}


def kept_error(row: ImportProblem) -> dict[str, Any]:
    return {
        "row": row.row,
        "pointer": row.pointer,
        "slug": row.slug,
        "detail": str(text(row.detail_en, row.detail_vi)),
        "indicator": row.indicator,
        "period": row.period,
    }


def short(told: dict[str, Any]) -> dict[str, Any]:
    """The summary that is stored for repeated requests, with at most `MAX_STORED_ERRORS` errors."""
    return told | {"errors": told["errors"][:REMEMBERED]}


def results(report: Report) -> list[dict[str, Any]]:
    """One result for each row, in row order."""
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
