"""The living demo plan: the plan of 2024 copied to this year, for an area of its own, with invented figures.

No real series gets an invented figure: the area is another, and its name, the plan and every figure say what they are.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from indicators.domain.periods import Period
from indicators.domain.rounding import to_plain_string
from indicators.importing import figure_lists
from indicators.models import Area, Measurement
from indicators.services.catalogue import areas
from indicators.services.figures import recording
from indicators.services.figures.recording import FigureInput
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from targets.demo import invented_figures
from targets.demo.invented_figures import OFF_TRACK, InventedFigure
from targets.domain.choices import Profile, Status, VersionState
from targets.models import Plan, Target
from targets.services.planning import actions, judgements, plan_copies, plans, targets

FOUNDING_PLAN: Final = "hcmc-2024"
AREA: Final = "hcmc-demo"
# Source of every figure, act of every target.
SOURCE: Final = "Số liệu giả định để minh họa / Invented for demonstration"
_NOTE: Final = (
    "Chép từ kế hoạch năm 2024. Đơn vị chủ trì, thời hạn và mọi số liệu đều là giả định để minh họa, không có thật. / "
    "Copied from the plan of 2024. Leads, due days and all figures are invented for demonstration; none is real."
)
_AREA_VALUES: Final = {
    "code": AREA,
    "name": "TP. Hồ Chí Minh – số liệu giả định để minh họa",
    "name_en": "Ho Chi Minh City – figures invented for demonstration",
    "kind": "other",
    # Below the city: a second root would leave posts that name no area without a home.
    "parent": "hcmc",
    "note": _NOTE,
}
_LEADS: Final = {
    OFF_TRACK: "so-tai-chinh",
    "budget-revenue-pct-estimate": "so-tai-chinh",
    "tourism-revenue": "so-du-lich",
    "foreign-visitors": "so-du-lich",
    "domestic-visitors": "so-du-lich",
    "new-jobs": "so-lao-dong",
}
_FROM_ZERO: Final = {OFF_TRACK, "budget-revenue-pct-estimate"}
_ACTION_TEXT: Final = (
    "(Ví dụ minh họa) Rà soát các dự án giải ngân chậm, báo cáo Ủy ban nhân dân Thành phố. / "
    "(Example) Review the projects that disburse slowly and report to the People's Committee."
)
_ACTION_DAYS: Final = 14
_JUDGEMENT_REASON: Final = (
    "(Ví dụ minh họa) Khảo sát giả định: 93 % hài lòng. / (Example) Invented survey: 93 % are satisfied."
)


class LivingPlanReport(NamedTuple):
    """What a loading has added."""

    plans: list[str]
    figures: int


def load_living_plans(*, by: Actor, now: datetime) -> LivingPlanReport:
    """Add the living plans and invented figures that are missing, all quietly but one.

    With the first figures of a year the last one of `OFF_TRACK` is news, so its alert is real; an action and a judgement
    are added with it. What exists stays as it is, also a figure that was changed or withdrawn since.
    """
    today = clock.local_day(now)
    if not Area.objects.filter(code=AREA).exists():
        areas.create_area(by=by, **_AREA_VALUES)
    added_plans = [code for year in invented_figures.plan_years(today) if (code := _add_plan(year, by, now))]
    figures, news = _missing_figures(today)
    count = figure_lists.import_figures(
        [_to_row(figure) for figure in figures], by=by, now=now, name=f"{AREA} {today}", quiet=True
    )
    if news is not None:
        recording.record_figure(figure=FigureInput(**_to_input(news)), by=by, now=now)
        _add_responses(news.period.end.year, by, now)
    return LivingPlanReport(added_plans, count + (news is not None))


def _add_plan(year: int, by: Actor, now: datetime) -> str | None:
    """Return the code of the plan of this year if it did not exist."""
    code = f"demo-{year}"
    if Plan.objects.filter(code=code).exists():
        return None
    plan = plan_copies.copy_plan(
        plan=Plan.objects.get(code=FOUNDING_PLAN),
        by=by,
        now=now,
        code=code,
        name=f"Kế hoạch minh họa năm {year} (số liệu giả định, không có thật)",
        period=Period.parse(str(year)),
        area=Area.objects.get(code=AREA),
        announced=date(year - 1, 12, 1),
    ).plan
    names = {"name_en": f"Demonstration plan of {year} (invented figures, none is real)"}
    plans.update_plan(plan=plan, by=by, **names, note=_NOTE, source=SOURCE, act=SOURCE)
    for target in Target.objects.filter(plan=plan).select_related("plan__department", "indicator", "area"):
        _adopt(target, year, by, now)
    return code


def _adopt(target: Target, year: int, by: Actor, now: datetime) -> None:
    indicator = target.indicator.code
    terms: dict[str, Any] = {}
    if indicator in _FROM_ZERO:
        terms = {"baseline": 0, "baseline_date": date(year - 1, 12, 31)}
        if indicator != OFF_TRACK:
            terms["profile"] = Profile.PATH.value
    values: dict[str, Any] = {"note": _NOTE, "department": _LEADS.get(indicator)}
    if target.result_due is None and target.indicator.frequency != "year":
        # Later than the figures of January: the plan of the last year is open until this year has figures.
        values["result_due"] = date(year + 1, 2, 28)
    adopted = targets.amend_target(
        target=target,
        by=by,
        now=now,
        announced=date(year - 1, 12, 10),
        state=VersionState.ADOPTED.value,
        act=SOURCE,
        note=_NOTE,
        **terms,
    ).target
    targets.update_target(target=adopted, by=by, now=now, **values)


def _missing_figures(today: date) -> tuple[list[InventedFigure], InventedFigure | None]:
    """Return the figures that were never stored, and apart from them the one that is news, if any."""
    stored = {
        (code, Period(start, end))
        for code, start, end in Measurement.objects.filter(area__code=AREA).values_list(
            "indicator__code", "period_start", "period_end"
        )
    }
    figures = invented_figures.list_figures(today)
    missing = [figure for figure in figures if (figure.indicator, figure.period) not in stored]
    last = max((figure for figure in figures if figure.indicator == OFF_TRACK), key=lambda figure: figure.period.end)
    year = last.period.end.year
    if any(code == OFF_TRACK and period.end.year == year for code, period in stored):
        return missing, None
    missing.remove(last)
    return missing, last


def _add_responses(year: int, by: Actor, now: datetime) -> None:
    by_indicator = {
        target.indicator.code: target
        for target in Target.objects.filter(plan__code=f"demo-{year}").select_related("plan__department", "indicator")
    }
    if target := by_indicator.get(OFF_TRACK):
        due_day = clock.local_day(now) + timedelta(days=_ACTION_DAYS)
        actions.create_action(by=by, now=now, target=target, text=_ACTION_TEXT, due_day=due_day)
    if target := by_indicator.get("service-satisfaction"):
        judgements.record_judgement(
            target=target, by=by, now=now, status=Status.ON_TRACK.value, reason=_JUDGEMENT_REASON
        )


def _to_input(figure: InventedFigure) -> dict[str, Any]:
    reason = "not_available" if figure.value is None else ""
    return {**figure._asdict(), "area": AREA, "missing_reason": reason, "source": SOURCE}


def _to_row(figure: InventedFigure) -> dict[str, str | None]:
    return {
        **_to_input(figure),
        "period": str(figure.period),
        "value": None if figure.value is None else to_plain_string(figure.value),
        "published": figure.published.isoformat(),
    }
