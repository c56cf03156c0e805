"""Texts about an import: its progress, its result, and what is wrong with which row."""

from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator

from indicators.intake import uploads
from indicators.models import Import, ImportProblem
from kpitracker.lib.actor import Actor
from kpitracker.lib.slugs import TITLES
from kpitracker.lib.texts import text

SHOWN, A_PAGE = 1000, 100  # most rejected rows shown; rows a page
PROBLEM_HEADS = (
    text("row", "dòng"),
    text("indicator", "chỉ tiêu"),
    text("period", "kỳ"),
    text("field", "trường"),
    text("what is wrong", "lỗi"),
)
_FIELDS = {
    "indicator": text("indicator", "chỉ tiêu"),
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
_COUNTS = (
    ("rows", text("rows", "số dòng")),
    ("created", text("new", "ghi mới")),
    ("revised", text("revised", "sửa")),
    ("unchanged", text("unchanged", "không đổi")),
    ("rejected", text("wrong", "sai")),
    ("warnings", text("doubtful, stored and flagged", "đáng ngờ, vẫn ghi và đánh dấu")),
)


class Told(NamedTuple):
    """`tone`: good, bad or plain; it chooses the colour of the headline."""

    headline: str
    tone: str
    confirmable: bool = False


def field(pointer: str) -> str:
    """Label of a column, with its name in the file where the two differ."""
    name = pointer.strip("/").partition("/")[0]
    known = str(_FIELDS.get(name, name))
    return f"{known} ({name})" if known != name else name or "–"


def problem_cells(row: ImportProblem) -> list[str]:
    detail = str(text(row.detail_en, row.detail_vi))
    return [str(row.row), row.indicator or "–", row.period or "–", field(row.pointer), detail]


def problems(batch: Import, by: Actor, page: str) -> dict[str, Any]:
    """The requested page of the first `MAX_ROWS` rejected rows, and how many more there are."""
    rows = ImportProblem.objects.visible_to(by).filter(batch=batch).order_by("row")
    total = rows.count()
    found: Page[Any] = Paginator(rows[: min(total, SHOWN)], A_PAGE).get_page(page)
    more = total - SHOWN
    return {
        "heads": PROBLEM_HEADS,
        "page": found,
        "rows": [problem_cells(row) for row in found],
        "total": total,
        "hint": _HINT if _other_numbers(batch, rows) else "",
        "more": text(
            f"Only the first {SHOWN} are shown, {more} more are in the file.",
            f"Chỉ hiển thị {SHOWN} dòng đầu, còn {more} dòng nữa ở trong tệp.",
        )
        if more > 0
        else "",
    }


_HINT = text(
    "Does the file write 1.234,5? Then send it again with Vietnamese numbers.",
    "Tệp ghi số kiểu 1.234,5? Hãy gửi lại và chọn kiểu Việt Nam.",
)


def _other_numbers(batch: Import, rows: Any) -> bool:
    """Whether the file may be right and only the number format was chosen wrongly."""
    table = batch.format in ("csv", "xlsx") and not batch.locale
    return table and bool(rows.filter(slug="invalid-number").exists())


def counts(batch: Import) -> list[tuple[str, int]]:
    """Labelled counts. An import that was rejected as a whole counts only its rows and its wrong rows."""
    names = {"rows", "rejected"} if batch.state == "rejected" else {name for name, _ in _COUNTS}
    return [(label, getattr(batch, name) or 0) for name, label in _COUNTS if name in names]


def faults(batch: Import) -> list[str]:
    """Errors of the whole file."""
    if not batch.problem:
        return []
    pairs = [(pointer, detail) for pointer, _, detail in batch.problem["errors"]]
    told = [_fault(pointer, str(text(detail["en"], detail["vi"]))) for pointer, detail in pairs]
    return told or [str(text(batch.problem["en"], batch.problem["vi"]))]


def _fault(pointer: str, detail: str) -> str:
    name = pointer.strip("/")
    return f"{field(pointer)}: {detail}" if name and name not in detail else detail


def left(batch: Import) -> list[list[str]]:
    """Figures that an undo could not withdraw: indicator, period, reason."""
    errors = (batch.undo or {}).get("errors", [])
    return [
        [each["indicator"], each["period"], str(text(each["detail"]["en"], each["detail"]["vi"]))] for each in errors
    ]


def told(batch: Import, by: Actor) -> Told:
    if batch.is_open:
        return Told(progress(batch), "plain")
    if batch.state == "failed":
        title = str(TITLES.get((batch.problem or {}).get("slug", ""), ""))
        return Told(str(text(f"It stopped: {title}.", f"Đã dừng: {title}.")), "bad")
    if batch.state == "undone":
        count, rest = batch.undo["withdrawn"], batch.undo["left"]  # type: ignore[index]
        return Told(
            text(
                f"Undone: {count} figures withdrawn, {rest} could not be.",
                f"Đã hoàn tác: rút {count} số liệu, {rest} số liệu không rút được.",
            ),
            "plain",
        )
    return _looked(batch, by) if batch.dry_run else _stored(batch)


def progress(batch: Import) -> str:
    done, rows = batch.rows_done, batch.rows
    if batch.state == "queued":
        return text("It waits for its turn…", "Đang chờ đến lượt…")
    if batch.state == "checking":
        return text(f"Being checked: {done} of {rows} rows…", f"Đang kiểm tra: {done}/{rows} dòng…")
    return text(f"Being stored: {done} of {rows} rows…", f"Đang ghi: {done}/{rows} dòng…")


def _stored(batch: Import) -> Told:
    if batch.state == "rejected":
        return Told(_rows_wrong(batch, text("Nothing was stored.", "Không ghi gì.")), "bad")
    count = batch.created + batch.revised
    return Told(text(f"Done: {count} figures stored.", f"Xong: đã ghi {count} số liệu."), "good")


def _looked(batch: Import, by: Actor) -> Told:
    nothing = text("Nothing was stored.", "Chưa ghi gì.")
    if batch.state == "rejected":
        how = text(
            "Nothing was stored. Correct the rows and send the file again, or send it with “the correct rows”.",
            "Chưa ghi gì. Hãy sửa các dòng rồi gửi lại tệp, hoặc gửi lại và chọn “chỉ các dòng đúng”.",
        )
        return Told(_rows_wrong(batch, how), "bad")
    if hasattr(batch, "confirmed_by"):
        return Told(text("It was confirmed.", "Đã xác nhận."), "plain")
    if batch.created + batch.revised == 0:
        return Told(_nothing_new(batch), "bad" if batch.rejected or not batch.rows else "plain")
    if not batch.held:
        return Told(text(f"A dry run. {nothing}", f"Chạy thử. {nothing}"), "plain")
    if not uploads.path_of(batch.pk).exists():
        gone = text("The file is kept for a day only. Send it again.", "Tệp chỉ được giữ một ngày. Hãy gửi lại.")
        return Told(text(f"{nothing} {gone}", f"{nothing} {gone}"), "plain")
    if by.person != batch.person:
        waits = text(f"{batch.posted_by} may confirm it.", f"{batch.posted_by} có thể xác nhận.")
        return Told(text(f"{nothing} {waits}", f"{nothing} {waits}"), "plain")
    ready = text(
        "Nothing is stored yet. This is what would happen; confirm it below.",
        "Chưa ghi gì. Dưới đây là những gì sẽ được ghi; hãy xác nhận.",
    )
    return Told(ready, "plain", confirmable=True)


def _rows_wrong(batch: Import, then: str) -> str:
    return text(
        f"{batch.rejected} of {batch.rows} rows are wrong. {then}", f"{batch.rejected}/{batch.rows} dòng sai. {then}"
    )


def _nothing_new(batch: Import) -> str:
    if not batch.rows:
        return text("There is no row with a figure in the file.", "Tệp không có dòng số liệu nào.")
    if batch.rejected:
        return _rows_wrong(batch, text("There is nothing to store.", "Không có gì để ghi."))
    return text("All of it is known already: there is nothing to store.", "Mọi số liệu đã có: không có gì để ghi.")
