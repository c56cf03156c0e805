"""The names of what explanations and messages name by a code: they are read when a text is needed, never while assessing."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from indicators.domain.missing_values import MissingSlug
from indicators.models import Area, Indicator, Revision
from kpitracker.lib import clock
from targets.payloads.explanations import AssessmentExplanation, NamePayload, ReasonNamesPayload
from targets.services.evaluation import payloads
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
    for explanation, reporter in zip(explanations, _find_reporters(evaluations), strict=True):
        if reporter is not None:
            explanation["reporter"] = reporter


def name_reason(evaluation: Evaluation) -> ReasonNamesPayload | None:
    """The names in the reason why a target has no value; a query only for those that are not its own."""
    reason, indicator = payloads.reason_payload(evaluation.assessment.reason), evaluation.target.indicator
    if reason is None:
        return None
    codes = {reason["indicator"] or indicator.code}
    indicator_names = _load_names(Indicator, codes, {indicator.code: indicator})
    area_names = _load_names(Area, set(reason["areas"]), {})
    names: ReasonNamesPayload = {
        "indicators": [_name_row(code, indicator_names) for code in indicator_names],
        "areas": [_name_row(code, area_names) for code in area_names],
    }
    (reporter,) = _find_reporters([evaluation])
    if reporter is not None:
        names["reporter"] = reporter
    return names


def name_inputs(evaluation: Evaluation, codes: Collection[str]) -> list[NamePayload]:
    """The names of indicators with these codes but the target's own; a query only where there are others."""
    others = set(codes) - {evaluation.target.indicator.code}
    names = _load_names(Indicator, others, {})
    return [_name_row(code, names) for code in sorted(names)]


def _find_reporters(evaluations: Sequence[Evaluation]) -> list[NamePayload | None]:
    """Who posted the figure without a value that is why a target has none; one query, where there is such a figure."""
    reasons = [(evaluation.target.area_id, evaluation.assessment.reason) for evaluation in evaluations]
    keys = [
        (reason.indicator, area, *reason.period, reason.day, reason.missing_reason)
        if reason is not None and reason.slug == MissingSlug.WITHOUT_VALUE and reason.period is not None
        else None
        for area, reason in reasons
    ]
    requested = {key for key in keys if key is not None}
    if not requested:
        return [None] * len(keys)
    revisions = Revision.objects.valid().filter(
        value=None,
        measurement__indicator__code__in={key[0] for key in requested},
        measurement__area__in={key[1] for key in requested},
        measurement__period_end__in={key[3] for key in requested},
    )
    reporters: dict[object, NamePayload] = {}
    for revision in revisions.select_related("measurement__indicator", "department").order_by("number"):
        figure, department = revision.measurement, revision.department
        span = figure.period_start, figure.period_end
        day = revision.published or clock.local_day(revision.recorded_at)
        if department is not None:
            key = (figure.indicator.code, figure.area_id, *span, day, revision.missing_reason)
            reporters[key] = {"code": department.code, "name": department.name, "name_en": department.name_en}
    return [reporters.get(key) for key in keys]


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
