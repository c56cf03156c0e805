"""Request bodies: plans, targets, amendments, actions, comments, what-if questions."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from indicators.domain.choices import Qualifier, Stage
from indicators.rest.fields import PeriodField
from kpitracker.lib.rest.serializers import (
    CodeReferenceField,
    NamedResourceSerializer,
    StrictBooleanField,
    StrictChoiceField,
    StrictCodeField,
    StrictDateField,
    StrictDateTimeField,
    StrictDecimalField,
    StrictDictField,
    StrictEmailField,
    StrictListField,
    StrictSerializer,
    StrictTextField,
)
from targets.domain.actions import ActionState
from targets.domain.choices import Goal, Profile, VersionState
from targets.domain.judgements import JUDGEMENT_STATUSES


class IdReferenceField(StrictTextField):
    """A reference to another object by its id."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(max_length=260, one_line=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return str(getattr(value, "identifier", getattr(value, "pk", value)))


class PlanSerializer(NamedResourceSerializer):
    area = CodeReferenceField(default=None, allow_null=True)
    period = PeriodField()
    issuer = StrictTextField(max_length=300, one_line=True, allow_blank=True, default="")
    act = StrictTextField(allow_blank=True, default="")
    source = StrictTextField(allow_blank=True, default="")
    department = CodeReferenceField(default=None, allow_null=True)
    locked_through = StrictDateField(required=False, allow_null=True)
    # Without a default: a PUT that omits it must neither show a plan to everyone nor hide it.
    public = StrictBooleanField(
        required=False,
        help_text="Everyone can read its board without a login (/public/). Only administrators change it.",
    )
    note = StrictTextField(allow_blank=True, default="")


class PlanCopySerializer(StrictSerializer):
    """What differs in the copy. Omitted fields follow from the plan."""

    code = StrictCodeField(required=False, help_text="If omitted: the code of the plan with its years moved on.")
    name = StrictTextField(required=False, max_length=300, one_line=True)
    period = PeriodField(required=False, help_text="If omitted: the next period of the same length.")


class ClosePlanSerializer(StrictSerializer):
    as_of = StrictDateField(default=None, allow_null=True, help_text="If omitted: today.")
    reason = StrictTextField()


class LockExceptionSerializer(StrictSerializer):
    """An exception that allows changes to periods that a plan has closed."""

    id = serializers.CharField(read_only=True)
    indicator = CodeReferenceField(default=None, allow_null=True, help_text="Null: all indicators of the plan.")
    reason = StrictTextField()
    until = StrictDateTimeField()
    created_at = serializers.DateTimeField(read_only=True)
    created_by = serializers.CharField(read_only=True)


class MilestoneSerializer(StrictSerializer):
    date = StrictDateField()
    lower = StrictDecimalField(default=None, allow_null=True)
    upper = StrictDecimalField(default=None, allow_null=True)


class TermsSerializer(StrictSerializer):
    """The terms of a version of a target."""

    lower = StrictDecimalField(default=None, allow_null=True)
    upper = StrictDecimalField(default=None, allow_null=True)
    lower_open = StrictBooleanField(default=False)
    upper_open = StrictBooleanField(default=False)
    baseline = StrictDecimalField(default=None, allow_null=True)
    baseline_date = StrictDateField(default=None, allow_null=True)
    profile = StrictChoiceField(Profile, default=None, allow_null=True)
    milestones = StrictListField(child=MilestoneSerializer(), default=list, allow_null=True, max_length=400)
    tolerance = StrictDecimalField(default=None, allow_null=True, minimum=0)
    tolerance_percent = StrictDecimalField(default=None, allow_null=True, minimum=0)
    act = StrictTextField(allow_blank=True, default="")
    state = StrictChoiceField(VersionState, default=None, allow_null=True)
    source = StrictTextField(allow_blank=True, default="")
    note = StrictTextField(allow_blank=True, default="")


class TargetSerializer(TermsSerializer):
    """A target as it is posted. The terms are those of its first version."""

    plan = CodeReferenceField()
    indicator = CodeReferenceField()
    area = CodeReferenceField(default=None, allow_null=True)
    period = PeriodField(default=None, allow_null=True)
    goal = StrictChoiceField(Goal, default="", allow_null=True)
    weight = StrictDecimalField(default=Decimal(1), minimum=0)
    department = CodeReferenceField(default=None, allow_null=True)
    cooperating = StrictListField(child=CodeReferenceField(), default=list, max_length=100)
    heading = IdReferenceField(
        default=None,
        allow_null=True,
        allow_blank=True,
        help_text="The target of the same plan that this one is a part of.",
    )
    section = StrictTextField(max_length=100, one_line=True, allow_blank=True, default="")
    section_en = StrictTextField(max_length=100, one_line=True, allow_blank=True, default="")
    announced = StrictDateField(default=None, allow_null=True)
    result_due = StrictDateField(default=None, allow_null=True)
    about = StrictBooleanField(default=False)
    qualitative = StrictBooleanField(default=False)


class TargetUpdateSerializer(StrictSerializer):
    """The fields that PATCH changes. The others are amended, or never change."""

    weight = StrictDecimalField(required=False, minimum=0)
    department = CodeReferenceField(required=False)
    cooperating = StrictListField(required=False, child=CodeReferenceField(), max_length=100)
    heading = IdReferenceField(required=False, allow_blank=True, help_text="Empty: no heading.")
    section = StrictTextField(required=False, max_length=100, one_line=True, allow_blank=True)
    section_en = StrictTextField(required=False, max_length=100, one_line=True, allow_blank=True)
    result_due = StrictDateField(required=False)
    about = StrictBooleanField(required=False)
    source = StrictTextField(required=False, allow_blank=True)
    note = StrictTextField(required=False, allow_blank=True)


class JudgementSerializer(StrictSerializer):
    """The judgement of a target without a number."""

    id = serializers.CharField(read_only=True)
    target = serializers.CharField(read_only=True, source="target.identifier")
    status = StrictChoiceField(JUDGEMENT_STATUSES)
    reason = StrictTextField()
    day = StrictDateField(default=None, help_text="The day from which it holds. If omitted: today.")
    recorded_at = serializers.DateTimeField(read_only=True)
    judged_by = serializers.CharField(read_only=True)


class ActionSerializer(StrictSerializer):
    """A corrective action: who must do what by when about a target."""

    text = StrictTextField()
    department = CodeReferenceField(
        required=False, allow_null=True, help_text="If omitted: the department responsible for the target."
    )
    person = StrictTextField(max_length=200, one_line=True, allow_blank=True, default="")
    email = StrictEmailField(
        allow_blank=True, default="", help_text="The address of the person; reminders are sent to it, too."
    )
    due_day = StrictDateField()
    state = StrictChoiceField(ActionState, default=ActionState.OPEN.value)
    closed_day = StrictDateField(
        required=False, allow_null=True, help_text="The day on which it was done or cancelled. If omitted: today."
    )
    outcome = StrictTextField(allow_blank=True, default="")


class TargetActionSerializer(ActionSerializer):
    target = IdReferenceField(help_text="The id of the target; it never changes.")


class CommentSerializer(StrictSerializer):
    """A comment on a target, a figure, an alert or an action: exactly one of them."""

    target = IdReferenceField(required=False, allow_null=True)
    measurement = IdReferenceField(required=False, allow_null=True)
    alert = IdReferenceField(required=False, allow_null=True)
    action = IdReferenceField(required=False, allow_null=True)
    text = StrictTextField()


class AmendmentSerializer(TermsSerializer):
    """A new version. Omitted fields keep their values; null clears a field."""

    null_clears = True
    announced = StrictDateField()
    reason = StrictTextField(allow_blank=True, default="")

    def get_fields(self) -> Any:
        # The defaults are those of a first version. In an amendment an omitted field keeps its value.
        fields = super().get_fields()
        for field in fields.values():
            field.default = serializers.empty
        return fields


class HypotheticalFigureSerializer(StrictSerializer):
    """A hypothetical figure. It replaces the posted figure of the same period."""

    indicator = CodeReferenceField(default=None, allow_null=True, help_text="If omitted: the indicator of the target.")
    area = CodeReferenceField(default=None, allow_null=True)
    period = PeriodField()
    value = StrictDecimalField(default=None, allow_null=True, help_text="Null: as if there were no figure.")
    qualifier = StrictChoiceField(Qualifier, default="")
    stage = StrictChoiceField(Stage, default="")


class HypotheticalTermsSerializer(TermsSerializer):
    """Hypothetical terms. Omitted fields keep their values; null clears a field."""

    null_clears = True

    def get_fields(self) -> Any:
        fields = super().get_fields()
        for name in ("act", "state", "source", "note"):
            del fields[name]
        for field in fields.values():
            field.default = serializers.empty
            field.required = False
        return fields


class TargetScenarioSerializer(StrictSerializer):
    as_of = StrictDateField(default=None, allow_null=True, help_text="May be in the future. If omitted: today.")
    figures = StrictListField(child=HypotheticalFigureSerializer(), default=list, max_length=1000)
    band = HypotheticalTermsSerializer(default=dict)


class PlanScenarioSerializer(StrictSerializer):
    as_of = StrictDateField(default=None, allow_null=True, help_text="May be in the future. If omitted: today.")
    figures = StrictListField(child=HypotheticalFigureSerializer(), default=list, max_length=1000)
    bands = StrictDictField(child=HypotheticalTermsSerializer(), default=dict, help_text="By the id of the target.")
