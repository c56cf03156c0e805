"""The JSON payload of contributions: what the parts of a whole contributed to its growth."""

from typing import Annotated, TypedDict

from indicators.domain.choices import MissingReason
from indicators.domain.missing_values import MissingSlug
from kpitracker.lib.json_types import DateText, DecimalText, described, one_of
from targets.domain.contributions import NoContributionsSlug, PartsBy
from targets.payloads.explanations import MissingReasonPayload

Points = Annotated[DecimalText | None, described("In points of the growth.")]
Share = Annotated[DecimalText | None, described("Of the whole a year before, as a fraction of 1.")]
More = Annotated[
    DecimalText | None,
    described("The points that would have had to come more for the required edge, in proportion to the share."),
]


class _ContributionFields(TypedDict):
    contribution: Points
    share: Share
    more: More


class NotExplainedPayload(_ContributionFields):
    """What the parts do not explain: their numbers subtracted from those of the whole."""


class MissingContributionsPayload(TypedDict):
    """Why there are no contributions: no growth, no parts, or what is missing."""

    slug: Annotated[str, one_of((*NoContributionsSlug, *MissingSlug))]
    indicator: str | None
    period: Annotated[str | None, described("The span without a value.")]
    day: DateText | None
    areas: list[str]
    missing_reason: Annotated[str, one_of(MissingReason)] | None


class ContributionPayload(_ContributionFields):
    """What one part contributed. Its numbers are null when `reason` says why; then it stands in `not_explained`."""

    indicator: str
    area: str
    name: str
    name_en: str
    value: DecimalText | None
    base: Annotated[DecimalText | None, described("The value over the same span a year before.")]
    growth: Annotated[DecimalText | None, described("Of the part, in percent; null over a base that is not above 0.")]
    reason: MissingReasonPayload | None


class ContributionFileRow(_ContributionFields):
    """A row of a file: a part or, in the last row, what is not explained."""

    indicator: str
    area: str
    name: str
    name_en: str
    value: DecimalText | None
    base: DecimalText | None
    growth: DecimalText | None
    reason: str


class ContributionsPayload(TypedDict):
    """The growth of a whole and its parts, the largest first. The contributions and `not_explained` add up to `growth`."""

    target: str
    as_of: DateText
    version: int
    indicator: Annotated[str | None, described("The whole: x in a formula yoy(x).")]
    parts_by: Annotated[str, one_of(PartsBy)] | None
    period: Annotated[str | None, described("The span that the growth covers.")]
    base_period: Annotated[str | None, described("The same span a year before.")]
    value: DecimalText | None
    base: DecimalText | None
    growth: Annotated[DecimalText | None, described("In percent.")]
    required: Annotated[DecimalText | None, described("The required edge that `more` leads to.")]
    more: Annotated[DecimalText | None, described("Points that are missing to it; negative: too many; 0: none.")]
    parts: list[ContributionPayload]
    not_explained: NotExplainedPayload | None
    reason: MissingContributionsPayload | None
