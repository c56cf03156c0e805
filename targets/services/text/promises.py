"""What a target promises, in the active language, such as `at least 7.5 % (ambition 8 %)`."""

from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import IndicatorKind
from kpitracker.lib.i18n.text import translate
from targets.domain.choices import Goal


def is_end_of_scale(kind: str, goal: str | None, lower: str | None, upper: str | None) -> bool:
    """Whether nothing lies beyond the required edge: 100 % of a share, the first rank, none of what is counted."""
    if goal == Goal.AT_LEAST:
        return kind == IndicatorKind.SHARE and lower is not None and Decimal(lower) == 100
    if goal != Goal.AT_MOST or upper is None:
        return False
    least = (
        {IndicatorKind.SHARE: 0, IndicatorKind.COUNT: 0, IndicatorKind.RANK: 1}.get(IndicatorKind(kind))
        if kind
        else None
    )
    return least is not None and Decimal(upper) == least


class Promise(NamedTuple):
    """The edges of a target as texts with their unit. `lower` and `upper` are None where they were not given.

    `unit`: what ends the texts; a range says it once. `is_rank`: the least number is the best. `is_task`: something is to be done, so 1 is done. `is_end_of_scale`: nothing lies beyond the required edge.
    """

    goal: str | None
    lower: str | None
    upper: str | None
    lower_open: bool = False
    upper_open: bool = False
    about: bool = False
    is_rank: bool = False
    is_task: bool = False
    is_end_of_scale: bool = False
    unit: str = ""


def describe_promise(promise: Promise) -> str:
    """Return the required edge, and the ambition beyond it."""
    required = describe_required(promise)
    notes = [note for note in (_about_note(promise), _ambition_note(promise)) if note]
    return f"{required} ({'; '.join(notes)})" if notes else required


def describe_required(promise: Promise) -> str:
    """Return the required edge, or both for a range."""
    lower, upper = promise.lower, promise.upper
    if not promise.goal:
        return translate("without a number", "không có con số")
    if promise.is_task and promise.goal == Goal.AT_LEAST:
        return translate("that it is done", "phải hoàn thành")
    if promise.goal == Goal.WITHIN:
        prefix = translate("about", "khoảng") if promise.about else translate("from", "từ")
        return f"{prefix} {_span(promise, marked=not promise.about)}"
    edge = lower if promise.goal == Goal.AT_LEAST else upper
    if promise.about:
        return translate(f"about {edge}", f"khoảng {edge}")
    is_open = promise.lower_open if promise.goal == Goal.AT_LEAST else promise.upper_open
    if promise.is_end_of_scale and not is_open:
        return edge or ""
    if promise.goal == Goal.AT_MOST:
        return _describe_ceiling(promise, edge or "")
    if promise.lower_open:
        return exclude_lower(edge or "")
    return translate(f"at least {edge}", f"ít nhất {edge}")


def exclude_lower(edge: str) -> str:
    """A lower edge that does not itself meet the target."""
    return translate(f"more than {edge}", f"trên {edge}")


def exclude_upper(edge: str, *, is_rank: bool = False) -> str:
    """An upper edge that does not itself meet the target."""
    if is_rank:
        return translate(f"better than {edge}", f"trên {edge}")
    return translate(f"less than {edge}", f"dưới {edge}")


def _span(promise: Promise, *, marked: bool) -> str:
    """`marked`: edges that do not belong to the range say so."""
    lower, upper = _without_unit(promise), promise.upper or ""
    if marked and promise.lower_open:
        lower = exclude_lower(lower)
    if marked and promise.upper_open:
        upper = exclude_upper(upper)
    return translate(f"{lower} to {upper}", f"{lower} đến {upper}")


def _without_unit(promise: Promise) -> str:
    lower = promise.lower or ""
    return lower if promise.is_rank else lower.removesuffix(promise.unit).rstrip()


def _describe_ceiling(promise: Promise, edge: str) -> str:
    if promise.upper_open:
        return exclude_upper(edge, is_rank=promise.is_rank)
    if promise.is_rank:
        return translate(f"{edge} or better", f"từ {edge} trở lên")
    return translate(f"at most {edge}", f"không quá {edge}")


def _about_note(promise: Promise) -> str:
    """How an approximate number is judged: to the digit, on the side of its goal."""
    if not promise.about or promise.goal == Goal.WITHIN:
        is_exclusive = promise.about and (promise.lower_open or promise.upper_open)
        span = _span(promise, marked=True) if is_exclusive else ""
        return translate(f"read as “{span}”", f"hiểu là “{span}”") if span else ""
    if promise.goal == Goal.AT_LEAST:
        if promise.lower_open:
            return translate("read as “more than”", "hiểu là “trên”")
        return translate("read as “at least”", "hiểu là “ít nhất”")
    if promise.upper_open:
        return translate("read as “less than”", "hiểu là “dưới”")
    return translate("read as “at most”", "hiểu là “không quá”")


def _ambition_note(promise: Promise) -> str:
    if promise.goal not in (Goal.AT_LEAST, Goal.AT_MOST) or promise.lower == promise.upper:
        return ""
    ambition = promise.upper if promise.goal == Goal.AT_LEAST else promise.lower
    return translate(f"ambition {ambition}", f"phấn đấu {ambition}") if ambition else ""
