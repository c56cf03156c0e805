"""Alert rules, alerts, and responses to alerts."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1.fields import LinkField, MomentField
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, actor
from kpitracker.lib.errors import Missing
from kpitracker.lib.exports import Export
from kpitracker.lib.serializers import (
    ChoiceField,
    CodeField,
    DayField,
    FlagField,
    ListField,
    NumberField,
    StrictSerializer,
    TextField,
    WholeNumberField,
)
from kpitracker.lib.views import EditableViewSet, ListMixin
from targets.api.v1 import answers, filters, representation, trials
from targets.domain.audience import Audience
from targets.domain.rules import RuleKind, RuleSeverity
from targets.domain.vocabulary import Status
from targets.models import Alert, AlertRule
from targets.models.rule import usual_audience
from targets.services import answering, rules, trying


class AcknowledgementSerializer(StrictSerializer):
    explanation = TextField(help_text="The cause, and what is being done.")
    promised = DayField(
        required=False,
        allow_null=True,
        help_text="No reminders until this day has passed. If omitted: no more reminders.",
    )


class ResolutionSerializer(StrictSerializer):
    reason = TextField()


class SilencingSerializer(StrictSerializer):
    until = MomentField()
    reason = TextField()


class RuleSerializer(StrictSerializer):
    """When an alert is opened and who is notified. Days are working days; null or empty in the scope means all."""

    code = CodeField()
    name = TextField(max_length=200, one_line=True)
    name_en = TextField(max_length=200, one_line=True, allow_blank=True, default="")
    kind = ChoiceField(RuleKind, default=RuleKind.STATUS_IS.value)
    statuses = ListField(
        child=ChoiceField(Status), default=list, help_text="For `status_is`: at_risk, off_track, missed."
    )
    amount = NumberField(default=None, allow_null=True, help_text="For `variance_beyond` and `revised_beyond`.")
    in_percent = FlagField(default=False)
    days = WholeNumberField(
        default=0, max_value=366, help_text="Working days: for `overdue` after the due day, for `due_soon` before it."
    )
    plan = LinkField(default=None, allow_null=True)
    section = TextField(max_length=100, one_line=True, allow_blank=True, default="")
    department = LinkField(default=None, allow_null=True, help_text="Including all departments below it.")
    indicator = LinkField(default=None, allow_null=True)
    area = LinkField(default=None, allow_null=True)
    severity = ChoiceField(RuleSeverity, default="", help_text="Empty: follows from the status.")
    hold_hours = WholeNumberField(default=0, max_value=8784)
    hold_figures = WholeNumberField(default=0, max_value=366)
    clear_hours = WholeNumberField(default=0, max_value=8784)
    remind_days = WholeNumberField(default=0, max_value=366)
    escalate_days = WholeNumberField(default=0, max_value=366)
    levels = WholeNumberField(default=1, max_value=5, help_text="The greatest number of escalations.")
    audience = ListField(
        child=ChoiceField(Audience),
        default=usual_audience,
        max_length=4,
        help_text="Who is notified, in addition to contacts that receive every alert.",
    )
    active = FlagField(default=True)


class RuleViewSet(EditableViewSet):
    queryset = AlertRule.objects.select_related("plan", "department", "indicator", "area")
    serializer_class = RuleSerializer
    exports = {"list": Export(RuleSerializer, "alert-rules")}
    write_scope = Scope.ADMIN
    ordering, ordering_fields = "code", {"code": "code", "name": "name"}

    @extend_schema(request=trials.TrialSerializer, responses={200: trials.TriedSerializer})
    @action(detail=True, methods=["post"], url_path="try", serializer_class=trials.TrialSerializer)
    def try_rule(self, request: Request, code: str) -> Response:
        """The messages that the rule would have sent about a plan, active or not, if no one had responded.

        Nothing is stored and nothing is sent.
        """
        asked, by = self.body(), actor(request)
        rule = self.get_row(self.get_queryset())
        found = trying.try_rule(rule=rule, by=by, today=clock.today(), **asked)
        return Response(trials.tried(code, asked["plan"], found))

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        return rules.create(by=actor(self.request), **data)

    def perform_update(self, row: Any, data: dict[str, Any]) -> models.Model:
        return rules.change(rule=row, by=actor(self.request), **data)

    def perform_destroy(self, row: Any) -> None:
        rules.delete(rule=row, by=actor(self.request))


class AlertViewSet(ListMixin):
    queryset = Alert.objects.select_related(
        "rule", "target__plan", "target__indicator__department", "target__department"
    )
    serializer_class = answers.AlertSerializer
    filterset_class = filters.AlertFilters
    exports = {"list": Export(answers.AlertSerializer, "alerts")}
    write_scope = Scope.ALERTS_WRITE
    ordering, ordering_fields = "-opened_at", {"opened_at": "pk"}
    lookup_value_regex = "[0-9a-f-]{36}"

    def rows(self, page: Any) -> Any:
        return [representation.alert_row(alert) for alert in page]

    @extend_schema(responses=answers.AlertDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The alert, and who was notified, when, by which channel."""
        return Response(representation.alert_detail(self._alert(), actor(request)))

    @extend_schema(request=AcknowledgementSerializer, responses={200: answers.AlertDetailSerializer})
    @action(detail=True, methods=["post"], serializer_class=AcknowledgementSerializer)
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Explain the cause and the action. No reminders and no escalation until the promised day has passed."""
        return self._answered(answering.acknowledge(alert=self._alert(), **self._said()))

    @extend_schema(request=ResolutionSerializer, responses={200: answers.AlertDetailSerializer})
    @action(detail=True, methods=["post"], serializer_class=ResolutionSerializer)
    def resolve(self, request: Request, pk: str) -> Response:
        """Close the alert by hand. Its recipients are notified."""
        return self._answered(answering.resolve(alert=self._alert(), **self._said()))

    @extend_schema(request=SilencingSerializer, responses={201: answers.SilenceSerializer})
    @action(detail=True, methods=["post"], serializer_class=SilencingSerializer)
    def silence(self, request: Request, pk: str) -> Response:
        """No reminders of this rule about this target until a given time. The closing message is sent."""
        alert = self._alert()
        return Response(representation.silence_row(answering.silence(alert=alert, **self._said()), alert), status=201)

    def _said(self) -> dict[str, Any]:
        return {"by": actor(self.request), "now": clock.now(), **self.body()}

    def _answered(self, alert: Alert) -> Response:
        return Response(representation.alert_detail(alert, actor(self.request)))

    def _alert(self) -> Alert:
        try:
            found: Alert = self.get_queryset().get(pk=self.kwargs["pk"])
        except (Alert.DoesNotExist, ValidationError) as error:
            raise Missing() from error
        return found
