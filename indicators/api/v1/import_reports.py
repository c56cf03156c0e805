"""Reports of batches and imports, as they stand in responses."""

from typing import Any
from uuid import UUID

from indicators.models import Import, ImportProblem
from indicators.services.batches.imports import ImportResult
from indicators.services.batches.rows import BatchReport, Rejection
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.renderers import iso_timestamp

# Errors in the response to a repeated request; the import has all of them.
MAX_STORED_ERRORS = 1000


def error_row(rejection: Rejection) -> dict[str, Any]:
    return {
        "row": rejection.number,
        "pointer": rejection.item.pointer,
        "slug": rejection.item.slug,
        "detail": str(rejection.item.detail),
        "indicator": rejection.indicator,
        "period": rejection.period,
    }


def batch_summary(result: ImportResult) -> dict[str, Any]:
    return {
        **result.report.counts(),
        "import": str(result.batch.pk) if result.batch else None,
        "errors": [error_row(rejection) for rejection in result.report.rejections],
    }


def import_row(batch: Import) -> dict[str, Any]:
    """A stored import: its state, its progress and its report."""
    names = ("format", "file_name", "atomic", "dry_run", "state", "rows_done")
    counts = ("created", "revised", "unchanged", "rejected", "warnings")
    return {
        "id": str(batch.pk),
        "created_at": iso_timestamp(batch.created_at),
        "finished_at": iso_timestamp(batch.finished_at),
        "department": batch.department.code if batch.department else None,
        **{name: getattr(batch, name) for name in names},
        "rows_total": batch.rows,
        "report": {"rows": batch.rows} | {name: getattr(batch, name) for name in counts},
        "problem": _localize_problem(batch.problem) if batch.problem else None,
        "undo": _localize_undo(batch.undo) if batch.undo else None,
    }


def _localize_undo(undo: dict[str, Any]) -> dict[str, Any]:
    errors = [
        item | {"pointer": "", "detail": str(text(item["detail"]["en"], item["detail"]["vi"]))}
        for item in undo["errors"]
    ]
    return undo | {"errors": errors}


def _localize_problem(problem: dict[str, Any]) -> dict[str, Any]:
    """Why a file cannot be read, in the language of the request."""

    def localize(texts: dict[str, str]) -> str:
        return str(text(texts["en"], texts["vi"]))

    errors = [
        {"pointer": pointer, "slug": slug, "detail": localize(detail)} for pointer, slug, detail in problem["errors"]
    ]
    return {"type": f"/problems/{problem['slug']}", "detail": localize(problem), "errors": errors}


def stored_error_row(row: ImportProblem) -> dict[str, Any]:
    return {
        "row": row.row,
        "pointer": row.pointer,
        "slug": row.slug,
        "detail": str(text(row.detail_en, row.detail_vi)),
        "indicator": row.indicator,
        "period": row.period,
    }


def truncate_errors(report: dict[str, Any]) -> dict[str, Any]:
    """The summary that is stored for repeated requests, with at most `MAX_STORED_ERRORS` errors."""
    return report | {"errors": report["errors"][:MAX_STORED_ERRORS]}


def result_rows(report: BatchReport) -> list[dict[str, Any]]:
    """One result for each row, in row order."""
    rows_by_number: dict[int, dict[str, Any]] = {
        number: {
            "row": number,
            "outcome": result.outcome.value,
            "id": str(UUID(result.figure)) if result.figure else None,
            "revision": result.revision,
            "warnings": [warning_row(item) for item in result.warnings],
        }
        for number, result in report.results.items()
    }
    rows_by_number |= {
        rejection.number: {"row": rejection.number, "outcome": "rejected"} | error_row(rejection)
        for rejection in report.rejections
    }
    return [rows_by_number[number] for number in sorted(rows_by_number)]


def warning_row(item: ProblemItem) -> dict[str, str]:
    return {"slug": item.slug, "detail": str(item.detail)}
