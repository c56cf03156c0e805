"""Keep the stored inputs of indicators in step with their formulas, and refuse formulas that cannot be computed."""

from collections.abc import Mapping
from typing import Any

from indicators.domain import formulas
from indicators.models import CheckInput, FormulaInput, Indicator
from kpitracker.lib.errors import Invalid, Item, Unfit
from kpitracker.lib.models import Counter
from kpitracker.lib.texts import text


def parse(source: str, pointer: str = "/formula") -> formulas.Formula:
    """Raises `Invalid` (invalid-formula) with the position in the text."""
    try:
        return formulas.parse(source)
    except formulas.InvalidFormula as error:
        raise Invalid(
            "invalid-formula", text(str(error), f"Công thức không đọc được: {error}"), pointer=pointer
        ) from error


def rebuild(indicator: Indicator) -> None:
    """Store the inputs that the formula and the check formula name, in place of the former ones.

    Raises `Unfit` for inputs that do not exist, for a cycle, for a chain that is too deep, and for a check formula
    that reads a restricted indicator.
    """
    named = parse(indicator.formula).inputs if indicator.formula else frozenset()
    checked = parse(indicator.check_formula, "/check_formula").inputs if indicator.check_formula else frozenset()
    if named or checked or indicator.restricted:
        # One change at a time: two concurrent changes could each add one half of a cycle.
        Counter.hold("structure")
    _replace(FormulaInput, indicator, known(named, "/formula"))
    _replace(CheckInput, indicator, known(checked, "/check_formula"))
    if named:
        check_chains()
    check_checks(indicator)


def _replace(model: Any, indicator: Indicator, inputs: dict[str, int]) -> None:
    model.objects.filter(indicator=indicator).delete()
    model.objects.bulk_create(model(indicator=indicator, input_id=pk) for pk in inputs.values())


def known(named: frozenset[str], pointer: str) -> dict[str, int]:
    """Ids by code. Raises `Unfit` (unknown-indicator)."""
    found = dict(Indicator.objects.filter(code__in=named).values_list("code", "pk")) if named else {}
    check_known(named, set(found), pointer)
    return found


def check_known(named: frozenset[str], found: set[str], pointer: str) -> None:
    """Raises `Unfit` (unknown-indicator)."""
    if missing := sorted(named - found):
        raise Unfit(
            items=[
                Item(pointer, "unknown-indicator", text(f"There is no indicator {c!r}.", f"Không có chỉ tiêu {c!r}."))
                for c in missing
            ]
        )


def check_chains(unsaved: dict[str, str] | None = None) -> None:
    """Check all formulas together. `unsaved`: formulas by code, checked as if they were saved.

    Raises `Unfit` (formula-cycle, invalid-formula).
    """
    stored = dict(Indicator.objects.exclude(formula="").values_list("code", "formula"))
    parsed = {code: parse(source) for code, source in (stored | (unsaved or {})).items()}
    if cycle := formulas.find_cycle({code: formula.inputs for code, formula in parsed.items()}):
        raise _cycle(cycle, "/formula")
    if too_long := sorted(set(parsed) - formulas.within_depth(parsed)):
        raise Unfit(
            "invalid-formula",
            text(f"Formulas are nested too deeply: {too_long[0]}.", f"Công thức chồng quá nhiều tầng: {too_long[0]}."),
            pointer="/formula",
        )


def _cycle(codes: list[str], pointer: str) -> Unfit:
    path = " → ".join(codes)
    return Unfit(
        "formula-cycle",
        text(f"The formula runs in a circle: {path}.", f"Công thức lặp vòng: {path}."),
        pointer=pointer,
    )


def check_checks(changed: Indicator, unsaved: Mapping[int, set[int]] | None = None) -> None:
    """Check the check formulas of all indicators: a change to one indicator can make the check of another invalid.

    `unsaved`: by indicator id, the ids that its unsaved formula reads. Raises `Unfit` (formula-cycle, unprocessable).
    """
    checks = Indicator.objects.checks(unsaved)
    if not checks:
        return
    restricted = set(Indicator.objects.filter(restricted=True).values_list("pk", flat=True))
    codes = dict(Indicator.objects.filter(pk__in=checks).values_list("pk", "code"))
    for pk, reads in checks.items():
        own = pk == changed.pk
        if pk in reads:
            raise _cycle([codes[pk], "…", codes[pk]], "/check_formula" if own else "/formula")
        if reads & restricted:
            # The warning would show the restricted value to every user who may see the checked figure.
            raise Unfit(
                "unprocessable",
                text(
                    f"The check of {codes[pk]} would read a restricted indicator.",
                    f"Công thức kiểm tra của {codes[pk]} sẽ đọc chỉ tiêu hạn chế.",
                ),
                pointer="/check_formula" if own else "/restricted" if changed.restricted else "/formula",
            )
