"""Create, change and delete indicators, and keep their stored inputs in step with their formulas."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from indicators import signals
from indicators.domain.regions import adds_up
from indicators.domain.tokens import FUNCTIONS
from indicators.domain.vocabulary import Accumulation, Kind
from indicators.models import Department, Indicator, Measurement
from indicators.services import inputs
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Conflict, Invalid
from kpitracker.lib.texts import text


@transaction.atomic
def create(*, by: Actor, **values: Any) -> Indicator:
    """Raises `Invalid` for a code that is a function name, an invalid formula, numbers out of range."""
    found = _resolved(values, None)
    if found["code"] in FUNCTIONS:
        raise Invalid(
            "invalid-code",
            text("This is the name of a function of formulas.", "Đây là tên hàm trong công thức."),
            pointer="/code",
        )
    indicator = writing.insert(Indicator(**found), by=by)
    inputs.rebuild(indicator)
    return indicator


@transaction.atomic
def change(*, indicator: Indicator, by: Actor, now: datetime, **values: Any) -> Indicator:
    """Raises `Conflict` (in-use) when the change contradicts existing figures or targets."""
    found = _resolved(values, indicator)
    if found.get("formula") and Measurement.objects.filter(indicator=indicator).exists():
        raise Conflict(
            "in-use",
            text("It has figures: a formula would hide them.", "Đã có số liệu: công thức sẽ che mất chúng."),
            pointer="/formula",
        )
    names = {name for name, value in found.items() if getattr(indicator, name) != value}
    changed = writing.change(indicator, found, by=by)
    inputs.rebuild(changed)
    signals.indicator_changed.send(sender=Indicator, indicator=changed, now=now, changed=names)
    return changed


@transaction.atomic
def delete(*, indicator: Indicator, by: Actor) -> None:
    """Raises `Conflict` (in-use) when the indicator has figures or anything else refers to it."""
    if Measurement.objects.filter(indicator=indicator).exists():
        raise writing.in_use()
    writing.delete(indicator, by=by)


def _resolved(values: Mapping[str, Any], indicator: Indicator | None) -> dict[str, Any]:
    found = dict(values)
    if "department" in found and not isinstance(found["department"], Department):
        found["department"] = Department.objects.by_code_or_none(found["department"], "/department")

    def after(name: str) -> str:
        return str(found.get(name, getattr(indicator, name, "")) or "")

    # Setting one of the two clears the other, so that a PATCH need not clear it explicitly.
    if found.get("formula") and "accumulation" not in values:
        found["accumulation"] = ""
    if found.get("accumulation") and "formula" not in values:
        found["formula"] = ""
    if bool(after("accumulation")) == bool(after("formula")):
        detail = text("Exactly one of accumulation and formula.", "Cần đúng một trong hai: accumulation hoặc formula.")
        if after("formula"):
            raise Invalid("invalid-formula", detail, pointer="/formula")
        raise Invalid("required", detail, pointer="/accumulation")
    if found.get("formula"):
        inputs.parse(found["formula"])
    _check_doubts(found, indicator)
    _check_regional(found, indicator)
    return found


def _check_regional(found: Mapping[str, Any], indicator: Indicator | None) -> None:
    """Raises `Invalid` (invalid-regional) for an indicator that cannot be summed over areas."""

    def after(name: str, default: str = "") -> str:
        return str(found.get(name, getattr(indicator, name, default)) or "")

    accumulation = after("accumulation")
    if after("regional") and not adds_up(
        Kind(after("kind", "level")), Accumulation(accumulation) if accumulation else None
    ):
        raise Invalid(
            "invalid-regional",
            text(
                "Only levels and counts that accumulate as sum or last are added up over areas; "
                "a formula is computed from its inputs' sums.",
                "Chỉ cộng được mức và số lượng có cách cộng gộp sum hoặc last; công thức được tính từ tổng các đầu vào.",
            ),
            pointer="/regional",
        )


def _check_doubts(found: Mapping[str, Any], indicator: Indicator | None) -> None:
    """Raises `Invalid` (invalid-formula, invalid-band) for plausibility rules that cannot be applied to a figure."""

    def after(name: str) -> Any:
        return found.get(name, getattr(indicator, name, None))

    if found.get("check_formula"):
        inputs.parse(found["check_formula"], "/check_formula")
    if after("check_formula") and after("formula"):
        detail = text(
            "A computed indicator has no posted figures to check.",
            "Chỉ tiêu tính toán không có số liệu gửi để kiểm tra.",
        )
        raise Invalid("invalid-formula", detail, pointer="/check_formula")
    low, high = after("usual_low"), after("usual_high")
    if low is not None and high is not None and low > high:
        raise Invalid(
            "invalid-band",
            text("The lower bound is above the upper bound.", "Cận dưới lớn hơn cận trên."),
            pointer="/usual_high",
        )
