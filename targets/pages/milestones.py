"""Milestones of a target in forms: a small table with a row for each, in the notation of the page."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget

from indicators.domain.period_words import day_in_words
from kpitracker.lib.admin.number_fields import AskingWidgetMixin, NumberField
from kpitracker.lib.i18n.text import is_vietnamese, text
from kpitracker.lib.numbers import localize_number, read_number

_COLUMNS = {
    "day": text("Day", "Ngày"),
    "lower": text("Lower edge", "Cận dưới"),
    "upper": text("Upper edge", "Cận trên"),
}
# More milestones: save, and the next rows are there.
_EMPTY_ROWS = 3

# The value of the field while it is a text: a line for each milestone, with tabs between day, lower and upper edge.
Cells = tuple[str, ...]


def _split_line(line: str) -> Cells:
    cells = [cell.strip() for cell in line.split("\t")]
    return tuple((cells + [""] * len(_COLUMNS))[: len(_COLUMNS)])


def _rows_of(value: object) -> list[Cells]:
    rows = [_split_line(line) for line in str(value or "").splitlines()]
    return [row for row in rows if any(row)]


def _shown_cells(milestone: dict[str, object]) -> Cells:
    """The cells of a stored milestone."""
    edges = (milestone["lower"], milestone["upper"])
    day = date.fromisoformat(str(milestone["date"]))
    return (
        day_in_words(day, vietnamese=is_vietnamese()),
        *("" if edge is None else localize_number(str(edge)) for edge in edges),
    )


class _TableWidget(forms.Widget):
    """Boxes `<name>-<row>-<column>`; needs no script."""

    box_widget: type[forms.Widget] = UnfoldAdminTextInputWidget

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        if self.value_omitted_from_data(data, files, name):
            return None
        return "\n".join("\t".join(row) for row in self._posted_rows(data, name))

    @staticmethod
    def _posted_rows(data: Any, name: str) -> Iterator[Cells]:
        row = 0
        while f"{name}-{row}-day" in data:
            yield tuple(" ".join(data.get(f"{name}-{row}-{column}", "").split()) for column in _COLUMNS)
            row += 1

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-0-day" not in data

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-0-day" if id_ else id_

    def render(self, name: str, value: object, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows = [*_rows_of(value), *[("",) * len(_COLUMNS)] * _EMPTY_ROWS]
        header = format_html_join("", '<th scope="col">{}</th>', ([caption] for caption in _COLUMNS.values()))
        body = format_html_join(
            "", "<tr>{}</tr>", ([self._boxes(name, number, row, attrs)] for number, row in enumerate(rows))
        )
        return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", header, body)

    def _boxes(self, name: str, number: int, row: Cells, attrs: Any) -> SafeString:
        base_id = (attrs or {}).get("id", f"id_{name}")

        def render_box(column: str, cell: str) -> SafeString:
            label = f"{_COLUMNS[column]} {number + 1}"
            box_attrs = {"id": f"{base_id}-{number}-{column}", "aria-label": label, "autocomplete": "off"}
            box: SafeString = self.box_widget(box_attrs).render(f"{name}-{number}-{column}", cell)
            return box

        return format_html_join(
            "", "<td>{}</td>", ([render_box(column, cell)] for column, cell in zip(_COLUMNS, row, strict=True))
        )


class MilestonesWidget(AskingWidgetMixin, _TableWidget):
    """The table with its boxes. A read-only page shows the milestones as lines."""

    read_only = True

    def render(self, name: str, value: object, attrs: Any = None, renderer: Any = None) -> SafeString:
        if isinstance(value, list):
            rows = ([" ".join(cell or "–" for cell in _shown_cells(row)).removesuffix(" –")] for row in value)
            return format_html_join("", "<div>{}</div>", rows) or SafeString("–")
        html: SafeString = super().render(name, value, attrs, renderer)
        return html


class PlainMilestonesWidget(MilestonesWidget):
    """Boxes without the look of the admin."""

    box_widget = forms.TextInput


class MilestonesField(forms.Field):
    """Rows of day, lower edge and upper edge; empty rows count for nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            label=text("Milestones", "Các mốc"),
            help_text=text(
                "For the profile by milestones: what must be reached by which day. Empty an edge that does not apply, and all "
                "three boxes of a milestone to remove it. There are more rows after saving.",
                "Dùng cho tiến độ theo mốc: đến ngày nào phải đạt mức nào. Để trống cận không áp dụng; xóa cả ba ô để bỏ một mốc. "
                "Lưu xong sẽ có thêm dòng.",
            ),
            **{"widget": MilestonesWidget(), **kwargs},
        )

    def prepare_value(self, value: object) -> object:
        if not isinstance(value, list):
            return value or ""
        return "\n".join("\t".join(_shown_cells(row)) for row in value)

    def to_python(self, value: object) -> list[dict[str, object]]:
        return [_parse_row(number, row) for number, row in enumerate(_rows_of(value), 1)]

    def has_changed(self, initial: object, data: object) -> bool:
        return not self.disabled and _rows_of(self.prepare_value(initial)) != _rows_of(data)

    def questions(self, typed: str, decimals: int | None) -> list[str]:
        """What to ask about the edges of valid rows."""
        edges = [edge for _, *row_edges in _rows_of(typed) for edge in row_edges if edge]
        return [question for edge in edges if (question := read_number(edge).question(decimals))]


def _parse_row(number: int, row: Cells) -> dict[str, object]:
    """The milestone of a row that is not empty. The service checks how it fits the target."""
    try:
        day = forms.DateField().clean(row[0])
        lower, upper = (NumberField(required=False).clean(edge) for edge in row[1:])
    except ValidationError as error:
        reason = " ".join(error.messages)
        raise ValidationError(text(f"Milestone {number}: {reason}", f"Mốc {number}: {reason}")) from error
    if lower is None and upper is None:
        raise ValidationError(
            text(f"Milestone {number} needs a lower or an upper edge.", f"Mốc {number} cần cận dưới hoặc cận trên.")
        )
    return {"date": day, "lower": lower, "upper": upper}
