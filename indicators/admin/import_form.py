"""The form for uploading a file of figures."""

from typing import Any

from django import forms
from django.conf import settings
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminRadioSelectWidget

from indicators.intake.reading import FORMATS
from kpitracker.lib import plain_text
from kpitracker.lib.texts import text

SUFFIXES = {f".{form}": form for form in FORMATS.values()}
# Hidden field that the browser sends last: it is missing when the upload was cut off.
LAST = "end"
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_NUMBERS = [
    ("", text("1234.5 and 2024-12-31", "1234.5 và 2024-12-31")),
    ("vi", text("Vietnamese: 1.234,5 and 31/12/2024", "Kiểu Việt Nam: 1.234,5 và 31/12/2024")),
]
_MODES = [
    ("all", text("All rows, or none when one is wrong", "Tất cả các dòng; có dòng sai thì không ghi gì")),
    ("right", text("The correct rows; the wrong ones are listed", "Chỉ các dòng đúng; dòng sai được nêu rõ")),
]


def max_file() -> int:
    """Largest accepted file, in bytes."""
    return max(settings.PAGE_LIMITS.values())


class FileWidget(UnfoldAdminFileFieldWidget):
    """The file widget of unfold with a translated label, which unfold lacks."""

    template_name = "imports/file.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["choose"] = text("Choose a file", "Chọn tệp")
        return context


class FileForm(forms.Form):
    file = forms.FileField(
        label=text("File", "Tệp"),
        max_length=200,
        widget=FileWidget(attrs={"accept": ",".join(SUFFIXES)}),
        help_text=text(
            "CSV, XLSX, JSON or NDJSON, at most 100 MB; the first row of a table names the columns. "
            "Your department's workbook can be sent as it is.",
            "CSV, XLSX, JSON hoặc NDJSON, tối đa 100 MB; dòng đầu của bảng là tên cột. "
            "Phiếu nhập số liệu của đơn vị dùng được ngay.",
        ),
    )
    locale = forms.ChoiceField(
        label=text("Numbers and days in CSV and XLSX", "Cách ghi số và ngày trong CSV và XLSX"),
        choices=_NUMBERS,
        required=False,
        widget=UnfoldAdminRadioSelectWidget,
        initial="",
    )
    mode = forms.ChoiceField(
        label=text("What is to be stored", "Ghi những gì"),
        choices=_MODES,
        widget=UnfoldAdminRadioSelectWidget,
        initial="all",
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > max_file():
            raise _wrong("At most 100 MB: split the file.", "Tối đa 100 MB: hãy chia nhỏ tệp.")
        if plain_text.complaint(file.name):
            raise _wrong("The name of the file contains an invalid character.", "Tên tệp có ký tự không hợp lệ.")
        form = self.kind
        first = file.read(len(_ZIP))
        file.seek(0)
        if first == _OLD_OFFICE:
            raise _wrong(
                "This is an old Excel file, or one with a password. Save it as .xlsx, without a password.",
                "Đây là tệp Excel đời cũ hoặc có mật khẩu. Hãy lưu lại dạng .xlsx, không đặt mật khẩu.",
            )
        if form == "xlsx" and first != _ZIP:
            raise _wrong(
                "The name says .xlsx, but this is no XLSX file.", "Tên tệp là .xlsx nhưng không phải tệp XLSX."
            )
        if form != "xlsx" and first == _ZIP:
            raise _wrong(
                f"The name says .{form}, but this is an XLSX file or another archive.",
                f"Tên tệp là .{form} nhưng đây là tệp XLSX hoặc tệp nén.",
            )
        return file

    @property
    def kind(self) -> str:
        """File format by the suffix of the name. Raises `ValidationError`."""
        name = self.cleaned_data["file"].name.lower()
        for suffix, form in SUFFIXES.items():
            if name.endswith(suffix):
                return form
        known = ", ".join(sorted(SUFFIXES))
        raise _wrong(f"The name has to end with one of {known}.", f"Tên tệp phải có đuôi {known}.")

    def clean(self) -> dict[str, Any] | None:
        if self.data.get(LAST) != LAST:
            raise _wrong("The file did not arrive whole. Send it again.", "Tệp bị cắt trên đường truyền. Hãy gửi lại.")
        return super().clean()

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        table = self.kind in ("csv", "xlsx")
        return {
            "form": self.kind,
            "atomic": given["mode"] == "all",
            "locale": given["locale"] if table else "",
            "file_name": given["file"].name[:200],
        }


def _wrong(english: str, vietnamese: str) -> forms.ValidationError:
    return forms.ValidationError(str(text(english, vietnamese)))
