"""A target described in words, such as "missed below 7.5 %, met from 7.5 to 8 %, exceeded above 8 %"."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.choices import PERCENT_UNITS, IndicatorKind
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.domain.terms import IndicatorTerms

from .bands import StatusRange, status_ranges
from .choices import Goal, Status
from .terms import TargetTerms

# The ends of a range from {0} to {1}. None: no end; else whether the end belongs to the range.
_RangeEnds = tuple[bool | None, bool | None]


class Language(NamedTuple):
    statuses: Mapping[Status, str]
    number_ranges: Mapping[_RangeEnds, str]
    single_number: str
    rank_ranges: Mapping[_RangeEnds, str]
    single_rank: str
    done: str
    not_done: str
    about: str
    span: str
    qualitative: str
    thousands_separator: str
    decimal_point: str
    percent: str


ENGLISH: Final = Language(
    statuses={Status.MISSED: "missed", Status.MET: "met", Status.EXCEEDED: "exceeded"},
    number_ranges={
        (None, False): "below {1}",
        (None, True): "up to {1}",
        (False, None): "above {0}",
        (True, None): "from {0}",
        (True, True): "from {0} to {1}",
        (False, True): "above {0} and up to {1}",
        (True, False): "from {0} to below {1}",
        (False, False): "above {0} and below {1}",
    },
    single_number="at exactly {0}",
    rank_ranges={
        (None, False): "before place {1}",
        (None, True): "in place {1} or better",
        (False, None): "beyond place {0}",
        (True, None): "in place {0} or beyond",
        (True, True): "in places {0} to {1}",
        (False, True): "beyond place {0}, up to place {1}",
        (True, False): "from place {0} to before place {1}",
        (False, False): "between places {0} and {1}",
    },
    single_rank="in place {0}",
    done="when done",
    not_done="when not done",
    about="about {0}: ",
    span="{0} to {1}",
    qualitative="judged by a person, with a reason",
    thousands_separator=",",
    decimal_point=".",
    percent=" %",
)
VIETNAMESE: Final = Language(
    statuses={Status.MISSED: "không đạt nếu", Status.MET: "đạt nếu", Status.EXCEEDED: "vượt nếu"},
    number_ranges={
        (None, False): "dưới {1}",
        (None, True): "từ {1} trở xuống",
        (False, None): "trên {0}",
        (True, None): "từ {0} trở lên",
        (True, True): "từ {0} đến {1}",
        (False, True): "trên {0} đến {1}",
        (True, False): "từ {0} đến dưới {1}",
        (False, False): "trên {0} và dưới {1}",
    },
    single_number="đúng bằng {0}",
    rank_ranges={
        (None, False): "trên hạng {1}",
        (None, True): "từ hạng {1} trở lên",
        (False, None): "dưới hạng {0}",
        (True, None): "từ hạng {0} trở xuống",
        (True, True): "từ hạng {0} đến hạng {1}",
        (False, True): "dưới hạng {0} đến hạng {1}",
        (True, False): "từ hạng {0} đến trước hạng {1}",
        (False, False): "giữa hạng {0} và hạng {1}",
    },
    single_rank="đúng hạng {0}",
    done="hoàn thành",
    not_done="chưa hoàn thành",
    about="khoảng {0}: ",
    span="{0} đến {1}",
    qualitative="do người đánh giá, có nêu lý do",
    thousands_separator=".",
    decimal_point=",",
    percent=" %",
)


def describe_target(
    terms: TargetTerms, indicator: IndicatorTerms, language: Language, *, unit: str = "", about: bool = False
) -> str:
    """Describe which values miss, meet and exceed the target at the end of its period; "" for incomplete terms.

    Edges are shown as entered. An end computed from a tolerance is rounded to two places more than the indicator has.
    """
    if terms.qualitative:
        return language.qualitative
    ranges = status_ranges(terms, indicator)
    if not ranges:
        return ""
    if indicator.kind == IndicatorKind.YES_NO:
        return ", ".join(_describe_task(ranges, language))
    formatter = _NumberFormatter(language, unit, indicator)
    description = ", ".join(
        f"{language.statuses[status_range.status]} {formatter.format_range(status_range)}" for status_range in ranges
    )
    return formatter.approximate_prefix(terms) + description if about else description


def _describe_task(ranges: tuple[StatusRange, ...], language: Language) -> list[str]:
    values = ((Decimal(1), language.done), (Decimal(0), language.not_done))
    return [
        f"{language.statuses[status_range.status]} {phrase}"
        for value, phrase in values
        for status_range in ranges
        if status_range.contains(value)
    ]


class _NumberFormatter(NamedTuple):
    """Formats numbers with their unit in a language."""

    language: Language
    unit: str
    indicator: IndicatorTerms

    def format_range(self, status_range: StatusRange) -> str:
        is_rank = self.indicator.kind == IndicatorKind.RANK
        ends = (
            None if status_range.low is None else status_range.includes_low,
            None if status_range.high is None else status_range.includes_high,
        )
        patterns, single = self.language.number_ranges, self.language.single_number
        if is_rank:
            patterns, single = self.language.rank_ranges, self.language.single_rank
        low, high = (
            self.format_number(end, computed=status_range.computed) for end in (status_range.low, status_range.high)
        )
        if low == high:
            return single.format(low + self.suffix)
        # Only the last number gets the unit.
        return patterns[ends].format(low if high else low + self.suffix, high + self.suffix)

    @property
    def suffix(self) -> str:
        if self.indicator.kind == IndicatorKind.RANK:
            return ""
        if self.unit in PERCENT_UNITS:
            return self.language.percent
        return f" {self.unit}" if self.unit else ""

    def format_number(self, value: Decimal | None, *, computed: bool = False) -> str:
        if value is None:
            return ""
        plain_text = to_plain_string(round_half_up(value, min(12, self.indicator.decimals + 2)) if computed else value)
        sign, digits = ("-", plain_text[1:]) if plain_text.startswith("-") else ("", plain_text)
        whole, _, fraction = digits.partition(".")
        grouped = f"{int(whole):,}".replace(",", self.language.thousands_separator)
        return sign + grouped + (self.language.decimal_point + fraction if fraction else "")

    def approximate_prefix(self, terms: TargetTerms) -> str:
        edges = {
            Goal.AT_LEAST: (terms.lower,),
            Goal.AT_MOST: (terms.upper,),
            Goal.WITHIN: (terms.lower, terms.upper),
            None: (),
        }[terms.goal]
        numbers = [self.format_number(edge) for edge in edges]
        span = self.language.span.format(*numbers) if len(numbers) == 2 else numbers[0]
        return self.language.about.format(span + self.suffix)
