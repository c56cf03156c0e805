"""The names of what explanations and messages name by a code: they are read when a text is needed, never while assessing."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from indicators.models import Area, Indicator
from targets.payloads.explanations import AssessmentExplanation, MissingReasonPayload, NamePayload, ReasonNamesPayload
from targets.services.evaluation.evaluate import Evaluation

_BATCH_SIZE = 1000
# Name and English name, by code.
_NamesByCode = dict[str, tuple[str, str]]


def add_names(explanations: Sequence[AssessmentExplanation], evaluations: Sequence[Evaluation]) -> None:
    """Write the names of indicators and areas into the explanations: one query per thousand that are not those of targets."""
    indicators = {evaluation.target.indicator.code: evaluation.target.indicator for evaluation in evaluations}
    areas = {evaluation.target.area.code: evaluation.target.area for evaluation in evaluations}
    area_codes = [
        sorted({*_named_areas(explanation), *_missing_areas(evaluation)})
        for explanation, evaluation in zip(explanations, evaluations, strict=True)
    ]
    indicator_codes = {row["code"] for explanation in explanations for row in explanation["indicators"]}
    indicator_names = _load_names(Indicator, indicator_codes, indicators)
    area_names = _load_names(Area, {code for codes in area_codes for code in codes}, areas)
    for explanation, codes in zip(explanations, area_codes, strict=True):
        for row in explanation["indicators"]:
            row["name"], row["name_en"] = indicator_names.get(row["code"], ("", ""))
        explanation["areas"] = [_name_row(code, area_names) for code in codes if code in area_names]


def name_reason(reason: MissingReasonPayload | None, indicator: Indicator) -> ReasonNamesPayload | None:
    """The names in the reason why a target on `indicator` has no value; a query only for those of others."""
    if reason is None:
        return None
    codes = {reason["indicator"] or indicator.code}
    indicator_names = _load_names(Indicator, codes, {indicator.code: indicator})
    area_names = _load_names(Area, set(reason["areas"]), {})
    return {
        "indicators": [_name_row(code, indicator_names) for code in indicator_names],
        "areas": [_name_row(code, area_names) for code in area_names],
    }


def _missing_areas(evaluation: Evaluation) -> Iterator[str]:
    same_period = evaluation.assessment.same_period
    for reason in (evaluation.assessment.reason, same_period.reason if same_period else None):
        yield from reason.areas if reason else ()


def _named_areas(explanation: AssessmentExplanation) -> Iterator[str]:
    if later_reason := explanation.get("later_reason"):
        yield from later_reason["areas"]
    for figure in explanation["figures"]:
        yield from (part["area"] for part in figure.get("parts", []))
    for entry in explanation.get("completeness", []):
        yield from entry["missing"]


def _load_names(
    model: type[Area | Indicator], codes: Collection[str], loaded_rows: Mapping[str, Area] | Mapping[str, Indicator]
) -> _NamesByCode:
    """The names by code. Rows that are loaded already are not read again; a code that does not exist is left out."""
    names = {code: (row.name, row.name_en) for code, row in loaded_rows.items() if code in codes}
    missing = sorted(set(codes) - names.keys())
    for start in range(0, len(missing), _BATCH_SIZE):
        rows = model.objects.filter(code__in=missing[start : start + _BATCH_SIZE])
        names |= {code: (name, name_en) for code, name, name_en in rows.values_list("code", "name", "name_en")}
    return names


def _name_row(code: str, names: _NamesByCode) -> NamePayload:
    name, name_en = names[code]
    return {"code": code, "name": name, "name_en": name_en}
