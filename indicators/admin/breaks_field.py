"""The breaks of an indicator as lines of text in the admin."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextareaWidget

from indicators.domain.period_words import day_in_words
from kpitracker.lib.i18n.text import is_vietnamese, text

# A day as the language of the page writes it, the note and, after a bar, the note in English.
_BREAK = re.compile(
    r"(?P<day>[0-9]+[/.\-][0-9]+[/.\-][0-9]+|[0-9]+ [a-z]+ [0-9]{4}):?(?P<note>[^|]*)(\|(?P<note_en>.*))?", re.I
)


def break_line(row: Mapping[str, str]) -> str:
    day = day_in_words(date.fromisoformat(row["day"]), vietnamese=is_vietnamese())
    notes = f"{row['note']} | {row['note_en']}" if row["note_en"] else row["note"]
    return f"{day} {notes}".strip()


class BreaksWidget(UnfoldAdminTextareaWidget):
    """One line for each break. A read-only page shows lines, too, instead of JSON."""

    read_only = True

    def render(self, name: str, value: object, attrs: Any = None, renderer: Any = None) -> SafeString:
        if isinstance(value, list):
            return format_html_join("", "<div>{}</div>", ([break_line(row)] for row in value)) or SafeString("–")
        html: SafeString = super().render(name, value, attrs, renderer)
        return html


class BreaksField(forms.CharField):
    """Breaks of a series, one per line: the day, the note and, after a bar, the note in English."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            label=text("Breaks of the series", "Các điểm gián đoạn của chuỗi"),
            help_text=text(
                "Days from which it is measured in another way; nothing is added up or compared across them. One per "
                "line: day, note, | and the note in English. For example 1 January 2024 … | New base year.",
                "Các ngày bắt đầu đo theo cách khác; số liệu trước và sau không được cộng hay so sánh với nhau. "
                "Mỗi dòng một ngày: ngày, ghi chú, | và ghi chú tiếng Anh. Ví dụ 01/01/2024 Năm gốc mới | New base year.",
            ),
            widget=BreaksWidget(attrs={"rows": 2}),
            **kwargs,
        )

    def prepare_value(self, value: object) -> str:
        return "\n".join(map(break_line, value)) if isinstance(value, list) else str(value or "")

    def to_python(self, value: object) -> list[dict[str, str]]:  # type: ignore[override]
        return [_parse_line(line) for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: object, data: object) -> bool:
        return self.prepare_value(initial).split() != str(data or "").split()

    def validate(self, value: object) -> None:
        """Does nothing: the service checks the rows."""

    def run_validators(self, value: object) -> None:
        """Does nothing, like `validate`."""


def _parse_line(line: str) -> dict[str, str]:
    match = _BREAK.fullmatch(line.strip())
    try:
        day = forms.DateField().clean(match["day"] if match else "")
    except ValidationError as error:
        raise ValidationError(
            text(f"No break of a series: {line}. Begin with a day.", f"Không đọc được: {line}. Hãy bắt đầu bằng ngày.")
        ) from error
    assert match is not None
    note, note_en = (str(match[name] or "").strip() for name in ("note", "note_en"))
    return {"day": day.isoformat(), "note": note, "note_en": note_en}
