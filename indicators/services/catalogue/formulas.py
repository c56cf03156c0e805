"""Keep the stored inputs of indicators in step with their formulas, and refuse formulas that cannot be computed."""

from collections.abc import Mapping
from typing import Any

from indicators.domain import formulas
from indicators.models import CheckInput, FormulaInput, Indicator
from kpitracker.lib.errors import ProblemItem, Unprocessable, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import CommitSequence


def parse_formula(source: str, pointer: str = "/formula") -> formulas.Formula:
    """Raises `ValidationProblem` (invalid-formula) with the position in the text."""
    try:
        return formulas.parse_formula(source)
    except formulas.InvalidFormula as error:
        raise ValidationProblem(
            "invalid-formula", text(str(error), f"Công thức không đọc được: {error}"), pointer=pointer
        ) from error


def rebuild_inputs(indicator: Indicator) -> None:
    """Store the inputs that the formula and the check formula name, in place of the former ones.

    Raises `Unprocessable` for inputs that do not exist, for a cycle, for a chain that is too deep, and for a check formula
    that reads a restricted indicator.
    """
    formula_codes = parse_formula(indicator.formula).inputs if indicator.formula else frozenset()
    check_codes = (
        parse_formula(indicator.check_formula, "/check_formula").inputs if indicator.check_formula else frozenset()
    )
    if formula_codes or check_codes or indicator.restricted:
        # One change at a time: two concurrent changes could each add one half of a cycle.
        CommitSequence.lock("structure")
    _replace_inputs(FormulaInput, indicator, resolve_codes(formula_codes, "/formula"))
    _replace_inputs(CheckInput, indicator, resolve_codes(check_codes, "/check_formula"))
    if formula_codes:
        check_formula_chains()
    validate_check_formulas(indicator)


def _replace_inputs(model: Any, indicator: Indicator, inputs: dict[str, int]) -> None:
    model.objects.filter(indicator=indicator).delete()
    model.objects.bulk_create(model(indicator=indicator, input_id=pk) for pk in inputs.values())


def resolve_codes(codes: frozenset[str], pointer: str) -> dict[str, int]:
    """Ids by code. Raises `Unprocessable` (unknown-indicator)."""
    ids_by_code = dict(Indicator.objects.filter(code__in=codes).values_list("code", "pk")) if codes else {}
    check_codes_exist(codes, set(ids_by_code), pointer)
    return ids_by_code


def check_codes_exist(codes: frozenset[str], existing: set[str], pointer: str) -> None:
    """Raises `Unprocessable` (unknown-indicator)."""
    if missing := sorted(codes - existing):
        raise Unprocessable(
            items=[
                ProblemItem(
                    pointer,
                    "unknown-indicator",
                    text(f"There is no indicator {code!r}.", f"Không có chỉ số {code!r}."),
                )
                for code in missing
            ]
        )


def check_formula_chains(unsaved: dict[str, str] | None = None) -> None:
    """Check all formulas together. `unsaved`: formulas by code, checked as if they were saved.

    Raises `Unprocessable` (formula-cycle, invalid-formula).
    """
    stored_sources = dict(Indicator.objects.exclude(formula="").values_list("code", "formula"))
    formulas_by_code = {code: parse_formula(source) for code, source in (stored_sources | (unsaved or {})).items()}
    if cycle := formulas.find_cycle({code: formula.inputs for code, formula in formulas_by_code.items()}):
        raise _cycle_error(cycle, "/formula")
    if too_long := sorted(set(formulas_by_code) - formulas.computable_codes(formulas_by_code)):
        raise Unprocessable(
            "invalid-formula",
            text(f"Formulas are nested too deeply: {too_long[0]}.", f"Công thức chồng quá nhiều tầng: {too_long[0]}."),
            pointer="/formula",
        )


def _cycle_error(codes: list[str], pointer: str) -> Unprocessable:
    path = " → ".join(codes)
    return Unprocessable(
        "formula-cycle",
        text(f"The formula runs in a circle: {path}.", f"Công thức lặp vòng: {path}."),
        pointer=pointer,
    )


def validate_check_formulas(changed_indicator: Indicator, unsaved: Mapping[int, set[int]] | None = None) -> None:
    """Check the check formulas of all indicators: a change to one indicator can make the check of another invalid.

    `unsaved`: by indicator id, the ids that its unsaved formula reads. Raises `Unprocessable` (formula-cycle, unprocessable).
    """
    inputs_by_check = Indicator.objects.inputs_of_check_formulas(unsaved)
    if not inputs_by_check:
        return
    restricted_ids = set(Indicator.objects.filter(restricted=True).values_list("pk", flat=True))
    codes_by_id = dict(Indicator.objects.filter(pk__in=inputs_by_check).values_list("pk", "code"))
    for pk, input_ids in inputs_by_check.items():
        is_own_check = pk == changed_indicator.pk
        if pk in input_ids:
            raise _cycle_error(
                [codes_by_id[pk], "…", codes_by_id[pk]], "/check_formula" if is_own_check else "/formula"
            )
        if input_ids & restricted_ids:
            # The warning would show the restricted value to every user who may see the checked figure.
            raise Unprocessable(
                "unprocessable",
                text(
                    f"The check of {codes_by_id[pk]} would read a restricted indicator.",
                    f"Công thức kiểm tra của {codes_by_id[pk]} sẽ đọc chỉ số hạn chế.",
                ),
                pointer="/check_formula"
                if is_own_check
                else "/restricted"
                if changed_indicator.restricted
                else "/formula",
            )
