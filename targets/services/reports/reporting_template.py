"""The workbook of the figures that departments still have to report: one a row, ready to be sent back."""

from typing import IO

from indicators.domain.choices import MissingReason, Qualifier, Stage
from indicators.domain.figures import Figure
from kpitracker.lib.spreadsheets.template import TemplateField, write_template
from targets.services.reports.reporting import Obligation, ReportingQuery, list_figures_to_report

SHEET = "figures"
_CHOICE_HINT = "Chọn trong danh sách, hoặc để trống"
# A row of the workbook is a missing figure: there is nothing to withdraw.
_REASONS = tuple(reason for reason in MissingReason if reason is not MissingReason.WITHDRAWN)
FIELDS = (
    TemplateField("indicator", 38, "Mã chỉ số. Không sửa.", "Code of the indicator. Leave as it is."),
    TemplateField("area", 12, "Mã địa bàn. Không sửa.", "Code of the area. Leave as it is."),
    TemplateField("period", 18, "Kỳ số liệu. Không sửa.", "The period of the figure. Leave as it is."),
    TemplateField(
        "value", 18, "Giá trị. Để trống dòng nào thì dòng đó được bỏ qua. 7,5% thì gõ 7,5 (không gõ dấu %).",
        "The value. A row without a value is skipped. For 7.5 % type 7.5, without the sign.", is_input=True, is_number=True,
    ),
    TemplateField(
        "missing_reason", 16,
        "Chỉ khi không có giá trị: not_available chưa có, not_applicable không áp dụng, suppressed bảo mật.",
        "The reason, only where there is no value.", is_input=True, choices=_REASONS,
    ),
    TemplateField(
        "qualifier", 12, f"{_CHOICE_HINT}: about khoảng, more_than hơn, less_than dưới, nearly gần.",
        "Empty, or how the true value compares with the number.", is_input=True, choices=tuple(filter(None, Qualifier)),
    ),
    TemplateField(
        "stage", 13, f"{_CHOICE_HINT}: forecast dự báo (ước cả kỳ), estimate ước tính, preliminary sơ bộ, official chính thức.",
        "Empty, or how final the value is. A forecast does not report the period.", is_input=True, choices=tuple(filter(None, Stage)),
    ),
    TemplateField(
        "published", 13, "Ngày công bố, dạng 2024-11-05. Để trống: hôm nay.",
        "The day it was published, as 2024-11-05. Empty: today.", is_input=True,
    ),
    TemplateField("source", 24, "Nguồn: văn bản hoặc địa chỉ.", "Where it comes from.", is_input=True),
    TemplateField("note", 24, "Ghi chú.", "A note.", is_input=True),
    TemplateField("indicator_name", 36, "Tên chỉ số. Chỉ để xem.", "Its name. For information."),
    TemplateField("unit", 16, "Đơn vị tính. Chỉ để xem.", "Its unit. For information."),
    TemplateField("due", 12, "Hạn báo cáo. Chỉ để xem.", "The due day. For information."),
    TemplateField("last_period", 18, "Kỳ gần nhất đã có số liệu. Chỉ để xem.", "The latest period posted. For information."),
    TemplateField("last_value", 16, "Giá trị của kỳ đó. Chỉ để xem.", "Its value. For information.", is_number=True),
)  # fmt: skip


def write_reporting_template(file: IO[bytes], query: ReportingQuery, about: str) -> None:
    """Write the workbook of the figures of a query. `about`: what it holds, such as the name of a plan."""
    rows = [_template_row(*figure) for figure in list_figures_to_report(query)]
    write_template(file, SHEET, FIELDS, rows, _instructions(about))


def _template_row(obligation: Obligation, last_figure: Figure | None) -> dict[str, str]:
    return {
        "indicator": obligation.indicator.code,
        "area": obligation.area.code,
        "period": str(obligation.period),
        "indicator_name": str(obligation.indicator),
        "unit": obligation.indicator.shown_unit,
        "due": obligation.due_day.isoformat(),
        "last_period": str(last_figure.period) if last_figure else "",
        "last_value": format(last_figure.numeric_value, "f") if last_figure else "",
    }


def _instructions(about: str) -> list[str]:
    return [
        about,
        "Điền các ô màu vàng ở trang figures rồi gửi lại tệp này. "
        "Dòng không có giá trị và không có lý do sẽ được bỏ qua.",
        "Fill in the yellow cells of the sheet figures and send this file back. "
        "Rows without value and reason are skipped.",
        "Có thể thêm dòng bên dưới. Không đổi tên cột, không xóa trang about.",
        "Rows may be added below. Keep the names of the columns and the sheet about.",
    ]
