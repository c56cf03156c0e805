"""Response bodies of explanations. They document what `targets.services.evaluation.explanations` builds."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from indicators.api.v1.serializers import SumCompletenessSerializer
from kpitracker.lib.rest.serializers import StrictDecimalField, StrictSerializer
from targets.api.v1.schemas.requests import MilestoneSerializer


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"})
class ComputedNumberField(serializers.CharField):
    """A plain decimal with all its places; rounded to 12 where it has no end."""


class PostedFigureSerializer(StrictSerializer):
    id = serializers.CharField(read_only=True)
    indicator = serializers.CharField(read_only=True)
    revision = serializers.IntegerField(read_only=True)
    period = serializers.CharField(read_only=True)
    value = StrictDecimalField(read_only=True, allow_null=True)
    qualifier = serializers.CharField(read_only=True)
    stage = serializers.CharField(read_only=True)
    published = serializers.CharField(read_only=True)
    recorded_on = serializers.DateField(read_only=True, allow_null=True)
    recorded_late = serializers.BooleanField(read_only=True)
    source = serializers.CharField(read_only=True)
    note = serializers.CharField(read_only=True)


class ExplanationPartSerializer(PostedFigureSerializer):
    area = serializers.CharField(read_only=True)


class ExplanationFigureSerializer(PostedFigureSerializer):
    """`parts`: the posted figures that a sum over areas is made of."""

    parts = ExplanationPartSerializer(many=True, read_only=True, required=False)


class ExplanationCompletenessSerializer(SumCompletenessSerializer):
    """The completeness of a sum over areas that ends inside the period."""

    indicator = serializers.CharField(read_only=True)
    period = serializers.CharField(read_only=True)


class ExplanationVersionSerializer(StrictSerializer):
    number = serializers.IntegerField(read_only=True)
    state = serializers.CharField(read_only=True)
    announced = serializers.DateField(read_only=True)
    act = serializers.CharField(read_only=True)
    reason = serializers.CharField(read_only=True)
    source = serializers.CharField(read_only=True)


class ExplanationTermsSerializer(StrictSerializer):
    """The terms of the assessed version as they were given. Null: not given."""

    lower = StrictDecimalField(read_only=True, allow_null=True)
    upper = StrictDecimalField(read_only=True, allow_null=True)
    period = serializers.CharField(read_only=True)
    goal = serializers.CharField(read_only=True, allow_null=True)
    lower_open = serializers.BooleanField(read_only=True)
    upper_open = serializers.BooleanField(read_only=True)
    profile = serializers.CharField(read_only=True, allow_null=True)
    milestones = MilestoneSerializer(many=True, read_only=True)
    baseline = StrictDecimalField(read_only=True, allow_null=True)
    baseline_date = serializers.DateField(read_only=True, allow_null=True)
    tolerance = StrictDecimalField(read_only=True, allow_null=True)
    tolerance_percent = StrictDecimalField(read_only=True, allow_null=True)
    result_due = serializers.DateField(read_only=True, allow_null=True)
    qualitative = serializers.BooleanField(read_only=True)


class ExplanationIndicatorSerializer(StrictSerializer):
    code = serializers.CharField(read_only=True)
    kind = serializers.CharField(read_only=True)
    frequency = serializers.CharField(read_only=True)
    accumulation = serializers.CharField(read_only=True, allow_null=True)
    formula = serializers.CharField(read_only=True)
    decimals = serializers.IntegerField(read_only=True)
    due_days = serializers.IntegerField(read_only=True)
    due_unit = serializers.CharField(read_only=True)


class ExplanationProfileSerializer(StrictSerializer):
    declared = serializers.CharField(read_only=True)
    used = serializers.CharField(read_only=True)
    fallback = serializers.BooleanField(read_only=True)
    interpolated = serializers.BooleanField(read_only=True)
    baseline_day = serializers.DateField(read_only=True)


class ExplanationInputSerializer(StrictSerializer):
    indicator = serializers.CharField(read_only=True)
    period = serializers.CharField(read_only=True)
    value = ComputedNumberField(read_only=True)


class EquationSerializer(StrictSerializer):
    name = serializers.CharField(read_only=True)
    expression = serializers.CharField(read_only=True, help_text="The arithmetic with its numbers.")
    value = ComputedNumberField(read_only=True)


class ExplanationToleranceSerializer(StrictSerializer):
    """`from` is given (in the unit), percent or default; `of` is expected or distance (from the baseline)."""

    value = ComputedNumberField(read_only=True, allow_null=True)
    locals()["from"] = serializers.CharField(read_only=True)
    percent = StrictDecimalField(read_only=True, allow_null=True)
    of = serializers.CharField(read_only=True, allow_null=True)


class ExplanationSeasonSerializer(StrictSerializer):
    """The value of an earlier year up to the same day, and of that whole year."""

    period = serializers.CharField(read_only=True)
    part = ComputedNumberField(read_only=True)
    whole = ComputedNumberField(read_only=True)
    interpolated = serializers.BooleanField(read_only=True)


class ExplanationPaceSerializer(StrictSerializer):
    periods_left = serializers.IntegerField(read_only=True)
    best_ever = ComputedNumberField(read_only=True, allow_null=True)
    best_ever_period = serializers.CharField(read_only=True, allow_null=True)


class ExplanationMilestoneSerializer(StrictSerializer):
    """The value that was known on the day of the milestone."""

    date = serializers.DateField(read_only=True)
    value = ComputedNumberField(read_only=True, allow_null=True)
    covered_through = serializers.DateField(read_only=True, allow_null=True)


class DueDaySerializer(StrictSerializer):
    period = serializers.CharField(read_only=True)
    due = serializers.DateField(read_only=True)


class ExplanationDueDaysSerializer(StrictSerializer):
    first = DueDaySerializer(read_only=True)
    latest_passed = DueDaySerializer(read_only=True, allow_null=True)
    next = DueDaySerializer(read_only=True, allow_null=True)
    last = DueDaySerializer(read_only=True)
    days_off = serializers.ListField(
        child=serializers.DateField(), read_only=True, required=False, help_text="Only where working days are counted."
    )
    days_worked = serializers.ListField(child=serializers.DateField(), read_only=True, required=False)


class ExplanationJudgementSerializer(StrictSerializer):
    day = serializers.DateField(read_only=True)
    reason = serializers.CharField(read_only=True)
    by = serializers.CharField(read_only=True)


class ExplanationSerializer(StrictSerializer):
    """Everything that is needed to compute the assessment again by hand, without any other request."""

    rule = serializers.CharField(read_only=True)
    sentence = serializers.CharField(read_only=True, help_text="The reason, in the language of Accept-Language.")
    formula = serializers.CharField(read_only=True)
    judgement = ExplanationJudgementSerializer(
        read_only=True, allow_null=True, help_text="Only of a target without a number."
    )
    figures = ExplanationFigureSerializer(many=True, read_only=True, help_text="The figures that the assessment uses.")
    others = ExplanationFigureSerializer(
        many=True,
        read_only=True,
        help_text="Other figures that were read: behind gaps, at milestones, of incomplete years.",
    )
    as_of = serializers.DateField(read_only=True)
    version = ExplanationVersionSerializer(read_only=True)
    about = serializers.BooleanField(
        read_only=True, help_text="Whether `about` is written before the number. It changes no computation."
    )
    terms = ExplanationTermsSerializer(read_only=True)
    indicators = ExplanationIndicatorSerializer(
        many=True, read_only=True, help_text="The indicator of the target, then those that its formula reads."
    )
    span = serializers.CharField(read_only=True, allow_null=True, help_text="The span that the actual covers.")
    profile = ExplanationProfileSerializer(read_only=True)
    inputs = ExplanationInputSerializer(many=True, read_only=True)
    arithmetic = EquationSerializer(many=True, read_only=True)
    tolerance = ExplanationToleranceSerializer(read_only=True, allow_null=True)
    season = ExplanationSeasonSerializer(many=True, read_only=True)
    required = ExplanationPaceSerializer(read_only=True, allow_null=True)
    milestones = ExplanationMilestoneSerializer(many=True, read_only=True)
    due = ExplanationDueDaysSerializer(read_only=True)
    completeness = ExplanationCompletenessSerializer(
        many=True, read_only=True, required=False, help_text="Only where values are summed over areas."
    )
