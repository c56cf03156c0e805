"""The form for uploading a file of figures: what it asks, and which files it refuses before they are read."""

from typing import Any

from django import forms
from django.conf import settings

from indicators.importing.readers import FORMATS
from indicators.models.import_ import MAX_SHEET_NAME
from kpitracker.lib import text_validation
from kpitracker.lib.i18n.text import is_vietnamese, text

FORMATS_BY_SUFFIX = {f".{file_format}": file_format for file_format in FORMATS.values()}
# Hidden field that the browser sends last: it is missing when the upload was cut off.
END_MARKER = "end"
_ZIP_MAGIC, _OLE_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_NUMBER_FORMATS = [
    (
        "",
        text(
            "1234.5 and 2024-12-31; texts that have two readings, such as 140.000, are refused",
            "1234.5 và 2024-12-31; chữ đọc được hai cách như 140.000 sẽ bị từ chối",
        ),
    ),
    ("en", text("1234.5 and 2024-12-31; 140.000 is 140", "1234.5 và 2024-12-31; 140.000 là 140")),
    ("vi", text("Vietnamese: 1.234,5 and 31/12/2024", "Kiểu Việt Nam: 1.234,5 và 31/12/2024")),
]
_MODES = [
    ("all", text("All rows, or none when one is wrong", "Tất cả các dòng; có dòng sai thì không ghi gì")),
    ("right", text("The correct rows; the wrong ones are listed", "Chỉ các dòng đúng; dòng sai được nêu rõ")),
]


def max_file_size() -> int:
    """Largest accepted file, in bytes."""
    return max(settings.ADMIN_UPLOAD_LIMITS.values())


class FigureFileFields(forms.Form):
    file = forms.FileField(
        label=text("File", "Tệp"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ",".join(FORMATS_BY_SUFFIX)}),
        help_text=text(
            "CSV, XLSX, JSON or NDJSON, at most 100 MB; the first row of a table names the columns. "
            "Your department's workbook can be sent as it is.",
            "CSV, XLSX, JSON hoặc NDJSON, tối đa 100 MB; dòng đầu của bảng là tên cột. "
            "Phiếu nhập số liệu của đơn vị dùng được ngay.",
        ),
    )
    locale = forms.ChoiceField(
        label=text("Numbers and days in CSV and XLSX", "Cách ghi số và ngày trong CSV và XLSX"),
        choices=_NUMBER_FORMATS,
        required=False,
        widget=forms.RadioSelect,
        initial=lambda: "vi" if is_vietnamese() else "",
    )
    sheet = forms.CharField(
        label=text("Sheet of an XLSX file", "Trang tính trong tệp XLSX"),
        max_length=MAX_SHEET_NAME,
        required=False,
        help_text=text("Only where several sheets hold figures.", "Chỉ cần khi nhiều trang tính có số liệu."),
    )
    mode = forms.ChoiceField(
        label=text("What is to be stored", "Ghi những gì"),
        choices=_MODES,
        widget=forms.RadioSelect,
        initial="all",
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > max_file_size():
            raise _validation_error("At most 100 MB: split the file.", "Tối đa 100 MB: hãy chia nhỏ tệp.")
        if text_validation.find_fault(file.name):
            raise _validation_error(
                "The name of the file contains an invalid character.", "Tên tệp có ký tự không hợp lệ."
            )
        file_format = self.file_format
        magic = file.read(len(_ZIP_MAGIC))
        file.seek(0)
        if magic == _OLE_MAGIC:
            raise _validation_error(
                "This is an old Excel file, or one with a password. Save it as .xlsx, without a password.",
                "Đây là tệp Excel đời cũ hoặc có mật khẩu. Hãy lưu lại dạng .xlsx, không đặt mật khẩu.",
            )
        if file_format == "xlsx" and magic != _ZIP_MAGIC:
            raise _validation_error(
                "The name says .xlsx, but this is no XLSX file.", "Tên tệp là .xlsx nhưng không phải tệp XLSX."
            )
        if file_format != "xlsx" and magic == _ZIP_MAGIC:
            raise _validation_error(
                f"The name says .{file_format}, but this is an XLSX file or another archive.",
                f"Tên tệp là .{file_format} nhưng đây là tệp XLSX hoặc tệp nén.",
            )
        return file

    @property
    def file_format(self) -> str:
        """File format by the suffix of the name. Raises `ValidationError`."""
        name = self.cleaned_data["file"].name.lower()
        for suffix, suffix_format in FORMATS_BY_SUFFIX.items():
            if name.endswith(suffix):
                return suffix_format
        allowed = ", ".join(sorted(FORMATS_BY_SUFFIX))
        raise _validation_error(f"The name has to end with one of {allowed}.", f"Tên tệp phải có đuôi {allowed}.")

    def clean(self) -> dict[str, Any] | None:
        if self.data.get(END_MARKER) != END_MARKER:
            raise _validation_error(
                "The file did not arrive whole. Send it again.", "Tệp bị cắt trên đường truyền. Hãy gửi lại."
            )
        return super().clean()

    def values(self) -> dict[str, Any]:
        """The values of `start_dry_run`."""
        cleaned = self.cleaned_data
        is_table = self.file_format in ("csv", "xlsx")
        return {
            "form": self.file_format,
            "atomic": cleaned["mode"] == "all",
            "locale": cleaned["locale"] if is_table else "",
            "sheet": cleaned["sheet"] if self.file_format == "xlsx" else "",
            "file_name": cleaned["file"].name[:200],
            "quiet": cleaned.get("quiet", False),
        }


def _validation_error(english: str, vietnamese: str) -> forms.ValidationError:
    return forms.ValidationError(str(text(english, vietnamese)))
