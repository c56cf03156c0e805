"""Plans and targets."""

from collections.abc import Iterable
from datetime import date
from functools import partial

from django.db import models
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.rest.departments import DEPARTMENT_NAMES, DEPARTMENT_PARAMETERS, requested_departments
from indicators.rest.file_context import FILE_CONTEXT
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound, ProblemItem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.json_types import FieldValues
from kpitracker.lib.rest import etags, query_parameters
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.query_parameters import AS_OF, RECORDED_BY
from targets.api.v1 import filters
from targets.api.v1.schemas import representation, serializers
from targets.api.v1.tag_rules import PLANS, TARGETS
from targets.api.v1.views.closings import PlanClosingActions
from targets.api.v1.views.target_children import TargetChildActions
from targets.models import LockException, Plan, StatusChange, Target, TargetVersion
from targets.payloads.assessments import StatusChangePayload, TargetStatusDetailPayload, TargetStatusPayload
from targets.payloads.scorecards import ClosingPayload, ScorecardPayload
from targets.payloads.targets import (
    ActionDetailPayload,
    AmendmentResultPayload,
    PlanCopyResultPayload,
    TargetDetailPayload,
    TargetVersionPayload,
)
from targets.services.evaluation import evaluate
from targets.services.planning import period_locks, plan_copies, plans, targets
from targets.services.reports import scorecards

VERSION_PARAMETER = OpenApiParameter(
    "version", str, description="A number, or `original`: assess under that version of the target."
)
_TARGETS_EXPORT = Export(
    TargetDetailPayload,
    "targets",
    leading_columns=("plan", "indicator", "area", "period", "goal"),
    context=FILE_CONTEXT,
)
_LIST_PARAMETERS = frozenset({"cursor", "page_size", "ordering"})


class PlanViewSet(PlanClosingActions):
    queryset = Plan.objects.select_related("area", "department")
    tag_rules = PLANS
    serializer_class = serializers.PlanSerializer
    filterset_class = filters.PlanFilters
    exports = {
        "list": Export(serializers.PlanSerializer, "plans"),
        "targets": _TARGETS_EXPORT,
        "exceptions": Export(serializers.LockExceptionSerializer, "exceptions"),
        "closings": Export(ClosingPayload, "closings"),
        "scorecard": Export(
            TargetStatusPayload,
            "scorecard",
            leading_columns=("target", "status", "indicator", "indicator_name", "as_of", "version", "label"),
            context=FILE_CONTEXT,
        ),
    }
    write_scope = Scope.PLANS_WRITE
    ordering, ordering_columns = "code", {"code": "code", "name": "name", "period_end": "period_end"}
    query_parameters_by_action = {
        "scorecard": DEPARTMENT_NAMES | {"as_of", "recorded_by", "section", "changed_since"},
        "closings": _LIST_PARAMETERS,
        "comparison": frozenset({"as_of"}),
        "targets": _LIST_PARAMETERS,
        "exceptions": _LIST_PARAMETERS,
    }
    optional_texts = frozenset({"section"})

    def create_row(self, data: FieldValues) -> models.Model:
        return plans.create_plan(by=get_actor(self.request), **data)

    def update_row(self, row: Plan, data: FieldValues) -> models.Model:
        return plans.update_plan(plan=row, by=get_actor(self.request), **data)

    def delete_row(self, row: Plan) -> None:
        plans.delete_plan(plan=row, by=get_actor(self.request))

    @extend_schema(
        parameters=[
            AS_OF,
            RECORDED_BY,
            *DEPARTMENT_PARAMETERS,
            OpenApiParameter("section", str, description="Only this section."),
            OpenApiParameter(
                "changed_since", date, description="Adds `changes`: each target whose assessment differed on that day."
            ),
        ],
        responses=ScorecardPayload,
    )
    @action(detail=True, pagination_class=None, filterset_class=None)
    def scorecard(self, request: Request, code: str) -> HttpResponseBase:
        """Read the scorecard of a plan: totals, by department, by section, and each target.

        A leadership app needs no other request. With `format=csv` or `format=xlsx`: one row for each target.
        """
        plan = self.get_object()
        as_of = query_parameters.as_of_parameter(request)
        query = scorecards.ScorecardQuery(
            plan=plan,
            as_of=as_of,
            today=clock.today(),
            by=get_actor(request),
            recorded_by=query_parameters.datetime_parameter(request, "recorded_by"),
            departments=requested_departments(request),
            section=request.query_params.get("section"),
        )
        scorecard = scorecards.build_scorecard(
            query, query_parameters.day_parameter(request, "changed_since", latest=as_of)
        )
        rows = [representation.with_label(row) for row in scorecard["targets"]]
        if self.wants_file:
            return self.file_response(rows)
        payload: ScorecardPayload = {**scorecard, "plan": dict(serializers.PlanSerializer(plan).data), "targets": rows}
        return Response(payload)

    @extend_schema(
        methods=["GET"],
        responses=serializers.LockExceptionSerializer(many=True),
        description="List the lock exceptions of a plan: they allow changes of figures in locked periods.",
    )
    @extend_schema(
        methods=["POST"],
        request=serializers.LockExceptionSerializer,
        responses={201: serializers.LockExceptionSerializer},
    )
    @action(
        detail=True,
        methods=["get", "post"],
        filterset_class=None,
        serializer_class=serializers.LockExceptionSerializer,
        ordering="created_at",
        ordering_columns={"created_at": "pk"},
        tie_breaker="pk",
    )
    def exceptions(self, request: Request, code: str) -> HttpResponseBase:
        """Grant a lock exception: it allows changes of figures in locked periods, for a reason and until a time."""
        plan = self.get_object()
        if request.method == "GET":
            granted = LockException.objects.visible_to(get_actor(request)).filter(plan=plan).select_related("indicator")
            return self.list_response(granted, self.rows)
        row = period_locks.grant_exception(plan=plan, by=get_actor(request), now=clock.now(), **self.validated_body())
        return Response(self.get_serializer(row).data, status=201)

    @extend_schema(request=serializers.PlanCopySerializer, responses={201: PlanCopyResultPayload})
    @action(detail=True, methods=["post"], url_path="copy", serializer_class=serializers.PlanCopySerializer)
    def copy_plan(self, request: Request, code: str) -> Response:
        """Copy a plan to the next period, with its targets as drafts. The response says what was left out and why."""
        plan = self.get_object()
        result = plan_copies.copy_plan(plan=plan, by=get_actor(request), now=clock.now(), **self.validated_body())
        payload: PlanCopyResultPayload = {
            "plan": dict(serializers.PlanSerializer(result.plan).data),
            "targets": result.targets,
            "skipped": [
                {"target": skipped.target, "field": skipped.field, "detail": str(skipped.detail)}
                for skipped in result.skipped
            ],
        }
        return Response(payload, status=201, headers={"ETag": etags.etag_for(result.plan)})

    @extend_schema(responses=list[TargetDetailPayload])
    @action(
        detail=True,
        filterset_class=None,
        ordering="id",
        ordering_columns={"id": "identifier"},
        tie_breaker="identifier",
    )
    def targets(self, request: Request, code: str) -> HttpResponseBase:
        """List the targets of a plan."""
        visible = Target.objects.for_list().visible_to(get_actor(request))
        rows = visible.filter(plan=self.get_object())
        return self.list_response(rows, partial(representation.target_rows, by=get_actor(request)))


@extend_schema_view(
    list=extend_schema(responses=list[TargetDetailPayload]),
    retrieve=extend_schema(responses=TargetDetailPayload),
    partial_update=extend_schema(request=serializers.TargetUpdateSerializer, responses=TargetDetailPayload),
)
class TargetViewSet(TargetChildActions):
    """Terms are changed by an amendment, all other fields by PATCH. There is no PUT: it would do both."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    lookup_field = tie_breaker = "identifier"
    serializer_class = serializers.TargetSerializer
    tag_rules = TARGETS
    filterset_class = filters.TargetFilters
    exports = {
        "list": _TARGETS_EXPORT,
        "history": Export(StatusChangePayload, "history"),
        "amendments": Export(TargetVersionPayload, "amendments", leading_columns=("target", "version", "announced")),
        "actions": Export(ActionDetailPayload, "actions", leading_columns=("target", "text")),
        "judgements": Export(serializers.JudgementSerializer, "judgements", leading_columns=("target",)),
    }
    write_scope = Scope.PLANS_WRITE
    ordering, ordering_columns = "id", {"id": "identifier", "period_end": "period_end", "section": "section"}
    query_parameters_by_action = {
        "status": frozenset({"as_of", "recorded_by", "version"}),
        "history": _LIST_PARAMETERS | {"day__gte", "day__lte"},
        "amendments": _LIST_PARAMETERS,
        "judgements": _LIST_PARAMETERS,
        "actions": _LIST_PARAMETERS,
    }

    queryset = Target.objects.for_list()

    def get_row(self, queryset: QuerySet[Target]) -> Target:
        try:
            row: Target = super().get_row(queryset)
        except NotFound as error:
            raise NotFound(
                detail=text(
                    "There is no such target. Its id is <plan>:<indicator>:<area>, "
                    "with :<period> where it differs from the plan's.",
                    "Không có chỉ tiêu này. Mã gồm <kế hoạch>:<chỉ số>:<địa bàn>, thêm :<kỳ> nếu khác kỳ của kế hoạch.",
                )
            ) from error
        return row

    def rows(self, page: Iterable[Target]) -> list[TargetDetailPayload]:
        return representation.target_rows(page, get_actor(self.request))

    def object_response(
        self, row: Target, status: int = 200, warnings: Iterable[ProblemItem] | None = None
    ) -> Response:
        # Load it again: versions and departments may have changed since the row was loaded.
        target = self.get_queryset().get(pk=row.pk)
        (data,) = self.rows([target])
        # Parts of the body change without the row: the version in force, actions, components, the language.
        etag = etags.etag_for(target, etags.content_digest(data))
        if warnings is not None:
            data["warnings"] = representation.warning_rows(warnings)
        return Response(data, status=status, headers={"ETag": etag})

    @extend_schema(responses={201: TargetDetailPayload})
    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        result = targets.create_target(by=get_actor(request), now=clock.now(), **self.validated_body())
        return self.object_response(result.target, 201, result.warnings)

    def update_row(self, row: Target, data: FieldValues) -> models.Model:
        return targets.update_target(target=row, by=get_actor(self.request), now=clock.now(), **data)

    def delete_row(self, row: Target) -> None:
        targets.delete_target(target=row, by=get_actor(self.request), now=clock.now())

    def locked_row(self) -> Target:
        locked = self.get_row(Target.objects.visible_to(get_actor(self.request)).select_for_update(of=("self",)))
        etags.check_if_match(self.request, locked)
        row: Target = self.get_queryset().get(pk=locked.pk)
        return row

    @extend_schema(parameters=[AS_OF, RECORDED_BY, VERSION_PARAMETER], responses=TargetStatusDetailPayload)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def status(self, request: Request, identifier: str) -> Response:
        """Read the status of a target as of a day, with everything that is needed to compute it again by hand."""
        evaluation = evaluate.evaluate_target(
            target=self.get_object(),
            as_of=query_parameters.as_of_parameter(request),
            today=clock.today(),
            version=request.query_params.get("version"),
            recorded_by=query_parameters.datetime_parameter(request, "recorded_by"),
        )
        return Response(representation.status_detail(evaluation))

    @extend_schema(responses=list[StatusChangePayload])
    @action(
        detail=True,
        filterset_class=filters.StatusHistoryFilters,
        ordering="recorded_at",
        ordering_columns={"recorded_at": "uid", "day": "day"},
        tie_breaker="uid",
    )
    def history(self, request: Request, identifier: str) -> HttpResponseBase:
        """List the status changes of a target."""
        target = self.get_object()
        changes = self.filter_queryset(StatusChange.objects.filter(target=target).select_related("target"))
        return self.list_response(changes, lambda page: [representation.status_change_row(change) for change in page])

    @extend_schema(methods=["GET"], responses=list[TargetVersionPayload], description="List all versions of a target.")
    @extend_schema(
        methods=["POST"],
        request=serializers.AmendmentSerializer,
        responses={201: AmendmentResultPayload},
    )
    @action(
        detail=True,
        methods=["get", "post"],
        filterset_class=None,
        serializer_class=serializers.AmendmentSerializer,
        ordering="version",
        ordering_columns={"version": "number"},
        tie_breaker="number",
    )
    def amendments(self, request: Request, identifier: str) -> HttpResponseBase:
        """Amend a target: add a version. Omitted fields keep their values, null clears a field."""
        target = self.get_object()
        if request.method == "GET":
            versions = TargetVersion.objects.filter(target=target)
            return self.list_response(
                versions, lambda page: [representation.version_row(target, version) for version in page]
            )
        result = targets.amend_target(target=target, by=get_actor(request), now=clock.now(), **self.validated_body())
        return Response(
            representation.amendment_result(result), status=201, headers={"ETag": etags.etag_for(result.target)}
        )
