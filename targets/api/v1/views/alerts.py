"""Alert rules, alerts, and responses to alerts."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import models
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.json_types import FieldValues
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.serializers import (
    CodeReferenceField,
    StrictBooleanField,
    StrictChoiceField,
    StrictCodeField,
    StrictDateField,
    StrictDateTimeField,
    StrictDecimalField,
    StrictIntegerField,
    StrictListField,
    StrictSerializer,
    StrictTextField,
)
from kpitracker.lib.rest.viewsets import EditableViewSet, ListViewSet
from targets.api.v1 import filters
from targets.api.v1.schemas import representation
from targets.api.v1.tag_rules import ALERT_LIST, ALERT_RULES
from targets.api.v1.views import rule_trials
from targets.domain.audience import Audience
from targets.domain.choices import Status
from targets.domain.rules import RuleKind, RuleSeverity
from targets.models import Alert, AlertRule
from targets.models.rule import default_audience
from targets.payloads.alerts import (
    AlertDetailPayload,
    AlertPayload,
    AlertSilencePayload,
    RuleTrialResultPayload,
)
from targets.services.alerting import rules, trials, user_responses


class AlertAcknowledgementSerializer(StrictSerializer):
    note = StrictTextField(help_text="The cause, and what is being done.")
    promised_day = StrictDateField(
        required=False,
        allow_null=True,
        help_text="No reminders until this day has passed. If omitted: no more reminders.",
    )


class AlertResolutionSerializer(StrictSerializer):
    reason = StrictTextField()


class AlertSilencingSerializer(StrictSerializer):
    until = StrictDateTimeField()
    reason = StrictTextField()


class AlertRuleSerializer(StrictSerializer):
    """When an alert is opened and who is notified. Days are working days; null or empty in the scope means all."""

    code = StrictCodeField()
    name = StrictTextField(max_length=200, one_line=True)
    name_en = StrictTextField(max_length=200, one_line=True, allow_blank=True, default="")
    kind = StrictChoiceField(RuleKind, default=RuleKind.STATUS_IS.value)
    statuses = StrictListField(
        child=StrictChoiceField(Status), default=list, help_text="For `status_is`: at_risk, off_track, missed."
    )
    amount = StrictDecimalField(default=None, allow_null=True, help_text="For `variance_beyond` and `revised_beyond`.")
    in_percent = StrictBooleanField(default=False)
    offset_days = StrictIntegerField(
        default=0, max_value=366, help_text="Working days: for `overdue` after the due day, for `due_soon` before it."
    )
    plan = CodeReferenceField(default=None, allow_null=True)
    section = StrictTextField(max_length=100, one_line=True, allow_blank=True, default="")
    department = CodeReferenceField(default=None, allow_null=True, help_text="Including all departments below it.")
    indicator = CodeReferenceField(default=None, allow_null=True)
    area = CodeReferenceField(default=None, allow_null=True)
    severity = StrictChoiceField(RuleSeverity, default="", help_text="Empty: follows from the status.")
    for_hours = StrictIntegerField(default=0, max_value=8784)
    for_figures = StrictIntegerField(default=0, max_value=366)
    keep_firing_hours = StrictIntegerField(default=0, max_value=8784)
    remind_days = StrictIntegerField(
        default=0,
        max_value=366,
        help_text="Until the first reminder; further ones follow after twice, then four times.",
    )
    escalate_days = StrictIntegerField(default=0, max_value=366)
    max_escalations = StrictIntegerField(default=1, max_value=5, help_text="The highest number of escalations.")
    audience = StrictListField(
        child=StrictChoiceField(Audience),
        default=default_audience,
        max_length=4,
        help_text="Who is notified, in addition to contacts that receive every alert.",
    )
    active = StrictBooleanField(default=True)


class AlertRuleViewSet(EditableViewSet):
    queryset = AlertRule.objects.select_related("plan", "department", "indicator", "area")
    tag_rules = ALERT_RULES
    serializer_class = AlertRuleSerializer
    exports = {"list": Export(AlertRuleSerializer, "alert-rules")}
    write_scope = Scope.ADMIN
    ordering, ordering_columns = "code", {"code": "code", "name": "name"}

    @extend_schema(request=rule_trials.RuleTrialSerializer, responses={200: RuleTrialResultPayload})
    @action(detail=True, methods=["post"], url_path="trial", serializer_class=rule_trials.RuleTrialSerializer)
    def try_rule(self, request: Request, code: str) -> Response:
        """Try a rule: the messages that it would have sent about a plan, active or not, if no one had responded.

        Nothing is stored and nothing is sent.
        """
        options, by = self.validated_body(), get_actor(request)
        rule = self.get_object()
        trial = trials.try_rule(rule=rule, by=by, today=clock.today(), **options)
        return Response(rule_trials.trial_result(code, options["plan"], trial))

    def create_row(self, data: FieldValues) -> models.Model:
        return rules.create_rule(by=get_actor(self.request), **data)

    def update_row(self, row: AlertRule, data: FieldValues) -> models.Model:
        return rules.change_rule(rule=row, by=get_actor(self.request), **data)

    def delete_row(self, row: AlertRule) -> None:
        rules.delete_rule(rule=row, by=get_actor(self.request))


@extend_schema_view(list=extend_schema(responses=list[AlertPayload]))
class AlertViewSet(ListViewSet):
    queryset = Alert.objects.select_related(
        "rule", "target__plan__department", "target__indicator", "target__department"
    )
    filterset_class = filters.AlertFilters
    tag_rules = ALERT_LIST
    exports = {"list": Export(AlertPayload, "alerts")}
    write_scope = Scope.ALERTS_WRITE
    ordering, ordering_columns = "-opened_at", {"opened_at": "pk"}
    lookup_value_regex = "[0-9a-f-]{36}"

    def rows(self, page: Sequence[Alert]) -> Sequence[Mapping[str, object]]:
        return [representation.alert_row(alert) for alert in page]

    @extend_schema(responses=AlertDetailPayload)
    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Read an alert, and who was notified, when, by which channel."""
        return Response(representation.alert_detail(self._get_alert(), get_actor(request)))

    @extend_schema(request=AlertAcknowledgementSerializer, responses={200: AlertDetailPayload})
    @action(detail=True, methods=["post"], serializer_class=AlertAcknowledgementSerializer)
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Acknowledge an alert: explain the cause and the action. No reminders and no escalation until the promised day has passed."""
        return self._detail_response(
            user_responses.acknowledge_alert(alert=self._get_alert(), **self._response_arguments())
        )

    @extend_schema(request=AlertResolutionSerializer, responses={200: AlertDetailPayload})
    @action(detail=True, methods=["post"], serializer_class=AlertResolutionSerializer)
    def resolve(self, request: Request, pk: str) -> Response:
        """Resolve an alert by hand. Its recipients are notified."""
        return self._detail_response(
            user_responses.resolve_alert(alert=self._get_alert(), **self._response_arguments())
        )

    @extend_schema(request=AlertSilencingSerializer, responses={201: AlertSilencePayload})
    @action(detail=True, methods=["post"], serializer_class=AlertSilencingSerializer)
    def silence(self, request: Request, pk: str) -> Response:
        """Silence the reminders of this rule about this target until a given time. The closing message is sent."""
        alert = self._get_alert()
        return Response(
            representation.alert_silence_row(
                user_responses.silence_alert(alert=alert, **self._response_arguments()), alert
            ),
            status=201,
        )

    def _response_arguments(self) -> FieldValues:
        return {"by": get_actor(self.request), "now": clock.now(), **self.validated_body()}

    def _detail_response(self, alert: Alert) -> Response:
        return Response(representation.alert_detail(alert, get_actor(self.request)))

    def _get_alert(self) -> Alert:
        try:
            alert: Alert = self.get_queryset().get(pk=self.kwargs["pk"])
        except (Alert.DoesNotExist, ValidationError) as error:
            raise NotFound() from error
        return alert
