"""The header of a table of figures: names of the fields, or their captions in either language."""

from collections.abc import Iterable, Iterator, Sequence

from indicators.services.figures.recording import FIGURE_FIELDS
from kpitracker.lib import text_validation
from kpitracker.lib.errors import ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text

MAX_COLUMNS = 200
_MAX_ERRORS = 20
_MAX_ROWS_ABOVE = 20  # titles above the header: so far down it is searched
_REQUIRED = ("indicator", "period")
_CAPTIONS: dict[str, tuple[str, ...]] = {
    "indicator": ("chỉ số", "mã chỉ số", "chỉ tiêu", "mã chỉ tiêu", "indicator code"),
    "area": ("địa bàn", "mã địa bàn", "area code"),
    "period": ("kỳ", "kỳ báo cáo", "reporting period"),
    "value": ("giá trị", "số liệu"),
    "missing_reason": ("lý do không có", "lý do không có giá trị", "lý do thiếu", "reason for no value"),
    "qualifier": ("mức xấp xỉ", "mức độ chính xác"),
    "stage": ("giai đoạn", "mức độ chính thức"),
    "published": ("ngày công bố", "day of publication"),
    "source": ("nguồn",),
    "note": ("ghi chú",),
}
# Further columns of exports and templates, which are ignored so that an exported file can be imported again.
IGNORED_COLUMNS = frozenset(
    [
        "id",
        "department",
        "recorded_at",
        "revision",
        "current",
        "is_forecast",
        "warnings",
        "indicator_name",
        "indicator_name_en",
        "unit",
        "unit_en",
        "period_start",
        "period_end",
        "due",
        "last_period",
        "last_value",
    ]
)
_IGNORED_CAPTIONS = ("stt", "tên chỉ số", "tên chỉ tiêu", "đơn vị", "đơn vị tính", "hạn báo cáo")
# Only an export of this service has both. Its numbers are in plain notation, whatever the program that sends it back.
_EXPORT_COLUMNS = {"recorded_at", "revision"}


def _normalize(name: str) -> str:
    return " ".join(text_validation.normalize_for_search(name[:100]).replace("_", " ").split())


_FIELDS_BY_CAPTION = {
    _normalize(caption): field
    for field in FIGURE_FIELDS
    for caption in (field, *_CAPTIONS[field])
}  # fmt: skip
_IGNORED = {_normalize(caption) for caption in (*IGNORED_COLUMNS, *_IGNORED_CAPTIONS)}


class Header:
    """`positions`: field → position of its column; `width`: the number of columns."""

    def __init__(self, cells: Sequence[str]) -> None:
        """Raises `ValidationProblem` for unknown, repeated or missing columns, and for more than `MAX_COLUMNS`."""
        self.width = len(cells)
        captions = [_normalize(cell) for cell in _bounded_cells(cells)]
        fields = [_FIELDS_BY_CAPTION.get(caption, "") for caption in captions]
        if items := list(_find_faults(cells, captions, fields))[:_MAX_ERRORS]:
            raise ValidationProblem(items=items)
        self.positions = {field: position for position, field in enumerate(fields) if field}
        self.is_export = {cell.strip() for cell in cells} >= _EXPORT_COLUMNS


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row names the columns that every table has."""
    names = {_FIELDS_BY_CAPTION.get(_normalize(cell)) for cell in cells[:MAX_COLUMNS]}
    return names.issuperset(_REQUIRED)


def read_header(rows: Iterable[Sequence[str]]) -> Header:
    """Read the first row as the header. Where a later row is one, the error says which rows to delete."""
    remaining = iter(rows)
    cells = next(remaining, [])
    if not any(cell.strip() for cell in cells):
        cells = []
    try:
        if not cells:
            raise ValidationProblem("invalid-csv", text("It is empty.", "Tệp rỗng."), pointer="")
        return Header(cells)
    except ValidationProblem:
        for number, (_, row) in enumerate(zip(range(_MAX_ROWS_ABOVE), remaining, strict=False), 2):
            if is_header(row):
                raise _rows_above_header(number) from None
        raise


def _rows_above_header(number: int) -> ValidationProblem:
    return ValidationProblem(
        "invalid-csv",
        text(
            f"The first row must name the columns. Row {number} does: delete the rows above it.",
            f"Dòng đầu phải là tên cột. Dòng {number} là tên cột: hãy xóa các dòng phía trên.",
        ),
        pointer="",
    )


def _bounded_cells(cells: Sequence[str]) -> Sequence[str]:
    used = len(cells)
    while used and not cells[used - 1].strip():
        used -= 1
    if used > MAX_COLUMNS:
        raise ValidationProblem(
            "invalid-csv",
            text(f"A table has at most {MAX_COLUMNS} columns.", f"Bảng có tối đa {MAX_COLUMNS} cột."),
            pointer="",
        )
    return cells[:used]


def _find_faults(cells: Sequence[str], captions: Sequence[str], fields: Sequence[str]) -> Iterator[ProblemItem]:
    for cell, caption, field in zip(cells, captions, fields, strict=False):
        if not field and caption not in _IGNORED:
            name = text_validation.visible_preview(cell.strip())
            yield ProblemItem(
                f"/{name}",
                "unknown-field",
                text(
                    f"There is no column “{name}”. There are: {', '.join(FIGURE_FIELDS)}.",
                    f"Không có cột “{name}”. Có: {', '.join(FIGURE_FIELDS)}.",
                ),
            )
    for field in FIGURE_FIELDS:
        if fields.count(field) > 1:
            yield ProblemItem(
                f"/{field}", "invalid-csv", text(f"The column {field} occurs twice.", f"Cột {field} bị lặp.")
            )
    for field in _REQUIRED:
        if field not in fields:
            caption = _CAPTIONS[field][0]
            yield ProblemItem(
                f"/{field}",
                "required",
                text(f"The column {field} is missing.", f"Thiếu cột {field} ({caption})."),
            )
