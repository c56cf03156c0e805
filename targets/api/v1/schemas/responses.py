"""Response bodies: assessments, scorecards, status changes, alerts. They document what `representation` builds."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kpitracker.lib.rest.serializers import StrictDecimalField, StrictSerializer
from targets.api.v1.schemas.explanations import ExplanationSerializer
from targets.api.v1.schemas.requests import MilestoneSerializer, PlanSerializer, TargetVersionSerializer
from targets.domain.alerting import NotificationReason
from targets.domain.choices import Profile, Status


class EdgesSerializer(StrictSerializer):
    lower = StrictDecimalField(read_only=True, allow_null=True)
    upper = StrictDecimalField(read_only=True, allow_null=True)


class ExpectedBandSerializer(EdgesSerializer):
    profile = serializers.ChoiceField(choices=[p.value for p in Profile], read_only=True)
    fallback = serializers.BooleanField(read_only=True)
    interpolated = serializers.BooleanField(read_only=True)


class ProjectionSerializer(StrictSerializer):
    value = StrictDecimalField(read_only=True, allow_null=True)
    low = StrictDecimalField(read_only=True, allow_null=True)
    high = StrictDecimalField(read_only=True, allow_null=True)


class RequiredPaceSerializer(EdgesSerializer):
    per = serializers.CharField(read_only=True, allow_null=True)
    best_ever = StrictDecimalField(read_only=True, allow_null=True)
    out_of_reach = serializers.BooleanField(read_only=True, allow_null=True)


class FreshnessSerializer(StrictSerializer):
    covered_through = serializers.DateField(read_only=True, allow_null=True)
    expected_through = serializers.DateField(read_only=True, allow_null=True)
    overdue = serializers.BooleanField(read_only=True)
    next_due = serializers.DateField(read_only=True, allow_null=True)


class MilestoneStatusSerializer(MilestoneSerializer):
    reached = serializers.BooleanField(read_only=True, allow_null=True)


class AssessmentSerializer(StrictSerializer):
    """Numbers are in the unit of the indicator."""

    target = serializers.CharField(read_only=True)
    as_of = serializers.DateField(read_only=True)
    version = serializers.IntegerField(read_only=True)
    status = serializers.ChoiceField(choices=[s.value for s in Status], read_only=True)
    label = serializers.CharField(read_only=True, help_text="The status in the language of Accept-Language.")
    provisional = serializers.BooleanField(read_only=True)
    actual = StrictDecimalField(read_only=True, allow_null=True)
    covered_through = serializers.DateField(read_only=True, allow_null=True)
    partial = serializers.BooleanField(read_only=True)
    gaps = serializers.ListField(child=serializers.CharField(), read_only=True)
    expected = ExpectedBandSerializer(read_only=True)
    variance = StrictDecimalField(read_only=True, allow_null=True)
    variance_percent = StrictDecimalField(read_only=True, allow_null=True)
    shortfall = StrictDecimalField(read_only=True, allow_null=True)
    position = StrictDecimalField(read_only=True, allow_null=True)
    unit = serializers.CharField(read_only=True)
    variance_unit = serializers.CharField(read_only=True)
    projection = ProjectionSerializer(read_only=True)
    required = RequiredPaceSerializer(read_only=True)
    freshness = FreshnessSerializer(read_only=True)
    tolerance = StrictDecimalField(read_only=True, allow_null=True)
    milestones = MilestoneStatusSerializer(many=True, read_only=True)
    rule = serializers.CharField(read_only=True)
    qualitative = serializers.BooleanField(read_only=True)


class TargetStatusDetailSerializer(AssessmentSerializer):
    explanation = ExplanationSerializer(read_only=True)


class TargetStatusSerializer(AssessmentSerializer):
    """An assessment in a flat list."""

    plan = serializers.CharField(read_only=True)
    indicator = serializers.CharField(read_only=True)
    indicator_name = serializers.CharField(read_only=True)
    indicator_name_en = serializers.CharField(read_only=True)
    area = serializers.CharField(read_only=True)
    department = serializers.CharField(read_only=True, allow_null=True)
    section = serializers.CharField(read_only=True)
    period = serializers.CharField(read_only=True)
    since = serializers.DateField(read_only=True, allow_null=True)
    changed_at = serializers.DateTimeField(read_only=True, allow_null=True)
    change = serializers.CharField(read_only=True, allow_null=True)


@extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
class StatusCountsField(serializers.DictField):
    """Numbers of targets by status."""


class TotalsSerializer(StrictSerializer):
    targets = serializers.IntegerField(read_only=True)
    counts = StatusCountsField(read_only=True)
    stale = serializers.IntegerField(read_only=True)
    actions_open = serializers.IntegerField(read_only=True)
    actions_overdue = serializers.IntegerField(read_only=True)
    score = serializers.CharField(read_only=True, allow_null=True)
    coverage = serializers.CharField(read_only=True, allow_null=True)


class DepartmentTotalsSerializer(TotalsSerializer):
    department = serializers.CharField(read_only=True, allow_null=True)
    cooperating = TotalsSerializer(read_only=True)
    including_subdepartments = TotalsSerializer(
        read_only=True, help_text="Targets of the department and of all below it."
    )


class SectionTotalsSerializer(TotalsSerializer):
    section = serializers.CharField(read_only=True)


class AssessmentSummarySerializer(StrictSerializer):
    version = serializers.IntegerField(read_only=True)
    status = serializers.CharField(read_only=True)
    actual = StrictDecimalField(read_only=True, allow_null=True)
    variance = StrictDecimalField(read_only=True, allow_null=True)


class AssessmentDifferenceSerializer(StrictSerializer):
    """A target whose assessment differs. Null: the target was not announced."""

    target = serializers.CharField(read_only=True)
    before = AssessmentSummarySerializer(read_only=True, allow_null=True)
    after = AssessmentSummarySerializer(read_only=True, allow_null=True)


class AmendmentResultSerializer(TargetVersionSerializer):
    """A new version, and how it changed the assessments of today."""

    changed = AssessmentDifferenceSerializer(many=True, read_only=True)


class ScorecardSerializer(StrictSerializer):
    plan = PlanSerializer(read_only=True)
    as_of = serializers.DateField(read_only=True)
    totals = TotalsSerializer(read_only=True)
    by_department = DepartmentTotalsSerializer(many=True, read_only=True)
    by_section = SectionTotalsSerializer(many=True, read_only=True)
    targets = TargetStatusSerializer(many=True, read_only=True)
    changed_since = serializers.DateField(read_only=True, required=False)
    changes = AssessmentDifferenceSerializer(many=True, read_only=True, required=False)


class ClosingSerializer(StrictSerializer):
    """A frozen scorecard. `whole` is false where targets are left out and not counted: the caller may not see them."""

    plan = serializers.CharField(read_only=True)
    number = serializers.IntegerField(read_only=True)
    as_of = serializers.DateField(read_only=True)
    recorded_by = serializers.DateTimeField(read_only=True)
    reason = serializers.CharField(read_only=True)
    closed_by = serializers.CharField(read_only=True)
    sha256 = serializers.CharField(read_only=True)
    whole = serializers.BooleanField(read_only=True)


class ClosingDetailSerializer(ClosingSerializer):
    content = serializers.CharField(read_only=True, help_text="JSON, as it was stored.")


class LaterRevisionSerializer(StrictSerializer):
    id = serializers.CharField(read_only=True)
    indicator = serializers.CharField(read_only=True)
    area = serializers.CharField(read_only=True)
    period = serializers.CharField(read_only=True)
    revision = serializers.IntegerField(read_only=True)
    value = StrictDecimalField(read_only=True, allow_null=True)
    stage = serializers.CharField(read_only=True)
    published = serializers.CharField(read_only=True)
    recorded_at = serializers.DateTimeField(read_only=True)
    department = serializers.CharField(read_only=True, allow_null=True)
    current = serializers.BooleanField(read_only=True)


class LaterAmendmentSerializer(StrictSerializer):
    target = serializers.CharField(read_only=True)
    version = serializers.IntegerField(read_only=True)
    announced = serializers.DateField(read_only=True)
    act = serializers.CharField(read_only=True)
    reason = serializers.CharField(read_only=True)
    recorded_at = serializers.DateTimeField(read_only=True)


class ClosingComparisonSerializer(StrictSerializer):
    plan = serializers.CharField(read_only=True)
    number = serializers.IntegerField(read_only=True)
    as_of = serializers.DateField(read_only=True)
    before = TotalsSerializer(read_only=True)
    after = TotalsSerializer(read_only=True)
    targets = AssessmentDifferenceSerializer(many=True, read_only=True)
    figures = LaterRevisionSerializer(many=True, read_only=True)
    amendments = LaterAmendmentSerializer(many=True, read_only=True)


class TargetWhatIfSerializer(StrictSerializer):
    before = TargetStatusDetailSerializer(read_only=True)
    after = TargetStatusDetailSerializer(read_only=True)


class PlanWhatIfSerializer(StrictSerializer):
    plan = serializers.CharField(read_only=True)
    as_of = serializers.DateField(read_only=True)
    before = TotalsSerializer(read_only=True, help_text="The present totals.")
    totals = TotalsSerializer(read_only=True)
    by_department = DepartmentTotalsSerializer(many=True, read_only=True)
    by_section = SectionTotalsSerializer(many=True, read_only=True)
    changes = AssessmentDifferenceSerializer(many=True, read_only=True)
    targets = TargetStatusSerializer(many=True, read_only=True)


class StatusChangeSerializer(StrictSerializer):
    target = serializers.CharField(read_only=True)
    # `from` is a keyword of Python, so it cannot be an attribute.
    locals()["from"] = serializers.CharField(read_only=True, allow_null=True)
    to = serializers.CharField(read_only=True)
    day = serializers.DateField(read_only=True)
    recorded_at = serializers.DateTimeField(read_only=True)
    version = serializers.IntegerField(read_only=True)


class AlertSerializer(StrictSerializer):
    id = serializers.CharField(read_only=True)
    rule = serializers.CharField(read_only=True)
    severity = serializers.CharField(read_only=True)
    target = serializers.CharField(read_only=True)
    state = serializers.CharField(read_only=True)
    status = serializers.CharField(read_only=True)
    opened_at = serializers.DateTimeField(read_only=True)
    resolved_at = serializers.DateTimeField(read_only=True, allow_null=True)
    message = serializers.CharField(read_only=True)
    last_notified_on = serializers.DateField(read_only=True, allow_null=True, help_text="The day of the last message.")
    escalation_level = serializers.IntegerField(read_only=True, help_text="How many levels up it was escalated.")
    inhibited_by = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="The alert that mutes this one: the department has posted none of its due figures.",
    )
    next_check_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When it is reminded of, escalated or closed if nothing is posted."
    )
    acknowledged_at = serializers.DateTimeField(read_only=True, allow_null=True)
    acknowledged_by = serializers.CharField(read_only=True)
    explanation = serializers.CharField(read_only=True)
    promised_day = serializers.DateField(read_only=True, allow_null=True)
    resolved_by = serializers.CharField(read_only=True)
    resolution_reason = serializers.CharField(read_only=True)


class AlertNotificationSerializer(StrictSerializer):
    """A message about an alert."""

    event = serializers.CharField(read_only=True)
    channel = serializers.CharField(read_only=True)
    recipient = serializers.CharField(read_only=True)
    state = serializers.CharField(read_only=True)
    attempts = serializers.IntegerField(read_only=True)
    due_at = serializers.DateTimeField(read_only=True)
    sent_at = serializers.DateTimeField(read_only=True, allow_null=True)


class AlertDetailSerializer(AlertSerializer):
    next = serializers.ChoiceField(
        choices=[reason.value for reason in NotificationReason],
        read_only=True,
        help_text="What happens at `next_check_at` if nothing is posted and no one responds.",
    )
    has_no_open_action = serializers.BooleanField(
        read_only=True, help_text="Whether it is acknowledged although the target has no open action."
    )
    notifications = AlertNotificationSerializer(many=True, read_only=True, help_text="Who was notified, when, by which channel.")


class AlertSilenceSerializer(StrictSerializer):
    id = serializers.CharField(read_only=True)
    alert = serializers.CharField(read_only=True)
    starts_at = serializers.DateTimeField(read_only=True)
    ends_at = serializers.DateTimeField(read_only=True)
    author = serializers.CharField(read_only=True)
    reason = serializers.CharField(read_only=True)


class DueFigureSerializer(StrictSerializer):
    """A figure that a department still owes."""

    department = serializers.CharField(read_only=True)
    indicator = serializers.CharField(read_only=True)
    indicator_name = serializers.CharField(read_only=True)
    area = serializers.CharField(read_only=True)
    period = serializers.CharField(read_only=True)
    due = serializers.DateField(read_only=True)
    overdue = serializers.BooleanField(read_only=True)
    days_late = serializers.IntegerField(read_only=True)


class MonthlyCompletenessSerializer(StrictSerializer):
    """How many of the figures due in a month a department reported."""

    department = serializers.CharField(read_only=True)
    month = serializers.CharField(read_only=True, help_text="The month of the due days, YYYY-MM.")
    due = serializers.IntegerField(read_only=True)
    reported = serializers.IntegerField(read_only=True)
    on_time = serializers.IntegerField(read_only=True)
    late = serializers.IntegerField(read_only=True)
    missing = serializers.IntegerField(read_only=True)
    completeness = serializers.CharField(read_only=True, help_text="Percentage of due figures that were reported.")
    timeliness = serializers.CharField(
        read_only=True, help_text="Percentage of due figures that were reported in time."
    )
