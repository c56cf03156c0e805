"""Evaluate hypothetical figures and terms with the ordinary core. Nothing is stored and no alert opens."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.models import Indicator
from indicators.querysets import Pair
from indicators.services import areas
from indicators.services.books import gather
from indicators.services.measurements import check_stored
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError, Invalid, Item, Unfit
from kpitracker.lib.texts import text
from targets.domain.scores import roll_up
from targets.models import Plan, Target, TargetVersion
from targets.services import judgements, scorecards, targets, terms
from targets.services.judging import Judged, judge

# A recording order after that of every stored figure.
_LAST = 1 << 128


class Supposed(NamedTuple):
    """A hypothetical figure. `area` None: the target's area, or the home area; `value` None: as if withdrawn."""

    period: Period
    value: Decimal | None
    indicator: str | None = None
    area: str | None = None
    qualifier: str = ""
    stage: str = ""


class Answer(NamedTuple):
    """The same targets evaluated without and with the hypothetical figures and terms."""

    before: list[Judged]
    after: list[Judged]


def of_target(
    *, target: Target, by: Actor, as_of: date, today: date, figures: Sequence[Supposed], band: Mapping[str, Any]
) -> Answer:
    """Evaluate one target as of a day, which may be in the future. A figure without an indicator is the target's.

    Raises `Invalid`, `Unfit` (unknown-..., computed-indicator), `Missing` (not-announced).
    """
    terms.judged_version(target, as_of)
    named = [
        each._replace(indicator=each.indicator or target.indicator.code, area=each.area or target.area.code)
        for each in figures
    ]
    return _answer([target], by, as_of, today, named, {target.identifier: band} if band else {})


def of_plan(
    *,
    plan: Plan,
    by: Actor,
    as_of: date,
    today: date,
    figures: Sequence[Supposed],
    bands: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """The hypothetical scorecard of a plan, the totals without it (`before`), and each target that would differ."""
    seen = list(Target.objects.shown().visible_to(by).filter(plan=plan).order_by("section", "identifier"))
    if unknown := sorted(set(bands) - {each.identifier for each in seen}):
        detail = text(f"The plan has no target {unknown[0]!r}.", f"Kế hoạch không có chỉ tiêu {unknown[0]!r}.")
        raise Unfit("unknown-target", detail, pointer=f"/bands/{unknown[0]}")
    answer = _answer(seen, by, as_of, today, figures, bands)
    day = min(as_of, today)
    before, after = (scorecards.counted_all(group, day) for group in (answer.before, answer.after))
    return {
        "as_of": as_of.isoformat(),
        "before": roll_up(before)["totals"],
        **roll_up(after, scorecards.departments_above()),
        "changes": scorecards.differences(map(scorecards.seen, answer.before), map(scorecards.seen, answer.after)),
        "targets": [scorecards.flat_row(each) for each in answer.after],
    }


def _answer(
    seen: list[Target],
    by: Actor,
    as_of: date,
    today: date,
    figures: Sequence[Supposed],
    bands: Mapping[str, Mapping[str, Any]],
) -> Answer:
    pairs = {(each.indicator_id, each.area_id) for each in seen}
    known = min(as_of, today)
    supposed = _supposed(figures, by, as_of)
    before, after = gather(pairs, known, today), gather(pairs, known, today, instead=supposed)
    found = judgements.in_force(seen, as_of)
    versions = [(each, version) for each in seen if (version := terms.version_in_force(each, as_of))]
    return Answer(
        [judge(target, version, before[target.area_id], as_of, found.get(target.pk)) for target, version in versions],
        [
            judge(
                target,
                _under(target, version, bands.get(target.identifier)),
                after[target.area_id],
                as_of,
                found.get(target.pk),
            )
            for target, version in versions
        ],
    )


def _supposed(figures: Sequence[Supposed], by: Actor, as_of: date) -> dict[Pair, dict[Period, Figure]]:
    found: dict[Pair, dict[Period, Figure]] = defaultdict(dict)
    for place, each in enumerate(figures):
        try:
            if each.indicator is None:
                raise Invalid("required", text("Say which indicator.", "Hãy nêu chỉ tiêu."), pointer="/indicator")
            indicator: Indicator = Indicator.objects.visible_to(by).by_code(each.indicator, "/indicator")
            check_stored(indicator)
            area = areas.by_code_or_home(each.area)
        except DomainError as error:
            raise _placed(error, f"/figures/{place}") from error
        shelf = found[indicator.pk, area.pk]
        if each.period in shelf:
            detail = text(f"{each.period} is given twice.", f"{each.period} bị lặp.")
            raise Invalid("duplicate-row", detail, pointer=f"/figures/{place}/period")
        shelf[each.period] = Figure(
            "", 0, *each.period, each.value, each.qualifier, each.stage, as_of, _LAST + place, as_of
        )
    return found


def _placed(error: DomainError, place: str) -> DomainError:
    items = [Item(place + item.pointer, item.slug, item.detail) for item in error.items]
    return type(error)(items=items) if items else error


def _under(target: Target, version: TargetVersion, band: Mapping[str, Any] | None) -> TargetVersion:
    """The version with other terms. Raises the errors of an amendment."""
    return targets.supposed(target, version, band) if band else version
