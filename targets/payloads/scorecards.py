"""The JSON payloads of scorecards, closings, what-if responses and reporting."""

from typing import Annotated, NotRequired, TypedDict

from kpitracker.lib.json_types import DateText, DecimalText, JsonObject, TimestampText, component, described, one_of
from targets.domain.choices import VersionState
from targets.domain.rollup import RollUp, TotalsPayload
from targets.payloads.assessments import (
    ExplainedAssessment,
    StatusRow,
    TargetFields,
    TargetStatusDetailPayload,
    TargetStatusPayload,
)


class AssessmentSummaryPayload(TypedDict):
    version: int
    state: Annotated[str, one_of(VersionState)]
    status: str
    actual: DecimalText | None
    variance: DecimalText | None


class AssessmentDifferencePayload(TypedDict):
    """A target whose assessment differs. Null: the target was not announced."""

    target: str
    before: AssessmentSummaryPayload | None
    after: AssessmentSummaryPayload | None


class ScorecardFields(RollUp):
    """A scorecard without its targets."""

    as_of: DateText
    changed_since: NotRequired[DateText]
    changes: NotRequired[list[AssessmentDifferencePayload]]


class ScorecardDocument(ScorecardFields):
    """A scorecard in no language."""

    targets: list[StatusRow]


class ScorecardPayload(ScorecardFields):
    plan: Annotated[JsonObject, component("Plan")]
    targets: list[TargetStatusPayload]


class WhatIfFields(RollUp):
    """A hypothetical scorecard without its targets."""

    as_of: DateText
    before: Annotated[TotalsPayload, described("The present totals.")]
    changes: list[AssessmentDifferencePayload]


class WhatIfDocument(WhatIfFields):
    """A hypothetical scorecard in no language."""

    targets: list[StatusRow]


class PlanWhatIfPayload(WhatIfFields):
    plan: str
    targets: list[TargetStatusPayload]


class TargetWhatIfPayload(TypedDict):
    before: TargetStatusDetailPayload
    after: TargetStatusDetailPayload


class FrozenPlan(TypedDict):
    """The plan as it was when its scorecard was frozen."""

    code: str
    name: str
    name_en: str
    area: str
    period: str
    issuer: str
    act: str


class FrozenTarget(ExplainedAssessment, TargetFields):
    """A target in a frozen scorecard. `own_status`, `own_rule`: without its parts, if it is a heading."""

    heading: NotRequired[str | None]
    own_status: NotRequired[str]
    own_rule: NotRequired[str]
    weight: DecimalText
    cooperating: list[str]
    actions_open: int
    actions_overdue: int


class FrozenScorecard(RollUp):
    """The content of a closing."""

    plan: FrozenPlan
    as_of: DateText
    recorded_by: TimestampText
    targets: list[FrozenTarget]


class ClosingPayload(TypedDict):
    """A frozen scorecard. `whole` is false for a department: targets that it may not see are left out."""

    plan: str
    number: int
    as_of: DateText
    recorded_by: TimestampText
    reason: str
    closed_by: str
    sha256: str
    whole: bool


class ClosingDetailPayload(ClosingPayload):
    content: Annotated[str, described("JSON, as it was stored.")]


class LaterRevisionPayload(TypedDict):
    id: str
    indicator: str
    area: str
    period: str
    revision: int
    value: DecimalText | None
    stage: str
    published: str
    recorded_at: TimestampText
    department: str | None
    current: bool


class LaterAmendmentPayload(TypedDict):
    target: str
    version: int
    announced: DateText
    act: str
    reason: str
    recorded_at: TimestampText


class ClosingComparisonPayload(TypedDict):
    plan: str
    number: int
    as_of: DateText
    before: TotalsPayload
    after: TotalsPayload
    targets: list[AssessmentDifferencePayload]
    figures: list[LaterRevisionPayload]
    amendments: list[LaterAmendmentPayload]


class DueFigurePayload(TypedDict):
    """A missing figure: a department still has to report it."""

    department: str
    indicator: str
    indicator_name: str
    indicator_name_en: str
    area: str
    period: str
    due: DateText
    overdue: bool
    days_late: int


class MonthlyCompletenessPayload(TypedDict):
    """How many of the figures due in a month a department reported."""

    department: str
    month: Annotated[str, described("The month of the due days, YYYY-MM.")]
    due: int
    reported: int
    on_time: int
    late: int
    missing: int
    completeness: Annotated[str, described("Percentage of due figures that were reported.")]
    timeliness: Annotated[str, described("Percentage of due figures that were reported in time.")]
