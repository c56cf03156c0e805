"""Texts about an import: its progress, its result, and what is wrong with which row."""

from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator

from indicators.importing import jobs
from indicators.models import Import, ImportProblem
from indicators.services.access.person_names import shown_name
from kpitracker.lib.actor import Actor
from kpitracker.lib.i18n.text import text
from kpitracker.lib.numbers import localize_number
from kpitracker.lib.problem_types import TITLES

MAX_ROWS, ROWS_PER_PAGE = 1000, 100  # most rejected rows shown; rows a page
PROBLEM_COLUMNS = (
    text("row", "dòng"),
    text("indicator", "chỉ số"),
    text("period", "kỳ"),
    text("field", "trường"),
    text("what is wrong", "lỗi"),
)
_FIELD_LABELS = {
    "indicator": text("indicator", "chỉ số"),
    "area": text("area", "địa bàn"),
    "period": text("period", "kỳ"),
    "value": text("value", "giá trị"),
    "missing_reason": text("why there is no value", "lý do không có giá trị"),
    "qualifier": text("qualifier", "mức độ"),
    "stage": text("stage", "giai đoạn"),
    "published": text("published", "ngày công bố"),
    "source": text("source", "nguồn"),
    "note": text("note", "ghi chú"),
}
_COUNT_LABELS = (
    ("rows", text("rows", "số dòng")),
    ("created", text("new", "ghi mới")),
    ("revised", text("revised", "sửa")),
    ("unchanged", text("unchanged", "không đổi")),
    ("rejected", text("wrong", "sai")),
    ("warnings", text("doubtful, stored and flagged", "đáng ngờ, vẫn ghi và đánh dấu")),
)


class ImportSummary(NamedTuple):
    """`tone`: good, bad or plain; it chooses the colour of the headline."""

    headline: str
    tone: str
    is_confirmable: bool = False


def column_label(pointer: str) -> str:
    """Label of a column, with its name in the file where the two differ."""
    name = pointer.strip("/").partition("/")[0]
    label = str(_FIELD_LABELS.get(name, name))
    return f"{label} ({name})" if label != name else name or "–"


def problem_cells(row: ImportProblem) -> list[str]:
    detail = str(text(row.detail_en, row.detail_vi))
    return [str(row.row), row.indicator or "–", row.period or "–", column_label(row.pointer), detail]


def problem_page(batch: Import, by: Actor, page: str) -> dict[str, Any]:
    """The requested page of the first `MAX_ROWS` rejected rows, and how many more there are."""
    rows = ImportProblem.objects.visible_to(by).filter(batch=batch).order_by("row")
    total = rows.count()
    rows_page: Page[Any] = Paginator(rows[: min(total, MAX_ROWS)], ROWS_PER_PAGE).get_page(page)
    remaining = total - MAX_ROWS
    return {
        "heads": PROBLEM_COLUMNS,
        "page": rows_page,
        "rows": [problem_cells(row) for row in rows_page],
        "total": total,
        "hint": _NUMBER_FORMAT_HINT if _has_wrong_number_format(batch, rows) else "",
        "more": text(
            f"Only the first {MAX_ROWS} are shown, {remaining} more are in the file.",
            f"Chỉ hiển thị {MAX_ROWS} dòng đầu, còn {remaining} dòng nữa ở trong tệp.",
        )
        if remaining > 0
        else "",
    }


_NUMBER_FORMAT_HINT = text(
    "Does the file write 1.234,5? Then send it again with Vietnamese numbers.",
    "Tệp ghi số kiểu 1.234,5? Hãy gửi lại và chọn kiểu Việt Nam.",
)


def _has_wrong_number_format(batch: Import, rows: Any) -> bool:
    """Whether the file may be right and only the number format was chosen wrongly."""
    is_default_table = batch.format in ("csv", "xlsx") and not batch.locale
    return is_default_table and bool(rows.filter(slug="invalid-number").exists())


def row_counts(batch: Import) -> list[tuple[str, str]]:
    """Labelled counts. An import that was rejected as a whole counts only its rows and its wrong rows."""
    names = {"rows", "rejected"} if batch.state == "rejected" else {name for name, _ in _COUNT_LABELS}
    counts = {name: localize_number(str(getattr(batch, name) or 0)) for name in names}
    return [(label, counts[name]) for name, label in _COUNT_LABELS if name in names]


def file_errors(batch: Import) -> list[str]:
    """Errors of the whole file."""
    if not batch.problem:
        return []
    pairs = [(pointer, detail) for pointer, _, detail in batch.problem["errors"]]
    messages = [_format_error(pointer, str(text(detail["en"], detail["vi"]))) for pointer, detail in pairs]
    return messages or [str(text(batch.problem["en"], batch.problem["vi"]))]


def _format_error(pointer: str, detail: str) -> str:
    name = pointer.strip("/")
    return f"{column_label(pointer)}: {detail}" if name and name not in detail else detail


def not_undone(batch: Import) -> list[list[str]]:
    """Figures that an undo could not withdraw: indicator, period, reason."""
    errors = (batch.undo or {}).get("errors", [])
    return [
        [error["indicator"], error["period"], str(text(error["detail"]["en"], error["detail"]["vi"]))]
        for error in errors
    ]


def summarize_import(batch: Import, by: Actor) -> ImportSummary:
    if batch.is_open:
        return ImportSummary(progress_text(batch), "plain")
    if batch.state == "failed":
        title = str(TITLES.get((batch.problem or {}).get("slug", ""), ""))
        return ImportSummary(str(text(f"It stopped: {title}.", f"Đã dừng: {title}.")), "bad")
    if batch.state == "undone":
        count, not_withdrawn = batch.undo["withdrawn"], batch.undo["not_undone"]  # type: ignore[index]
        return ImportSummary(
            text(
                f"Undone: {count} figures withdrawn, {not_withdrawn} could not be.",
                f"Đã hoàn tác: rút {count} số liệu, {not_withdrawn} số liệu không rút được.",
            ),
            "plain",
        )
    return _summarize_dry_run(batch, by) if batch.dry_run else _summarize_stored(batch)


def progress_text(batch: Import) -> str:
    done, rows = batch.rows_done, batch.rows
    if batch.state == "queued":
        return text("It waits for its turn…", "Đang chờ đến lượt…")
    if batch.state == "checking":
        return text(f"Being checked: {done} of {rows} rows…", f"Đang kiểm tra: {done}/{rows} dòng…")
    return text(f"Being stored: {done} of {rows} rows…", f"Đang ghi: {done}/{rows} dòng…")


def _summarize_stored(batch: Import) -> ImportSummary:
    if batch.state == "rejected":
        return ImportSummary(_wrong_rows_text(batch, text("Nothing was stored.", "Không ghi gì.")), "bad")
    count = batch.created + batch.revised
    return ImportSummary(text(f"Done: {count} figures stored.", f"Xong: đã ghi {count} số liệu."), "good")


def _summarize_dry_run(batch: Import, by: Actor) -> ImportSummary:
    nothing_stored = text("Nothing was stored.", "Chưa ghi gì.")
    if batch.state == "rejected":
        advice = text(
            "Nothing was stored. Correct the rows and send the file again, or send it with “the correct rows”.",
            "Chưa ghi gì. Hãy sửa các dòng rồi gửi lại tệp, hoặc gửi lại và chọn “chỉ các dòng đúng”.",
        )
        return ImportSummary(_wrong_rows_text(batch, advice), "bad")
    if hasattr(batch, "confirmed_by"):
        return ImportSummary(text("It was confirmed.", "Đã xác nhận."), "plain")
    if batch.created + batch.revised == 0:
        return ImportSummary(_nothing_new_text(batch), "bad" if batch.rejected or not batch.rows else "plain")
    if not batch.file_kept:
        return ImportSummary(text(f"A dry run. {nothing_stored}", f"Chạy thử. {nothing_stored}"), "plain")
    if not jobs.upload_path(batch.pk).exists():
        expired = text("The file is kept for a day only. Send it again.", "Tệp chỉ được giữ một ngày. Hãy gửi lại.")
        return ImportSummary(text(f"{nothing_stored} {expired}", f"{nothing_stored} {expired}"), "plain")
    if by.person != batch.person:
        sender = shown_name(batch.posted_by)
        sender_hint = text(f"{sender} may confirm it.", f"{sender} có thể xác nhận.")
        return ImportSummary(text(f"{nothing_stored} {sender_hint}", f"{nothing_stored} {sender_hint}"), "plain")
    ready = text(
        "Nothing is stored yet. This is what would happen; confirm it below.",
        "Chưa ghi gì. Dưới đây là những gì sẽ được ghi; hãy xác nhận.",
    )
    return ImportSummary(ready, "plain", is_confirmable=True)


def _wrong_rows_text(batch: Import, advice: str) -> str:
    return text(
        f"{batch.rejected} of {batch.rows} rows are wrong. {advice}",
        f"{batch.rejected}/{batch.rows} dòng sai. {advice}",
    )


def _nothing_new_text(batch: Import) -> str:
    if not batch.rows:
        return text("There is no row with a figure in the file.", "Tệp không có dòng số liệu nào.")
    if batch.rejected:
        return _wrong_rows_text(batch, text("There is nothing to store.", "Không có gì để ghi."))
    return text("All of it is known already: there is nothing to store.", "Mọi số liệu đã có: không có gì để ghi.")
