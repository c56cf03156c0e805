"""The JSON payloads of targets, their versions, actions and comments."""

from typing import Annotated, NotRequired, TypedDict

from indicators.payloads import WarningPayload
from kpitracker.lib.json_types import (
    DateText,
    DecimalText,
    JsonObject,
    PeriodCode,
    TimestampText,
    component,
    described,
    one_of,
)
from targets.domain.actions import ActionState
from targets.domain.choices import Goal, Profile, VersionState
from targets.payloads.explanations import MilestonePayload
from targets.payloads.scorecards import AssessmentDifferencePayload

TermsDescription = Annotated[str, described("The terms, in the language of Accept-Language.")]


class TermsFields(TypedDict):
    """The terms of a version of a target. Null: not given."""

    lower: DecimalText | None
    upper: DecimalText | None
    lower_open: bool
    upper_open: bool
    baseline: DecimalText | None
    baseline_date: DateText | None
    profile: Annotated[str, one_of(Profile)] | None
    milestones: list[MilestonePayload]
    tolerance: DecimalText | None
    tolerance_percent: DecimalText | None
    act: str
    state: Annotated[str, one_of(VersionState)]
    warnings: NotRequired[list[WarningPayload]]


class TargetDetailPayload(TermsFields):
    """A target as it is returned. The terms are those of the version in force, or else of the latest version."""

    source: str
    note: str
    plan: str
    indicator: str
    area: str
    period: PeriodCode
    goal: Annotated[str, one_of(Goal)] | None
    weight: DecimalText
    department: Annotated[str | None, described("The lead department, if one is named.")]
    answers_for: Annotated[
        str | None,
        described("The department that answers: the lead, else the owner of the plan. Null: no lead is named."),
    ]
    cooperating: list[str]
    heading: Annotated[str | None, described("The target of the same plan that this one is a part of.")]
    section: str
    section_en: str
    announced: DateText
    result_due: DateText | None
    about: bool
    qualitative: bool
    id: str
    version: int
    reason: str
    components: Annotated[list[str], described("Ids of the targets that are parts of this one.")]
    description: TermsDescription
    actions_open: int
    actions_overdue: Annotated[int, described("How many of the open ones are overdue.")]


class TargetVersionPayload(TermsFields):
    """The terms of a version of a target."""

    source: str
    note: str
    target: str
    description: TermsDescription
    version: int
    announced: DateText
    reason: str
    recorded_at: TimestampText


class AmendmentResultPayload(TargetVersionPayload):
    """A new version, and how it changed the assessments of today."""

    changed: list[AssessmentDifferencePayload]


class ActionDetailPayload(TypedDict):
    """A corrective action: who must do what by when about a target."""

    text: str
    department: str | None
    person: str
    email: Annotated[str, described("The address of the person; reminders are sent to it, too.")]
    due_day: DateText
    state: Annotated[str, one_of(ActionState)]
    closed_day: Annotated[DateText | None, described("The day on which it was done or cancelled.")]
    outcome: str
    id: str
    target: str
    plan: str
    overdue: Annotated[bool, described("Whether it is open and its due day has passed.")]
    created_at: TimestampText
    created_by: str


class CommentPayload(TypedDict):
    """A comment on a target, a figure, an alert or an action: exactly one of them."""

    id: str
    target: str | None
    measurement: str | None
    alert: str | None
    action: str | None
    text: Annotated[str, described("Empty after the comment was withdrawn.")]
    author: str
    created_at: TimestampText
    withdrawn_at: TimestampText | None


class SkippedItemPayload(TypedDict):
    target: Annotated[str, described("Its id in the plan that was copied.")]
    field: Annotated[str | None, described("Null: the whole target.")]
    detail: str


class PlanCopyResultPayload(TypedDict):
    plan: Annotated[JsonObject, component("Plan")]
    targets: Annotated[list[str], described("Ids of the new targets, all of them drafts.")]
    skipped: list[SkippedItemPayload]
