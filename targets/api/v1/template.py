"""A workbook for a department, with the figures that it still has to report for a plan."""

import tempfile
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from indicators.api.v1.serializers import FigureSerializer
from indicators.domain.vocabulary import MissingReason, Qualifier, Stage
from indicators.models import Department
from kpitracker.lib import clock, parameters
from kpitracker.lib.actor import Actor, actor
from kpitracker.lib.errors import NotPermitted
from kpitracker.lib.exports import XlsxRenderer, file_response
from kpitracker.lib.rendering import JSONRenderer
from kpitracker.lib.spreadsheets.template import Field, write_template
from kpitracker.lib.texts import text
from kpitracker.lib.views import ApiViewSet
from targets.models import Plan
from targets.services import owing
from targets.services.owing import Owed

SHEET = "figures"
_CHOOSE = "Chọn trong danh sách, hoặc để trống"
FIELDS = (
    Field("indicator", 38, "Mã chỉ tiêu. Không sửa.", "Code of the indicator. Leave as it is."),
    Field("area", 12, "Mã địa bàn. Không sửa.", "Code of the area. Leave as it is."),
    Field("period", 18, "Kỳ số liệu. Không sửa.", "The period of the figure. Leave as it is."),
    Field(
        "value", 18, "Giá trị. Để trống dòng nào thì dòng đó được bỏ qua. 7,5% thì gõ 7,5 (không gõ dấu %).",
        "The value. A row without a value is skipped. For 7.5 % type 7.5, without the sign.", asked=True, number=True,
    ),
    Field(
        "missing_reason", 16,
        "Chỉ khi không có giá trị: not_available chưa có, not_applicable không áp dụng, suppressed bảo mật.",
        "The reason, only where there is no value.", asked=True, choices=tuple(MissingReason),
    ),
    Field(
        "qualifier", 12, f"{_CHOOSE}: about khoảng, more_than hơn, less_than dưới, nearly gần.",
        "Empty, or how the true value compares with the number.", asked=True, choices=tuple(filter(None, Qualifier)),
    ),
    Field(
        "stage", 13, f"{_CHOOSE}: estimate ước tính, preliminary sơ bộ, official chính thức.",
        "Empty, or how final the value is.", asked=True, choices=tuple(filter(None, Stage)),
    ),
    Field(
        "published", 13, "Ngày công bố, dạng 2024-11-05. Để trống: hôm nay.",
        "The day it was published, as 2024-11-05. Empty: today.", asked=True,
    ),
    Field("source", 24, "Nguồn: văn bản hoặc địa chỉ.", "Where it comes from.", asked=True),
    Field("note", 24, "Ghi chú.", "A note.", asked=True),
    Field("indicator_name", 36, "Tên chỉ tiêu. Chỉ để xem.", "Its name. For information."),
    Field("unit", 16, "Đơn vị tính. Chỉ để xem.", "Its unit. For information."),
    Field("due", 12, "Hạn báo cáo. Chỉ để xem.", "The due day. For information."),
    Field("last_period", 18, "Kỳ gần nhất đã có số liệu. Chỉ để xem.", "The latest period posted. For information."),
    Field("last_value", 16, "Giá trị của kỳ đó. Chỉ để xem.", "Its value. For information.", number=True),
)  # fmt: skip


class TemplateViewSet(ApiViewSet):
    parameters = {"retrieve": frozenset({"plan", "department"})}
    write_scope = None
    serializer_class = FigureSerializer

    def known_parameters(self) -> frozenset[str]:
        return self.parameters["retrieve"]

    def get_renderers(self) -> Any:
        # With JSON, so that a client that accepts only JSON gets the file instead of status 406.
        return [XlsxRenderer(), JSONRenderer()]

    @extend_schema(
        parameters=[
            OpenApiParameter("plan", str, required=True, description="Code of the plan."),
            OpenApiParameter(
                "department", str, description="Code of a department. If omitted: the key's own, or else all."
            ),
        ],
        responses={(200, XlsxRenderer.media_type): OpenApiTypes.BINARY},
        summary="A workbook to fill in",
    )
    def retrieve(self, request: Request) -> HttpResponseBase:
        """The figures that a department still has to report for a plan, one per row, ready to be sent to `batch/`."""
        by, code = actor(request), request.query_params.get("plan")
        if code is None:
            raise parameters.refuse("plan", text("The plan is required.", "Hãy nêu kế hoạch."))
        plan = Plan.objects.visible_to(by).by_code(code, "?plan")
        family = _family(request.query_params.get("department"), by)
        rows = owing.owed(plan=plan, family=family, by=by, today=clock.today())
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
        try:
            write_template(file, SHEET, FIELDS, map(row, rows), _lead(plan))
            return file_response(request, file, f"{plan.code}.xlsx", str(XlsxRenderer.media_type))
        except BaseException:
            file.close()
            raise


def _family(code: str | None, by: Actor) -> set[int] | None:
    """Ids of the requested departments; None: all. Raises `NotPermitted` for departments outside the key's own tree."""
    own = None if by.department is None else Department.objects.family(by.department)
    if code is None:
        return own
    asked: set[int] = Department.objects.family(Department.objects.by_code(code, "?department").pk)
    if own is not None and not asked <= own:
        raise NotPermitted(
            "forbidden", text("Another department reports this.", "Do đơn vị khác báo cáo."), pointer="?department"
        )
    return asked


def row(each: Owed) -> dict[str, str]:
    last = each.last
    return {
        "indicator": each.indicator.code,
        "area": each.area.code,
        "period": str(each.period),
        "indicator_name": each.indicator.name,
        "unit": each.indicator.unit,
        "due": each.due.isoformat(),
        "last_period": str(last.period) if last else "",
        "last_value": format(last.amount, "f") if last else "",
    }


def _lead(plan: Plan) -> list[str]:
    return [
        f"{plan.name} ({plan.code})",
        "Điền các ô màu vàng ở trang figures rồi gửi lại tệp này. "
        "Dòng không có giá trị và không có lý do sẽ được bỏ qua.",
        "Fill in the yellow cells of the sheet figures and send this file back. "
        "Rows without value and reason are skipped.",
        "Có thể thêm dòng bên dưới. Không đổi tên cột, không xóa trang about.",
        "Rows may be added below. Keep the names of the columns and the sheet about.",
    ]
