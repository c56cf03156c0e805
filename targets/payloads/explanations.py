"""The JSON payload of an explanation: everything that is needed to compute an assessment again by hand."""

from typing import Annotated, NotRequired, TypedDict

from indicators.domain.choices import MissingReason
from indicators.domain.missing_values import MissingSlug
from indicators.payloads import SumCompletenessPayload
from kpitracker.lib.json_types import ComputedDecimalText, DateText, DecimalText, described, one_of


class FigureFields(TypedDict):
    """A figure. `published` is a day or `unknown`."""

    id: str
    indicator: str
    revision: int
    period: str
    value: DecimalText | None
    qualifier: str
    stage: str
    published: str
    recorded_on: DateText | None
    recorded_late: bool


class FigurePart(FigureFields):
    """A posted figure in a sum over areas."""

    area: str


class FigurePayload(FigureFields):
    """`parts`: the posted figures that a sum over areas is made of."""

    parts: NotRequired[list[FigurePart]]


class SourcedFigure(FigureFields):
    source: str
    note: str


class ExplanationPartPayload(SourcedFigure):
    """A posted figure in a sum over areas, with its source and note."""

    area: str


class ExplanationFigurePayload(SourcedFigure):
    """`parts`: the posted figures that a sum over areas is made of."""

    parts: NotRequired[list[ExplanationPartPayload]]


class ExplanationCompletenessPayload(SumCompletenessPayload):
    """The completeness of a sum over areas that ends inside the period."""

    indicator: str
    period: str


class ExplanationVersionPayload(TypedDict):
    number: int
    state: str
    announced: DateText
    act: str
    reason: str
    source: str


class MilestonePayload(TypedDict):
    date: DateText
    lower: DecimalText | None
    upper: DecimalText | None


class ExplanationTermsPayload(TypedDict):
    """The terms of the assessed version as they were given. Null: not given."""

    lower: DecimalText | None
    upper: DecimalText | None
    period: str
    goal: str | None
    lower_open: bool
    upper_open: bool
    profile: str | None
    milestones: list[MilestonePayload]
    baseline: DecimalText | None
    baseline_date: DateText | None
    tolerance: DecimalText | None
    tolerance_percent: DecimalText | None
    result_due: DateText | None
    qualitative: bool


class NamePayload(TypedDict):
    """The name of what is meant by a code."""

    code: str
    name: str
    name_en: str


class ReasonNamesPayload(TypedDict):
    """The names of what the reason of a missing value names by code. `reporter`: who posted the figure without a value."""

    indicators: list[NamePayload]
    areas: list[NamePayload]
    reporter: NotRequired[NamePayload]


class ExplanationIndicatorPayload(NamePayload):
    kind: str
    frequency: str
    accumulation: str | None
    formula: str
    decimals: int
    due_days: int
    due_unit: str
    breaks: Annotated[list[str], described("The days on which the series began to be measured in another way.")]


class ExplanationProfilePayload(TypedDict):
    declared: str
    used: str
    fallback: Annotated[
        bool,
        described(
            "Whether `even` replaced `seasonal`, because last year has no season or, by default, an unusual one."
        ),
    ]
    interpolated: Annotated[
        bool, described("Whether the share of the earlier year was interpolated between two known days.")
    ]
    baseline_day: DateText


class ExplanationInputPayload(TypedDict):
    indicator: str
    period: str
    value: ComputedDecimalText


class EquationPayload(TypedDict):
    name: str
    expression: Annotated[str, described("The arithmetic with its numbers.")]
    value: ComputedDecimalText


# `from` is a keyword of Python, so it cannot be the name of an attribute.
_ToleranceOrigin = TypedDict("_ToleranceOrigin", {"value": ComputedDecimalText | None, "from": str})


class ExplanationTolerancePayload(_ToleranceOrigin):
    """`from` is given (in the unit), percent or default; `of` is expected or distance (from the baseline)."""

    percent: DecimalText | None
    of: str | None


class ExplanationSeasonPayload(TypedDict):
    """The value of an earlier year up to the same day, and of that whole year."""

    period: str
    part: ComputedDecimalText
    whole: ComputedDecimalText
    interpolated: Annotated[bool, described("Whether `part` was interpolated between two known days.")]


class ExplanationCoursePayload(TypedDict):
    """An earlier year: its value on the same day, and that of the whole."""

    period: str
    reached: ComputedDecimalText
    whole: ComputedDecimalText


class ExplanationMethodPayload(TypedDict):
    """What a method expects before bounds, and its mean absolute error in earlier years; null: it was not compared."""

    method: str
    value: ComputedDecimalText
    mean_absolute_error: ComputedDecimalText | None


class ExplanationOutlookPayload(TypedDict):
    """How the outlook was chosen."""

    years: list[ExplanationCoursePayload]
    methods: list[ExplanationMethodPayload]


class ExplanationSeenPacePayload(TypedDict):
    """The best average per reporting period ever seen, on the side of a required edge."""

    edge: Annotated[str, described("`lower`: the greatest; `upper`: the least.")]
    value: ComputedDecimalText
    period: str


class ExplanationPacePayload(TypedDict):
    """How the required pace was computed, and what was ever seen beside it."""

    periods_left: int
    periods_seen: int | None
    best_seen: list[ExplanationSeenPacePayload]


class ExplanationMilestonePayload(TypedDict):
    """The value that was known on the day of the milestone."""

    date: DateText
    value: ComputedDecimalText | None
    covered_through: DateText | None


class DueDayPayload(TypedDict):
    period: str
    due: DateText


class ExplanationDueDaysPayload(TypedDict):
    """`first`, `latest_passed` and `next` are of periods on whose last day the area existed; nothing else is owed."""

    first: DueDayPayload
    latest_passed: DueDayPayload | None
    next: DueDayPayload | None
    last: DueDayPayload
    days_off: NotRequired[Annotated[list[DateText], described("Holidays. Only where working days are counted.")]]
    days_worked: NotRequired[
        Annotated[list[DateText], described("Working weekend days. Only where working days are counted.")]
    ]
    area_valid_from: NotRequired[Annotated[DateText | None, described("Only for an area that begins or ends.")]]
    area_valid_to: NotRequired[Annotated[DateText | None, described("Only for an area that begins or ends.")]]


class ExplanationJudgementPayload(TypedDict):
    day: DateText
    reason: str
    by: str


class MissingReasonPayload(TypedDict):
    """Why a target has no value."""

    slug: Annotated[str, one_of(MissingSlug)]
    indicator: Annotated[str | None, described("The input whose value is missing.")]
    period: Annotated[str | None, described("The span without a value.")]
    day: Annotated[
        DateText | None,
        described("Of the break of the series, of the merger of areas, or on which the figure without a value came."),
    ]
    areas: Annotated[list[str], described("The areas whose figures are missing.")]
    missing_reason: Annotated[
        Annotated[str, one_of(MissingReason)] | None,
        described("Of a figure without a value. `withdrawn`: nothing is reported, because it was taken back."),
    ]


class AssessmentExplanation(TypedDict):
    """The explanation of an assessment without the target version that was assessed."""

    rule: str
    formula: str
    judgement: Annotated[ExplanationJudgementPayload | None, described("Only of a qualitative target.")]
    figures: Annotated[list[ExplanationFigurePayload], described("The figures that the assessment uses.")]
    other_figures: Annotated[
        list[ExplanationFigurePayload],
        described("Other figures that could have changed it: after a gap, at milestones, of earlier years."),
    ]
    as_of: DateText
    terms: ExplanationTermsPayload
    indicators: Annotated[
        list[ExplanationIndicatorPayload],
        described("The indicator of the target, then those that its formula reads."),
    ]
    areas: Annotated[list[NamePayload], described("The areas that `reason` and sums over areas name by their codes.")]
    reporter: NotRequired[
        Annotated[
            NamePayload,
            described("Only where `reason` is a figure without a value: the department that posted it."),
        ]
    ]
    span: Annotated[str | None, described("The span that the actual covers.")]
    profile: ExplanationProfilePayload
    inputs: Annotated[list[ExplanationInputPayload], described("The values that the actual was computed from.")]
    arithmetic: list[EquationPayload]
    tolerance: ExplanationTolerancePayload | None
    season: Annotated[
        list[ExplanationSeasonPayload],
        described("The shares of earlier years; the first, of last year, gives the expected edges of `seasonal`."),
    ]
    outlook: Annotated[ExplanationOutlookPayload | None, described("About the outlook; null when the result is final.")]
    required: Annotated[ExplanationPacePayload | None, described("About the required pace.")]
    milestones: list[ExplanationMilestonePayload]
    due: Annotated[ExplanationDueDaysPayload, described("The due days that decide freshness.")]
    later_reason: NotRequired[
        Annotated[
            MissingReasonPayload,
            described(
                "Only where figures were posted of days after those that the actual covers: why they do not count."
            ),
        ]
    ]
    completeness: NotRequired[
        Annotated[list[ExplanationCompletenessPayload], described("Only where values are summed over areas.")]
    ]


class VersionExplanation(AssessmentExplanation):
    """An explanation in no language."""

    version: ExplanationVersionPayload
    about: Annotated[bool, described("Whether `about` is written before the number. It changes no computation.")]


class ExplanationPayload(VersionExplanation):
    """Everything that is needed to compute the assessment again by hand, without any other request."""

    sentence: Annotated[str, described("The reason, in the language of Accept-Language.")]
