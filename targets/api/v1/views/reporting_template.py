"""A workbook for a department, with the figures that it still has to report for a plan."""

import tempfile
from datetime import date
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

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
from targets.models import Plan
from targets.services.reports.reporting import ReportingQuery
from targets.services.reports.reporting_template import write_reporting_template


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
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
        try:
            write_reporting_template(file, query, f"{plan} ({plan.code})")
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
