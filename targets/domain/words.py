"""A target described in words, such as "missed below 7.5 %, met from 7.5 to 8 %, exceeded above 8 %"."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.rounding import half_up, plain
from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import Kind

from .terms import TargetTerms
from .vocabulary import Goal, Status
from .zones import Zone, zones

PERCENT: Final = frozenset({"percent", "%", "phần trăm"})

# The ends of a range from {0} to {1}. None: no end; else whether the end belongs to the range.
_Ends = tuple[bool | None, bool | None]


class Language(NamedTuple):
    statuses: Mapping[Status, str]
    numbers: Mapping[_Ends, str]
    one_number: str
    places: Mapping[_Ends, str]
    one_place: str
    done: str
    undone: str
    about: str
    span: str
    judged: str
    thousands: str
    point: str
    percent: str


ENGLISH: Final = Language(
    statuses={Status.MISSED: "missed", Status.MET: "met", Status.EXCEEDED: "exceeded"},
    numbers={
        (None, False): "below {1}",
        (None, True): "up to {1}",
        (False, None): "above {0}",
        (True, None): "from {0}",
        (True, True): "from {0} to {1}",
        (False, True): "above {0} and up to {1}",
        (True, False): "from {0} to below {1}",
        (False, False): "above {0} and below {1}",
    },
    one_number="at exactly {0}",
    places={
        (None, False): "before place {1}",
        (None, True): "in place {1} or better",
        (False, None): "beyond place {0}",
        (True, None): "in place {0} or beyond",
        (True, True): "in places {0} to {1}",
        (False, True): "beyond place {0}, up to place {1}",
        (True, False): "from place {0} to before place {1}",
        (False, False): "between places {0} and {1}",
    },
    one_place="in place {0}",
    done="when done",
    undone="when not done",
    about="about {0}: ",
    span="{0} to {1}",
    judged="judged by a person, with a reason",
    thousands=",",
    point=".",
    percent=" %",
)
VIETNAMESE: Final = Language(
    statuses={Status.MISSED: "không đạt nếu", Status.MET: "đạt nếu", Status.EXCEEDED: "vượt nếu"},
    numbers={
        (None, False): "dưới {1}",
        (None, True): "từ {1} trở xuống",
        (False, None): "trên {0}",
        (True, None): "từ {0} trở lên",
        (True, True): "từ {0} đến {1}",
        (False, True): "trên {0} đến {1}",
        (True, False): "từ {0} đến dưới {1}",
        (False, False): "trên {0} và dưới {1}",
    },
    one_number="đúng bằng {0}",
    places={
        (None, False): "trên hạng {1}",
        (None, True): "từ hạng {1} trở lên",
        (False, None): "dưới hạng {0}",
        (True, None): "từ hạng {0} trở xuống",
        (True, True): "từ hạng {0} đến hạng {1}",
        (False, True): "dưới hạng {0} đến hạng {1}",
        (True, False): "từ hạng {0} đến trước hạng {1}",
        (False, False): "giữa hạng {0} và hạng {1}",
    },
    one_place="đúng hạng {0}",
    done="hoàn thành",
    undone="chưa hoàn thành",
    about="khoảng {0}: ",
    span="{0} đến {1}",
    judged="do người đánh giá, có nêu lý do",
    thousands=".",
    point=",",
    percent="%",
)


def in_words(
    terms: TargetTerms, indicator: IndicatorTerms, language: Language, *, unit: str = "", about: bool = False
) -> str:
    """Describe which values miss, meet and exceed the target at the end of its period; "" for incomplete terms.

    Edges are shown as entered. An end computed from a tolerance is rounded to two places more than the indicator has.
    """
    if terms.qualitative:
        return language.judged
    found = zones(terms, indicator)
    if not found:
        return ""
    if indicator.kind == Kind.YES_NO:
        return ", ".join(_of_task(found, language))
    shown = _Shown(language, unit, indicator)
    said = ", ".join(f"{language.statuses[zone.status]} {shown.zone(zone)}" for zone in found)
    return shown.about(terms) + said if about else said


def _of_task(found: tuple[Zone, ...], language: Language) -> list[str]:
    values = ((Decimal(1), language.done), (Decimal(0), language.undone))
    return [
        f"{language.statuses[zone.status]} {words}" for value, words in values for zone in found if zone.holds(value)
    ]


class _Shown(NamedTuple):
    """Formats numbers with their unit in a language."""

    language: Language
    unit: str
    indicator: IndicatorTerms

    def zone(self, zone: Zone) -> str:
        ranks = self.indicator.kind == Kind.RANK
        ends = (None if zone.low is None else zone.low_inside, None if zone.high is None else zone.high_inside)
        patterns, one = self.language.numbers, self.language.one_number
        if ranks:
            patterns, one = self.language.places, self.language.one_place
        low, high = (self.number(end, computed=zone.computed) for end in (zone.low, zone.high))
        if low == high:
            return one.format(low + self.suffix)
        # Only the last number gets the unit.
        return patterns[ends].format(low if high else low + self.suffix, high + self.suffix)

    @property
    def suffix(self) -> str:
        if self.indicator.kind == Kind.RANK:
            return ""
        if self.unit in PERCENT:
            return self.language.percent
        return f" {self.unit}" if self.unit else ""

    def number(self, value: Decimal | None, *, computed: bool = False) -> str:
        if value is None:
            return ""
        written = plain(half_up(value, min(12, self.indicator.decimals + 2)) if computed else value)
        sign, digits = ("-", written[1:]) if written.startswith("-") else ("", written)
        whole, _, rest = digits.partition(".")
        grouped = f"{int(whole):,}".replace(",", self.language.thousands)
        return sign + grouped + (self.language.point + rest if rest else "")

    def about(self, terms: TargetTerms) -> str:
        edges = {
            Goal.AT_LEAST: (terms.lower,),
            Goal.AT_MOST: (terms.upper,),
            Goal.WITHIN: (terms.lower, terms.upper),
            None: (),
        }[terms.goal]
        numbers = [self.number(edge) for edge in edges]
        span = self.language.span.format(*numbers) if len(numbers) == 2 else numbers[0]
        return self.language.about.format(span + self.suffix)
