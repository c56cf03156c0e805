"""Choices of the fields of indicators, figures, areas and contacts."""

from enum import StrEnum
from typing import Final

# Units that are written as % behind a number.
PERCENT_UNITS: Final = frozenset({"percent", "%", "phần trăm"})
# Units that stand before a number, as in "rank 5"; a difference of ranks has none.
RANK_UNITS: Final = frozenset({"rank", "hạng"})


class Accumulation(StrEnum):
    """How the figures of parts of a span make the value of the span."""

    SUM = "sum"
    MEAN = "mean"
    LAST = "last"
    NONE = "none"


class RegionalAggregation(StrEnum):
    """How an area with child areas gets a value when no figure is posted for it."""

    NONE = ""
    SUM = "sum"


class Frequency(StrEnum):
    """Length of one reporting period."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


class DueUnit(StrEnum):
    """Unit of the time between the end of a period and the due day of its figure."""

    DAYS = "days"
    WORKING_DAYS = "working_days"


class IndicatorKind(StrEnum):
    """The sort of quantity that an indicator measures."""

    LEVEL = "level"
    RATE = "rate"
    SHARE = "share"
    INDEX = "index"
    COUNT = "count"
    RANK = "rank"
    YES_NO = "yes_no"


class Stage(StrEnum):
    """How official a figure is, least official first; NOT_STATED is compared with none of the others.

    FORECAST: what the publisher expects of a period that has not ended. Targets are never judged by it.
    """

    NOT_STATED = ""
    FORECAST = "forecast"
    ESTIMATE = "estimate"
    PRELIMINARY = "preliminary"
    OFFICIAL = "official"


class Qualifier(StrEnum):
    """On which side of the published number the true value lies, according to the publisher."""

    NONE = ""
    ABOUT = "about"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    NEARLY = "nearly"


class MissingReason(StrEnum):
    """Why a figure has no value.

    WITHDRAWN: it was posted by mistake, so its period counts as not reported. With the others the period is reported.
    """

    NOT_AVAILABLE = "not_available"
    NOT_APPLICABLE = "not_applicable"
    SUPPRESSED = "suppressed"
    WITHDRAWN = "withdrawn"


class AreaKind(StrEnum):
    """Levels of the tree of areas."""

    COUNTRY = "country"
    REGION = "region"
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    WARD = "ward"
    OTHER = "other"


class ContactRole(StrEnum):
    """Which alerts a contact receives: those of its department, those for the leadership, or all."""

    DEPARTMENT = "department"
    LEADERS = "leaders"
    EVERYTHING = "everything"


class ContactChannel(StrEnum):
    EMAIL = "email"
    CHAT = "chat"


class ContactLanguage(StrEnum):
    """`BOTH`: one message in both languages, Vietnamese first."""

    BOTH = ""
    VIETNAMESE = "vi"
    ENGLISH = "en"


class ContactSeverity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
