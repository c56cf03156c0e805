"""The words that indicators and figures are described in."""

from enum import StrEnum


class Accumulation(StrEnum):
    """How the parts of a span make its whole."""

    SUM = "sum"
    MEAN = "mean"
    LAST = "last"
    NONE = "none"


class Regional(StrEnum):
    """How an area with parts has a value where none is posted for it."""

    NONE = ""
    SUM = "sum"


class Frequency(StrEnum):
    """How long one reporting period is."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


class DueUnit(StrEnum):
    """What is counted from the end of a period to the day on which its figure is due."""

    DAYS = "days"
    WORKING_DAYS = "working_days"


class Kind(StrEnum):
    """What sort of quantity an indicator measures."""

    LEVEL = "level"
    RATE = "rate"
    SHARE = "share"
    INDEX = "index"
    COUNT = "count"
    RANK = "rank"
    YES_NO = "yes_no"


class Stage(StrEnum):
    """How settled a figure is, least first; NOT_STATED is compared with none of them."""

    NOT_STATED = ""
    ESTIMATE = "estimate"
    PRELIMINARY = "preliminary"
    OFFICIAL = "official"


class Qualifier(StrEnum):
    """On which side of its number the publisher says that a figure lies."""

    NONE = ""
    ABOUT = "about"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    NEARLY = "nearly"


class MissingReason(StrEnum):
    """Why a figure has no value."""

    NOT_AVAILABLE = "not_available"
    NOT_APPLICABLE = "not_applicable"
    SUPPRESSED = "suppressed"


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
    """What somebody is told of: the affairs of his department, what is brought before the leaders, or everything."""

    DEPARTMENT = "department"
    LEADERS = "leaders"
    EVERYTHING = "everything"


class ContactChannel(StrEnum):
    EMAIL = "email"
    CHAT = "chat"


class ContactLanguage(StrEnum):
    """`BOTH`: one message in both, Vietnamese first."""

    BOTH = ""
    VIETNAMESE = "vi"
    ENGLISH = "en"


class ContactSeverity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
