"""Writing indicators: a formula and the inputs that it names are kept in step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from indicators import signals
from indicators.domain import formulas
from indicators.domain.tokens import FUNCTIONS
from indicators.models import Department, FormulaInput, Indicator, Measurement
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Conflict, Invalid, Item, Unfit
from kpitracker.lib.models import Counter
from kpitracker.lib.texts import text


@transaction.atomic
def create(*, by: Actor, **values: Any) -> Indicator:
    """Raises `Invalid` for a code that a formula could not name, a formula that cannot be read, numbers out of range."""
    found = _resolved(values, None)
    if found["code"] in FUNCTIONS:
        raise Invalid(
            "invalid-code",
            text("This is the name of a function of formulas.", "Đây là tên hàm trong công thức."),
            pointer="/code",
        )
    indicator = writing.insert(Indicator(**found), by=by)
    _rebuild_inputs(indicator)
    return indicator


@transaction.atomic
def change(*, indicator: Indicator, by: Actor, now: datetime, **values: Any) -> Indicator:
    """Raises `Conflict` (in-use) when figures or targets exist that the change would contradict."""
    found = _resolved(values, indicator)
    if found.get("formula") and Measurement.objects.filter(indicator=indicator).exists():
        raise Conflict(
            "in-use",
            text("It has figures: a formula would hide them.", "Đã có số liệu: công thức sẽ che mất chúng."),
            pointer="/formula",
        )
    names = {name for name, value in found.items() if getattr(indicator, name) != value}
    changed = writing.change(indicator, found, by=by)
    _rebuild_inputs(changed)
    signals.indicator_changed.send(sender=Indicator, indicator=changed, now=now, changed=names)
    return changed


@transaction.atomic
def delete(*, indicator: Indicator, by: Actor) -> None:
    """Raises `Conflict` (in-use) when it has figures or anything else refers to it."""
    if Measurement.objects.filter(indicator=indicator).exists():
        raise writing.in_use()
    writing.delete(indicator, by=by)


def _resolved(values: Mapping[str, Any], indicator: Indicator | None) -> dict[str, Any]:
    found = dict(values)
    if "department" in found and not isinstance(found["department"], Department):
        found["department"] = Department.objects.by_code_or_none(found["department"], "/department")

    def after(name: str) -> str:
        return str(found.get(name, getattr(indicator, name, "")) or "")

    # Naming one of the two is enough to leave the other: a PATCH need not clear it first.
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
        _parse(found["formula"])
    return found


def _parse(source: str) -> formulas.Formula:
    try:
        return formulas.parse(source)
    except formulas.InvalidFormula as error:
        raise Invalid(
            "invalid-formula", text(str(error), f"Công thức không đọc được: {error}"), pointer="/formula"
        ) from error


def _rebuild_inputs(indicator: Indicator) -> None:
    """Raises `Unfit` for inputs that do not exist, for a cycle, and for a chain that is too long to be computed."""
    named = _parse(indicator.formula).inputs if indicator.formula else frozenset()
    if named:
        # One at a time: two changes side by side could each close half a circle.
        Counter.hold("structure")
    found = dict(Indicator.objects.filter(code__in=named).values_list("code", "pk"))
    if missing := sorted(named - set(found)):
        raise Unfit(
            items=[
                Item(
                    "/formula", "unknown-indicator", text(f"There is no indicator {c!r}.", f"Không có chỉ tiêu {c!r}.")
                )
                for c in missing
            ]
        )
    FormulaInput.objects.filter(indicator=indicator).delete()
    FormulaInput.objects.bulk_create(FormulaInput(indicator=indicator, input_id=pk) for pk in found.values())
    if named:
        _check_chains()


def _check_chains() -> None:
    parsed = {
        code: _parse(source) for code, source in Indicator.objects.exclude(formula="").values_list("code", "formula")
    }
    if cycle := formulas.find_cycle({code: formula.inputs for code, formula in parsed.items()}):
        path = " → ".join(cycle)
        raise Unfit(
            "formula-cycle",
            text(f"The formula runs in a circle: {path}.", f"Công thức lặp vòng: {path}."),
            pointer="/formula",
        )
    if too_long := sorted(set(parsed) - formulas.within_depth(parsed)):
        raise Unfit(
            "invalid-formula",
            text(f"Too many formulas upon formulas: {too_long[0]}.", f"Công thức chồng quá nhiều tầng: {too_long[0]}."),
            pointer="/formula",
        )
