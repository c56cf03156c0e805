"""A workbook for a department, with the figures that it still has to report for a plan."""

import tempfile
from datetime import date
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from indicators.domain.choices import MissingReason, Qualifier, Stage
from indicators.domain.figures import Figure
from indicators.models import Department
from indicators.rest.departments import DEPARTMENT_NAMES, DEPARTMENT_PARAMETERS, requested_departments
from indicators.rest.serializers import FigureSerializer
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, get_actor
from kpitracker.lib.errors import Forbidden
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest import query_parameters
from kpitracker.lib.rest.exports import XlsxRenderer, file_name, file_response
from kpitracker.lib.rest.renderers import JSONRenderer
from kpitracker.lib.rest.viewsets import ApiViewSet
from kpitracker.lib.spreadsheets.template import TemplateField, write_template
from targets.models import Plan
from targets.services.reports import reporting
from targets.services.reports.reporting import Obligation, ReportingQuery

SHEET = "figures"
_CHOICE_HINT = "Chọn trong danh sách, hoặc để trống"
# A row of the workbook is a missing figure: there is nothing to withdraw.
_REASONS = tuple(reason for reason in MissingReason if reason is not MissingReason.WITHDRAWN)
FIELDS = (
    TemplateField("indicator", 38, "Mã chỉ tiêu. Không sửa.", "Code of the indicator. Leave as it is."),
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
    TemplateField("indicator_name", 36, "Tên chỉ tiêu. Chỉ để xem.", "Its name. For information."),
    TemplateField("unit", 16, "Đơn vị tính. Chỉ để xem.", "Its unit. For information."),
    TemplateField("due", 12, "Hạn báo cáo. Chỉ để xem.", "The due day. For information."),
    TemplateField("last_period", 18, "Kỳ gần nhất đã có số liệu. Chỉ để xem.", "The latest period posted. For information."),
    TemplateField("last_value", 16, "Giá trị của kỳ đó. Chỉ để xem.", "Its value. For information.", is_number=True),
)  # fmt: skip


class BytesRenderer(XlsxRenderer):
    """The workbook as bytes: generated clients know no other binary type."""

    media_type = "application/octet-stream"
    format = "bytes"


class ReportingTemplateViewSet(ApiViewSet):
    query_parameters_by_action = {"retrieve": DEPARTMENT_NAMES | {"plan"}}
    write_scope = None
    serializer_class = FigureSerializer

    def known_parameters(self) -> frozenset[str]:
        return self.query_parameters_by_action["retrieve"]

    def get_renderers(self) -> Any:
        # With JSON, so that a client that accepts only JSON gets the file instead of status 406.
        return [XlsxRenderer(), BytesRenderer(), JSONRenderer()]

    @extend_schema(
        parameters=[
            OpenApiParameter("plan", str, required=True, description="Code of the plan."),
            *DEPARTMENT_PARAMETERS,
        ],
        responses={
            (200, XlsxRenderer.media_type): OpenApiTypes.BINARY,
            (200, BytesRenderer.media_type): OpenApiTypes.BINARY,
        },
        summary="Download a workbook of the figures to report",
    )
    def retrieve(self, request: Request) -> HttpResponseBase:
        """The figures that departments still have to report for a plan, one per row, ready to be sent to `batch/`.

        Without a department: of the department of the key and all below it, or else of all.
        """
        by, code = get_actor(request), request.query_params.get("plan")
        if code is None:
            raise query_parameters.invalid_parameter("plan", text("The plan is required.", "Hãy nêu kế hoạch."))
        plan = Plan.objects.visible_to(by).by_code(code, "?plan")
        today = clock.today()
        query = ReportingQuery(
            by=by,
            as_of=today,
            today=today,
            since=date.min,
            departments=_department_ids(request, by),
            plan=plan.pk,
            include_next=True,
        )
        rows = [template_row(*figure) for figure in reporting.list_figures_to_report(query)]
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
        try:
            write_template(file, SHEET, FIELDS, rows, _instructions(plan))
            renderer = BytesRenderer if isinstance(request.accepted_renderer, BytesRenderer) else XlsxRenderer
            return file_response(request, file, file_name(request, "template", "xlsx"), renderer.media_type)
        except BaseException:
            file.close()
            raise


def _department_ids(request: Request, by: Actor) -> set[int] | None:
    """Ids of the requested departments; if none is named those of the key, or else None: all.

    Raises `Forbidden` for departments outside the key's own tree.
    """
    own_ids = None if by.department is None else Department.objects.subtree_ids(by.department)
    requested_ids = requested_departments(request)
    if requested_ids is None:
        return own_ids
    if own_ids is not None and not requested_ids <= own_ids:
        raise Forbidden(
            "forbidden", text("Another department reports this.", "Do đơn vị khác báo cáo."), pointer="?department"
        )
    return requested_ids


def template_row(obligation: Obligation, last_figure: Figure | None) -> dict[str, str]:
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


def _instructions(plan: Plan) -> list[str]:
    return [
        f"{plan} ({plan.code})",
        "Điền các ô màu vàng ở trang figures rồi gửi lại tệp này. "
        "Dòng không có giá trị và không có lý do sẽ được bỏ qua.",
        "Fill in the yellow cells of the sheet figures and send this file back. "
        "Rows without value and reason are skipped.",
        "Có thể thêm dòng bên dưới. Không đổi tên cột, không xóa trang about.",
        "Rows may be added below. Keep the names of the columns and the sheet about.",
    ]
