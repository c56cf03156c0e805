"""What the parts of a whole contributed to the growth of a target. Computed on request, never stored."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from indicators.domain.choices import Accumulation
from indicators.domain.periods import Period
from indicators.models import Area, Indicator
from indicators.services.figures.series import load_area_tree, load_resolvers
from kpitracker.lib.actor import Actor
from kpitracker.lib.i18n.text import in_both_languages, text
from targets.domain.contributions import (
    Contribution,
    NoContributionsSlug,
    PartsBy,
    break_down_growth,
    compare_with_year_before,
    find_missing_points,
)
from targets.payloads.contributions import (
    ContributionFileRow,
    ContributionPayload,
    ContributionsPayload,
    MissingContributionsPayload,
)
from targets.services.evaluation.evaluate import Evaluation
from targets.services.evaluation.payloads import (
    FormatNumber,
    display_decimal,
    display_places,
    reason_payload,
    round_to_places,
)
from targets.services.evaluation.target_versions import find_assessed_day

NOT_EXPLAINED = text("not explained", "chưa giải thích")


class ContributionQuery(NamedTuple):
    """Who asks about what. `parts_by`: what the parts are to be; None: indicators, where it names any, else areas."""

    by: Actor
    as_of: date
    today: date
    recorded_by: datetime | None = None
    parts_by: PartsBy | None = None


class _Part(NamedTuple):
    """An indicator in an area, whose values are one part of the whole; `row` gives its name."""

    indicator: Indicator
    area: Area
    row: Indicator | Area


def find_contributions(evaluation: Evaluation, query: ContributionQuery) -> ContributionsPayload:
    """The contributions to the growth of an evaluated target, in a fixed number of queries.

    Parts that the actor may not see are left out, and so stand in what is not explained: it is what the actor could
    compute from the whole and the other parts.
    """
    payload = _empty_payload(evaluation)
    whole = _find_whole(evaluation)
    if whole is None:
        return {**payload, "reason": _no_contributions(NoContributionsSlug.NO_GROWTH)}
    payload = {**payload, "indicator": whole.code}
    actual = evaluation.assessment.inputs.actual
    if actual is None:
        return {**payload, "reason": _missing_growth(evaluation)}
    parts_by, parts = _find_parts(whole, evaluation.target.area, actual.span, query)
    if parts_by is None:
        return {**payload, "reason": _no_contributions(NoContributionsSlug.NO_PARTS)}
    return _break_down(evaluation, query, whole, parts_by, parts, {**payload, "parts_by": parts_by.value})


def _empty_payload(evaluation: Evaluation) -> ContributionsPayload:
    return {
        "target": evaluation.target.identifier,
        "as_of": evaluation.as_of.isoformat(),
        "version": evaluation.version.number,
        "indicator": None,
        "parts_by": None,
        "period": None,
        "base_period": None,
        "value": None,
        "base": None,
        "growth": None,
        "required": None,
        "more": None,
        "parts": [],
        "not_explained": None,
        "reason": None,
    }


def _find_whole(evaluation: Evaluation) -> Indicator | None:
    """The indicator x of a target on yoy(x). Who sees the target sees it: hidden inputs hide the formula."""
    inputs = evaluation.assessment.inputs
    formula = inputs.resolver.formula(inputs.indicator)
    code = None if formula is None else formula.growth_input()
    return None if code is None else Indicator.objects.filter(code=code).first()


def _missing_growth(evaluation: Evaluation) -> MissingContributionsPayload:
    reason = reason_payload(evaluation.assessment.reason)
    if reason is None:
        return _no_contributions(NoContributionsSlug.WITHOUT_NUMBER)
    return {**reason}


def _no_contributions(slug: NoContributionsSlug) -> MissingContributionsPayload:
    return {"slug": slug.value, "indicator": None, "period": None, "day": None, "areas": [], "missing_reason": None}


def _find_parts(
    whole: Indicator, area: Area, span: Period, query: ContributionQuery
) -> tuple[PartsBy | None, list[_Part]]:
    if query.parts_by is not PartsBy.AREAS:
        part_rows = Indicator.objects.visible_to(query.by).filter(wholes=whole).order_by("code")
        if parts := [_Part(row, area, row) for row in part_rows]:
            return PartsBy.INDICATORS, parts
    if query.parts_by is not PartsBy.INDICATORS and whole.regional:
        tree = load_area_tree()
        nodes = tree.expected_to_report(tree.children(area.pk), span, Accumulation(whole.accumulation))
        child_rows = Area.objects.filter(pk__in=[node.id for node in nodes]).order_by("code")
        if parts := [_Part(whole, row, row) for row in child_rows]:
            return PartsBy.AREAS, parts
    return None, []


def _break_down(
    evaluation: Evaluation,
    query: ContributionQuery,
    whole: Indicator,
    parts_by: PartsBy,
    parts: Sequence[_Part],
    payload: ContributionsPayload,
) -> ContributionsPayload:
    inputs, indicator = evaluation.assessment.inputs, evaluation.target.indicator
    actual = inputs.actual
    assert actual is not None
    span, base_span = actual.span, actual.span.years_before(1)
    value, base = (inputs.resolver.value(whole.code, period) for period in (span, base_span))
    assert value is not None  # The growth was computed from both.
    assert base is not None
    day = find_assessed_day(evaluation.target, query.as_of, query.recorded_by)
    resolvers = load_resolvers(
        {(part.indicator.pk, part.area.pk) for part in parts}, day, query.today, query.recorded_by
    )
    changes = [
        compare_with_year_before(resolvers[part.area.pk], part.indicator.code, part.row.code, span) for part in parts
    ]
    missing = find_missing_points(inputs.terms, actual.value)
    breakdown = break_down_growth(actual.value, base, changes, missing, display_places(indicator))
    parts_by_code = {part.row.code: part for part in parts}
    format_points = partial(round_to_places, places=display_places(indicator))
    rest = breakdown.not_explained
    return {
        **payload,
        "period": str(span),
        "base_period": str(base_span),
        "value": display_decimal(value, whole),
        "base": display_decimal(base, whole),
        "growth": format_points(breakdown.growth),
        "required": format_points(breakdown.required),
        "more": format_points(breakdown.more),
        "parts": [_part_payload(row, parts_by_code[row.part.key], format_points) for row in breakdown.parts],
        "not_explained": {
            "contribution": format_points(rest.points),
            "share": format_points(rest.share),
            "more": format_points(rest.more),
        },
    }


def _part_payload(row: Contribution, part: _Part, format_points: FormatNumber) -> ContributionPayload:
    return {
        "indicator": part.indicator.code,
        "area": part.area.code,
        "name": part.row.name,
        "name_en": part.row.name_en,
        "value": display_decimal(row.part.value, part.indicator),
        "base": display_decimal(row.part.base, part.indicator),
        "contribution": format_points(row.points),
        "growth": format_points(row.growth),
        "share": format_points(row.share),
        "more": format_points(row.more),
        "reason": reason_payload(row.part.reason),
    }


def file_rows(payload: ContributionsPayload) -> list[ContributionFileRow]:
    """The parts and, in the last row, what is not explained, as rows of a file."""
    rows: list[ContributionFileRow] = [
        {**part, "reason": part["reason"]["slug"] if part["reason"] else ""} for part in payload["parts"]
    ]
    if payload["not_explained"] is None:
        return rows
    name, name_en = in_both_languages(NOT_EXPLAINED)["vi"], in_both_languages(NOT_EXPLAINED)["en"]
    rest: ContributionFileRow = {
        "indicator": "",
        "area": "",
        "name": name,
        "name_en": name_en,
        "value": None,
        "base": None,
        "growth": None,
        "reason": "",
        **payload["not_explained"],
    }
    return [*rows, rest]
