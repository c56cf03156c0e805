"""Request and response bodies: plans, targets, amendments, actions, comments, what-if questions."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from indicators.api.v1.fields import LinkField, MomentField, PeriodField
from indicators.api.v1.serializers import NamedSerializer, WarningSerializer
from indicators.domain.vocabulary import Qualifier, Stage
from kpitracker.lib.serializers import (
    ChoiceField,
    CodeField,
    DayField,
    EmailField,
    FlagField,
    ListField,
    MapField,
    NumberField,
    StrictSerializer,
    TextField,
)
from targets.domain.actions import ActionState
from targets.domain.judgements import VERDICTS
from targets.domain.vocabulary import Goal, Profile, State


class LongLinkField(TextField):
    """A reference to another object by its id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=260, one_line=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return str(getattr(value, "identifier", getattr(value, "pk", value)))


class PlanSerializer(NamedSerializer):
    area = LinkField(default=None, allow_null=True)
    period = PeriodField()
    issuer = TextField(max_length=300, one_line=True, allow_blank=True, default="")
    act = TextField(allow_blank=True, default="")
    source = TextField(allow_blank=True, default="")
    department = LinkField(default=None, allow_null=True)
    locked_through = DayField(required=False, allow_null=True)
    note = TextField(allow_blank=True, default="")


class PlanCopySerializer(StrictSerializer):
    """What differs in the copy. Omitted fields follow from the plan."""

    code = CodeField(required=False, help_text="If omitted: the code of the plan with its years moved on.")
    name = TextField(required=False, max_length=300, one_line=True)
    period = PeriodField(required=False, help_text="If omitted: the next period of the same length.")


class ClosingRequestSerializer(StrictSerializer):
    as_of = DayField(default=None, allow_null=True, help_text="If omitted: today.")
    reason = TextField()


class LeftOutSerializer(StrictSerializer):
    target = serializers.CharField(read_only=True, help_text="Its id in the plan that was copied.")
    field = serializers.CharField(read_only=True, allow_null=True, help_text="Null: the whole target.")
    detail = serializers.CharField(read_only=True)


class PlanCopiedSerializer(StrictSerializer):
    plan = PlanSerializer(read_only=True)
    targets = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Ids of the new targets, all of them drafts."
    )
    left_out = LeftOutSerializer(many=True, read_only=True)


class LockExceptionSerializer(StrictSerializer):
    """An exception that allows changes to periods that a plan has closed."""

    id = serializers.CharField(read_only=True)
    indicator = LinkField(default=None, allow_null=True, help_text="Null: all indicators of the plan.")
    reason = TextField()
    until = MomentField()
    created_at = serializers.DateTimeField(read_only=True)
    created_by = serializers.CharField(read_only=True)


class MilestoneSerializer(StrictSerializer):
    date = DayField()
    lower = NumberField(default=None, allow_null=True)
    upper = NumberField(default=None, allow_null=True)


class TermsSerializer(StrictSerializer):
    """The terms of a version of a target."""

    lower = NumberField(default=None, allow_null=True)
    upper = NumberField(default=None, allow_null=True)
    lower_open = FlagField(default=False)
    upper_open = FlagField(default=False)
    baseline = NumberField(default=None, allow_null=True)
    baseline_date = DayField(default=None, allow_null=True)
    profile = ChoiceField(Profile, default=None, allow_null=True)
    milestones = ListField(child=MilestoneSerializer(), default=list, allow_null=True, max_length=400)
    tolerance = NumberField(default=None, allow_null=True, minimum=0)
    tolerance_percent = NumberField(default=None, allow_null=True, minimum=0)
    act = TextField(allow_blank=True, default="")
    state = ChoiceField(State, default=None, allow_null=True)
    source = TextField(allow_blank=True, default="")
    note = TextField(allow_blank=True, default="")


class TargetSerializer(TermsSerializer):
    """A target as it is posted. The terms are those of its first version."""

    plan = LinkField()
    indicator = LinkField()
    area = LinkField(default=None, allow_null=True)
    period = PeriodField(default=None, allow_null=True)
    goal = ChoiceField(Goal, default="", allow_null=True)
    weight = NumberField(default=Decimal(1), minimum=0)
    department = LinkField(default=None, allow_null=True)
    cooperating = ListField(child=LinkField(), default=list, max_length=100)
    heading = LongLinkField(
        default=None,
        allow_null=True,
        allow_blank=True,
        help_text="The target of the same plan that this one is a part of.",
    )
    section = TextField(max_length=100, one_line=True, allow_blank=True, default="")
    announced = DayField(default=None, allow_null=True)
    result_due = DayField(default=None, allow_null=True)
    about = FlagField(default=False)
    qualitative = FlagField(default=False)


class TargetChangeSerializer(StrictSerializer):
    """The fields that PATCH changes. The others are amended, or never change."""

    weight = NumberField(required=False, minimum=0)
    department = LinkField(required=False)
    cooperating = ListField(required=False, child=LinkField(), max_length=100)
    heading = LongLinkField(required=False, allow_blank=True, help_text="Empty: no heading.")
    section = TextField(required=False, max_length=100, one_line=True, allow_blank=True)
    result_due = DayField(required=False)
    about = FlagField(required=False)
    source = TextField(required=False, allow_blank=True)
    note = TextField(required=False, allow_blank=True)


class TargetRowSerializer(TargetSerializer):
    """A target as it is returned. The terms are those of the version in force, or else of the latest version."""

    id = serializers.CharField(read_only=True)
    version = serializers.IntegerField(read_only=True)
    reason = serializers.CharField(read_only=True)
    components = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Ids of the targets that are parts of this one."
    )
    in_words = serializers.CharField(read_only=True, help_text="The terms, in the language of Accept-Language.")
    actions_open = serializers.IntegerField(read_only=True)
    actions_overdue = serializers.IntegerField(read_only=True, help_text="How many of the open ones are overdue.")
    warnings = WarningSerializer(many=True, read_only=True, required=False)


class JudgementSerializer(StrictSerializer):
    """The judgement of a target without a number."""

    id = serializers.CharField(read_only=True)
    target = serializers.CharField(read_only=True, source="target.identifier")
    status = ChoiceField(VERDICTS)
    reason = TextField()
    day = DayField(default=None, help_text="The day from which it holds. If omitted: today.")
    recorded_at = serializers.DateTimeField(read_only=True)
    recorded_by = serializers.CharField(read_only=True)


class ActionSerializer(StrictSerializer):
    """A corrective action: who must do what by when about a target."""

    text = TextField()
    department = LinkField(
        required=False, allow_null=True, help_text="If omitted: the department responsible for the target."
    )
    person = TextField(max_length=200, one_line=True, allow_blank=True, default="")
    email = EmailField(
        allow_blank=True, default="", help_text="The address of the person; reminders are sent to it, too."
    )
    due_day = DayField()
    state = ChoiceField(ActionState, default=ActionState.OPEN.value)
    closed_day = DayField(
        required=False, allow_null=True, help_text="The day on which it was done or cancelled. If omitted: today."
    )
    outcome = TextField(allow_blank=True, default="")


class ActionAboutSerializer(ActionSerializer):
    target = LongLinkField(help_text="The id of the target; it never changes.")


class ActionRowSerializer(ActionSerializer):
    id = serializers.CharField(read_only=True)
    target = serializers.CharField(read_only=True)
    plan = serializers.CharField(read_only=True)
    overdue = serializers.BooleanField(read_only=True, help_text="Whether it is open and its due day has passed.")
    created_at = serializers.DateTimeField(read_only=True)
    created_by = serializers.CharField(read_only=True)


class CommentSerializer(StrictSerializer):
    """A comment on a target, a figure, an alert or an action: exactly one of them."""

    id = serializers.CharField(read_only=True)
    target = LongLinkField(required=False, allow_null=True)
    measurement = LongLinkField(required=False, allow_null=True)
    alert = LongLinkField(required=False, allow_null=True)
    action = LongLinkField(required=False, allow_null=True)
    text = TextField(help_text="Empty after the comment was withdrawn.")
    author = serializers.CharField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    withdrawn_at = serializers.DateTimeField(read_only=True, allow_null=True)


class AmendmentSerializer(TermsSerializer):
    """A new version. Omitted fields keep their values; null clears a field."""

    null_clears = True
    announced = DayField()
    reason = TextField(allow_blank=True, default="")

    def get_fields(self) -> Any:
        # The defaults are those of a first version. In an amendment an omitted field keeps its value.
        fields = super().get_fields()
        for field in fields.values():
            field.default = serializers.empty
        return fields


class SupposedSerializer(StrictSerializer):
    """A hypothetical figure. It replaces the posted figure of the same period."""

    indicator = LinkField(default=None, allow_null=True, help_text="If omitted: the indicator of the target.")
    area = LinkField(default=None, allow_null=True)
    period = PeriodField()
    value = NumberField(default=None, allow_null=True, help_text="Null: as if there were no figure.")
    qualifier = ChoiceField(Qualifier, default="")
    stage = ChoiceField(Stage, default="")


class BandSerializer(TermsSerializer):
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


class TargetWhatIfSerializer(StrictSerializer):
    as_of = DayField(default=None, allow_null=True, help_text="May be in the future. If omitted: today.")
    figures = ListField(child=SupposedSerializer(), default=list, max_length=1000)
    band = BandSerializer(default=dict)


class PlanWhatIfSerializer(StrictSerializer):
    as_of = DayField(default=None, allow_null=True, help_text="May be in the future. If omitted: today.")
    figures = ListField(child=SupposedSerializer(), default=list, max_length=1000)
    bands = MapField(child=BandSerializer(), default=dict, help_text="By the id of the target.")


class VersionRowSerializer(TermsSerializer):
    target = serializers.CharField(read_only=True)
    in_words = serializers.CharField(read_only=True, help_text="The terms, in the language of Accept-Language.")
    version = serializers.IntegerField(read_only=True)
    announced = DayField(read_only=True)
    reason = serializers.CharField(read_only=True)
    recorded_at = serializers.DateTimeField(read_only=True)
    warnings = WarningSerializer(many=True, read_only=True, required=False)
