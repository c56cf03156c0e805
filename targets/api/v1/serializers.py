"""What goes in and out: plans, targets, amendments, and the rows of assessments."""

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
    """Another thing by its id."""

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
    """What differs in the copy; what is left out follows from the plan."""

    code = CodeField(required=False, help_text="Left out: that of the plan, with its years moved on.")
    name = TextField(required=False, max_length=300, one_line=True)
    period = PeriodField(required=False, help_text="Left out: the one of the same length just after.")


class ClosingRequestSerializer(StrictSerializer):
    as_of = DayField(default=None, allow_null=True, help_text="Left out: today.")
    reason = TextField()


class LeftOutSerializer(StrictSerializer):
    target = serializers.CharField(read_only=True, help_text="As it is in the plan that was copied.")
    field = serializers.CharField(read_only=True, allow_null=True, help_text="Null: the whole target.")
    detail = serializers.CharField(read_only=True)


class PlanCopiedSerializer(StrictSerializer):
    plan = PlanSerializer(read_only=True)
    targets = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="Ids, all of them drafts.")
    left_out = LeftOutSerializer(many=True, read_only=True)


class LockExceptionSerializer(StrictSerializer):
    """Leave to change what a plan has closed."""

    id = serializers.CharField(read_only=True)
    indicator = LinkField(default=None, allow_null=True, help_text="Null: all of the plan.")
    reason = TextField()
    until = MomentField()
    created_at = serializers.DateTimeField(read_only=True)
    created_by = serializers.CharField(read_only=True)


class MilestoneSerializer(StrictSerializer):
    date = DayField()
    lower = NumberField(default=None, allow_null=True)
    upper = NumberField(default=None, allow_null=True)


class TermsSerializer(StrictSerializer):
    """What a version of a target holds."""

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
    """A target as it is posted: terms are those of its first version."""

    plan = LinkField()
    indicator = LinkField()
    area = LinkField(default=None, allow_null=True)
    period = PeriodField(default=None, allow_null=True)
    goal = ChoiceField(Goal, default="", allow_null=True)
    weight = NumberField(default=Decimal(1), minimum=0)
    department = LinkField(default=None, allow_null=True)
    cooperating = ListField(child=LinkField(), default=list, max_length=100)
    heading = LongLinkField(
        default=None, allow_null=True, allow_blank=True, help_text="A target of the same plan that it is a part of."
    )
    section = TextField(max_length=100, one_line=True, allow_blank=True, default="")
    announced = DayField(default=None, allow_null=True)
    result_due = DayField(default=None, allow_null=True)
    about = FlagField(default=False)
    qualitative = FlagField(default=False)


class TargetChangeSerializer(StrictSerializer):
    """What of a target is changed by PATCH; the rest is amended, or never changes."""

    weight = NumberField(required=False, minimum=0)
    department = LinkField(required=False)
    cooperating = ListField(required=False, child=LinkField(), max_length=100)
    heading = LongLinkField(required=False, allow_blank=True, help_text="Empty: a part of none.")
    section = TextField(required=False, max_length=100, one_line=True, allow_blank=True)
    result_due = DayField(required=False)
    about = FlagField(required=False)
    source = TextField(required=False, allow_blank=True)
    note = TextField(required=False, allow_blank=True)


class TargetRowSerializer(TargetSerializer):
    """A target as it is shown: terms are those of the version in force, else of the latest."""

    id = serializers.CharField(read_only=True)
    version = serializers.IntegerField(read_only=True)
    reason = serializers.CharField(read_only=True)
    components = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Ids of the targets of which it is the heading."
    )
    in_words = serializers.CharField(read_only=True, help_text="The terms, in the language of Accept-Language.")
    actions_open = serializers.IntegerField(read_only=True)
    actions_overdue = serializers.IntegerField(read_only=True, help_text="Of the open ones.")
    warnings = WarningSerializer(many=True, read_only=True, required=False)


class JudgementSerializer(StrictSerializer):
    """What somebody finds of a target without a number."""

    id = serializers.CharField(read_only=True)
    target = serializers.CharField(read_only=True, source="target.identifier")
    status = ChoiceField(VERDICTS)
    reason = TextField()
    day = DayField(default=None, help_text="From when on it holds; left out: today.")
    recorded_at = serializers.DateTimeField(read_only=True)
    recorded_by = serializers.CharField(read_only=True)


class ActionSerializer(StrictSerializer):
    """Who must do what by when about a target."""

    text = TextField()
    department = LinkField(
        required=False, allow_null=True, help_text="Responsible; left out: the one that answers for the target."
    )
    person = TextField(max_length=200, one_line=True, allow_blank=True, default="")
    email = EmailField(allow_blank=True, default="", help_text="The person's: gets the reminders, too.")
    due_day = DayField()
    state = ChoiceField(ActionState, default=ActionState.OPEN.value)
    closed_day = DayField(
        required=False, allow_null=True, help_text="On which it was done or cancelled; left out: today."
    )
    outcome = TextField(allow_blank=True, default="")


class ActionAboutSerializer(ActionSerializer):
    target = LongLinkField(help_text="Its id; it never changes.")


class ActionRowSerializer(ActionSerializer):
    id = serializers.CharField(read_only=True)
    target = serializers.CharField(read_only=True)
    plan = serializers.CharField(read_only=True)
    overdue = serializers.BooleanField(read_only=True, help_text="Open, and its day has passed.")
    created_at = serializers.DateTimeField(read_only=True)
    created_by = serializers.CharField(read_only=True)


class CommentSerializer(StrictSerializer):
    """What somebody says about one thing: a target, a figure, an alert or an action."""

    id = serializers.CharField(read_only=True)
    target = LongLinkField(required=False, allow_null=True)
    measurement = LongLinkField(required=False, allow_null=True)
    alert = LongLinkField(required=False, allow_null=True)
    action = LongLinkField(required=False, allow_null=True)
    text = TextField(help_text="Empty once it was withdrawn.")
    author = serializers.CharField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    withdrawn_at = serializers.DateTimeField(read_only=True, allow_null=True)


class AmendmentSerializer(TermsSerializer):
    """A new version: what is omitted stays, null clears."""

    null_clears = True
    announced = DayField()
    reason = TextField(allow_blank=True, default="")

    def get_fields(self) -> Any:
        # Defaults are those of a first version; here what is not given stays.
        fields = super().get_fields()
        for field in fields.values():
            field.default = serializers.empty
        return fields


class SupposedSerializer(StrictSerializer):
    """A figure that nobody posted; it stands in the place of the one of the same period."""

    indicator = LinkField(default=None, allow_null=True, help_text="Left out: that of the target.")
    area = LinkField(default=None, allow_null=True)
    period = PeriodField()
    value = NumberField(default=None, allow_null=True, help_text="Null: as if there were none.")
    qualifier = ChoiceField(Qualifier, default="")
    stage = ChoiceField(Stage, default="")


class BandSerializer(TermsSerializer):
    """Other terms: what is omitted stays, null clears."""

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
    as_of = DayField(default=None, allow_null=True, help_text="May lie in the future. Left out: today.")
    figures = ListField(child=SupposedSerializer(), default=list, max_length=1000)
    band = BandSerializer(default=dict)


class PlanWhatIfSerializer(StrictSerializer):
    as_of = DayField(default=None, allow_null=True, help_text="May lie in the future. Left out: today.")
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
