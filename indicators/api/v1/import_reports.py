"""Reports of batches and imports, as they stand in responses."""

from uuid import UUID

from indicators.models import Import, ImportProblem
from indicators.payloads import (
    BatchErrorPayload,
    BatchReportPayload,
    ImportPayload,
    StoredCountPayload,
    UndoResultPayload,
    WarningPayload,
)
from indicators.services.batches.imports import MAX_NAMED_ERRORS, ImportResult
from indicators.services.batches.rows import BatchReport, Rejection, RowWarning
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.json_types import JsonObject
from kpitracker.lib.problem_types import TITLES
from kpitracker.lib.rest.renderers import iso_timestamp

# Errors in the response to a repeated request; the import has all of them.
MAX_STORED_ERRORS = 1000


def error_row(row: Rejection | RowWarning) -> BatchErrorPayload:
    return {
        "row": row.number,
        "pointer": row.item.pointer,
        "slug": row.item.slug,
        "detail": str(row.item.detail or TITLES[row.item.slug]),
        "indicator": row.indicator,
        "period": row.period,
    }


def batch_summary(result: ImportResult, *, dry_run: bool, atomic: bool, quiet: bool) -> BatchReportPayload:
    report = result.report
    summary: BatchReportPayload = {
        "dry_run": dry_run,
        "atomic": atomic,
        "quiet": quiet,
        "rows": report.rows,
        "created": report.created,
        "revised": report.revised,
        "unchanged": report.unchanged,
        "rejected": report.rejected,
        "warnings": report.warnings,
        "import": str(result.batch.pk) if result.batch else None,
        "errors": [error_row(rejection) for rejection in result.report.rejections[:MAX_NAMED_ERRORS]],
        "row_warnings": [error_row(warning) for warning in result.report.row_warnings[:MAX_NAMED_ERRORS]],
    }
    summary["would_be_stored" if dry_run else "stored"] = report.stored(atomic=atomic)
    return summary


def import_row(batch: Import) -> ImportPayload:
    """A stored import: its state, its progress and its report."""
    return {
        "id": str(batch.pk),
        "created_at": iso_timestamp(batch.created_at),
        "finished_at": iso_timestamp(batch.finished_at),
        "department": batch.department.code if batch.department else None,
        "format": batch.format,
        "file_name": batch.file_name,
        "atomic": batch.atomic,
        "dry_run": batch.dry_run,
        "quiet": batch.quiet,
        "state": batch.state,
        "rows_done": batch.rows_done,
        "rows_total": batch.rows,
        "report": {
            "rows": batch.rows,
            "created": batch.created,
            "revised": batch.revised,
            "unchanged": batch.unchanged,
            "rejected": batch.rejected,
            "warnings": batch.warnings,
            **_stored_count(batch.stored, dry_run=batch.dry_run),
        },
        "problem": _localize_problem(batch.problem) if batch.problem else None,
        "undo": _localize_undo(batch.undo) if batch.undo else None,
    }


def _stored_count(count: int, *, dry_run: bool) -> StoredCountPayload:
    return {"would_be_stored": count} if dry_run else {"stored": count}


def _localize_undo(undo: JsonObject) -> UndoResultPayload:
    errors = [
        item | {"pointer": "", "detail": str(text(item["detail"]["en"], item["detail"]["vi"]))}
        for item in undo["errors"]
    ]
    return {
        "withdrawn": undo["withdrawn"],
        "not_undone": undo["not_undone"],
        "quiet": undo.get("quiet", False),
        "errors": errors,
    }


def _localize_problem(problem: JsonObject) -> JsonObject:
    """Why a file cannot be read, in the language of the request."""

    def localize(texts: dict[str, str]) -> str:
        return str(text(texts["en"], texts["vi"]))

    errors = [
        {"pointer": pointer, "slug": slug, "detail": localize(detail)} for pointer, slug, detail in problem["errors"]
    ]
    return {"type": f"/problems/{problem['slug']}", "detail": localize(problem), "errors": errors}


def stored_error_row(row: ImportProblem) -> BatchErrorPayload:
    return {
        "row": row.row,
        "pointer": row.pointer,
        "slug": row.slug,
        "detail": str(text(row.detail_en, row.detail_vi)),
        "indicator": row.indicator,
        "period": row.period,
    }


def truncate_errors(report: BatchReportPayload) -> BatchReportPayload:
    """The summary that is stored for repeated requests, with at most `MAX_STORED_ERRORS` errors."""
    return {**report, "errors": report["errors"][:MAX_STORED_ERRORS]}


def result_rows(report: BatchReport) -> list[JsonObject]:
    """One result for each row, in row order."""
    rows_by_number: dict[int, JsonObject] = {
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
        rejection.number: {"outcome": "rejected", **error_row(rejection)} for rejection in report.rejections
    }
    return [rows_by_number[number] for number in sorted(rows_by_number)]


def warning_row(item: ProblemItem) -> WarningPayload:
    return {"slug": item.slug, "detail": str(item.detail)}
