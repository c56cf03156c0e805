"""The JSON payloads of assessments and of status changes.

One TypedDict is the type of a payload and its schema in the OpenAPI document. Numbers are in the unit of the indicator.
"""

from typing import Annotated, TypedDict

from kpitracker.lib.json_types import DateText, DecimalText, PublishedText, TimestampText, described, one_of
from targets.domain.choices import (
    Goal,
    OutlookMethod,
    PaceAssumption,
    PaceUnit,
    Profile,
    RangeBasis,
    Status,
    VersionState,
)
from targets.payloads.explanations import ExplanationPayload, MissingReasonPayload, VersionExplanation


class Edges(TypedDict):
    lower: DecimalText | None
    upper: DecimalText | None


class ExpectedBandPayload(Edges):
    profile: Annotated[str, one_of(Profile)]
    fallback: bool
    interpolated: bool


class TestedMethodPayload(TypedDict):
    """How a method did in earlier years, each predicted from the others."""

    periods: int
    mean_absolute_error: DecimalText


class IssuerForecastPayload(TypedDict):
    """What was posted as a forecast of the whole period. `variance`: from the required edge. No target is judged by it."""

    value: DecimalText
    published: PublishedText
    source: str
    variance: DecimalText | None


class OutlookPayload(TypedDict):
    """The value to expect at the end of the period. `tested` is null with fewer than two earlier years."""

    value: DecimalText | None
    low: DecimalText | None
    high: DecimalText | None
    method: Annotated[str, one_of(OutlookMethod)] | None
    tested: TestedMethodPayload | None
    range_from: Annotated[str, one_of(RangeBasis)] | None
    issuer: IssuerForecastPayload | None


class RequiredPacePayload(Edges):
    """`per`: of one reporting period, or of the rest of the period as a whole (`rest`)."""

    per: Annotated[str, one_of(PaceUnit)] | None
    assumes: Annotated[str, one_of(PaceAssumption)] | None
    best_seen: Annotated[
        DecimalText | None, described("The best average per reporting period ever seen, on the side of the edge.")
    ]
    best_seen_period: Annotated[str | None, described("The span in which it was seen.")]
    periods_seen: Annotated[int | None, described("How many reporting periods are known.")]
    out_of_reach: Annotated[
        bool | None,
        described("Whether an edge needs more than was ever seen. Null when fewer periods are known than there are."),
    ]


class FreshnessPayload(TypedDict):
    covered_through: DateText | None
    expected_through: DateText | None
    overdue: bool
    next_due: DateText | None


class MilestoneStatusPayload(TypedDict):
    date: DateText
    lower: DecimalText | None
    upper: DecimalText | None
    reached: bool | None


class SamePeriodPayload(TypedDict):
    """The value over the same span a year before, and the change since."""

    period: Annotated[str, described("The span a year before.")]
    value: DecimalText | None
    change: Annotated[
        DecimalText | None, described("In percent of that value; of rates, shares and ranks the difference.")
    ]
    unit: Annotated[str | None, described("The unit of `change`.")]
    reason: Annotated[MissingReasonPayload | None, described("Why there is no value, or no change.")]


class AssessmentPayload(TypedDict):
    """An assessment as it is stored, and compared to detect changes: without its explanation, in no language."""

    target: str
    version: int
    state: Annotated[
        str,
        one_of(VersionState),
        described("Of the version in force. Suspended or withdrawn: the assessment is that of the day before."),
    ]
    status: Annotated[str, one_of(Status)]
    provisional: bool
    actual: DecimalText | None
    covered_through: DateText | None
    partial: bool
    gaps: list[str]
    reason: Annotated[MissingReasonPayload | None, described("Why there is no value; null when there is one.")]
    expected: ExpectedBandPayload
    variance: DecimalText | None
    variance_percent: DecimalText | None
    shortfall: DecimalText | None
    position: DecimalText | None
    unit: str
    unit_en: str
    variance_unit: str
    outlook: OutlookPayload
    required: RequiredPacePayload
    same_period: SamePeriodPayload | None
    percent_of_target: Annotated[
        DecimalText | None, described("The actual in percent of the required edge; only of levels and counts.")
    ]
    freshness: FreshnessPayload
    tolerance: DecimalText | None
    milestones: list[MilestoneStatusPayload]
    rule: str
    qualitative: bool


class ExplainedAssessment(AssessmentPayload):
    """An assessment with its explanation, in no language."""

    explanation: VersionExplanation


class StatusDocument(ExplainedAssessment):
    as_of: DateText


StatusLabel = Annotated[str, described("The status in the language of Accept-Language.")]


class TargetStatusDetailPayload(AssessmentPayload):
    """Numbers are in the unit of the indicator."""

    as_of: DateText
    label: StatusLabel
    explanation: ExplanationPayload


class TargetFields(TypedDict):
    """The fields of the target itself that a list row shows beside the assessment."""

    plan: str
    indicator: str
    indicator_name: str
    indicator_name_en: str
    area: str
    department: Annotated[str | None, described("The lead department, if one is named.")]
    answers_for: Annotated[
        str | None,
        described("The department that answers: the lead, else the owner of the plan. Null: no lead is named."),
    ]
    goal: Annotated[str, one_of(Goal)] | None
    section: str
    section_en: str
    period: str


class StatusRow(AssessmentPayload, TargetFields):
    """An assessment in a flat list, in no language."""

    as_of: DateText
    since: DateText | None
    changed_at: TimestampText | None
    change: str | None


class TargetStatusPayload(StatusRow):
    """An assessment in a flat list."""

    label: StatusLabel


# `from` is a keyword of Python, so it cannot be the name of an attribute.
_StatusBefore = TypedDict("_StatusBefore", {"target": str, "from": str | None})


class StatusChangePayload(_StatusBefore):
    to: str
    day: DateText
    recorded_at: TimestampText
    version: int
