"""Record single figures: load, decide and write in one transaction."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction

from indicators import signals
from indicators.domain.periods import Period
from indicators.domain.recording import Content, Decision, Outcome, decide
from indicators.models import Area, Indicator, Measurement, Revision
from indicators.services import areas, doubts, duties, history
from indicators.services.doubts import Change
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.database import hold_row
from kpitracker.lib.errors import Conflict, Invalid, Item, NotPermitted, Unfit
from kpitracker.lib.texts import text

# The fields of a posted figure, in the order of forms, files and exports.
FIELDS = (
    "indicator",
    "area",
    "period",
    "value",
    "missing_reason",
    "qualifier",
    "stage",
    "published",
    "source",
    "note",
)


class Posted(NamedTuple):
    """One figure as posted. `published`: a day, or None for unknown. `area`: a code, or None for the home area."""

    indicator: str
    period: Period
    published: date | None
    area: str | None = None
    value: Decimal | None = None
    missing_reason: str = ""
    qualifier: str = ""
    stage: str = ""
    source: str = ""
    note: str = ""

    @property
    def content(self) -> Content:
        return Content(self.value, self.missing_reason, self.qualifier, self.stage, self.source, self.note)


class Recorded(NamedTuple):
    """The result of posting a figure. `revision` has the posted content, `previous` is the revision before it."""

    outcome: Outcome
    revision: Revision
    measurement: Measurement
    indicator: Indicator
    area: Area
    previous: Revision | None
    warnings: Sequence[Item]


@transaction.atomic
def record(*, figure: Posted, by: Actor, now: datetime) -> Recorded:
    """Record one figure with its revision, and mark its series for assessment.

    Raises `Invalid` (a day after today), `NotPermitted` (no duty; backdated without `figures:history`),
    `Unfit` (unknown-indicator, unknown-area, computed-indicator, stage-regression), `Conflict` (period-locked).
    """
    today = clock.local_day(now)
    quiet = check_published(figure.published, today, by)
    indicator, area = _check_references(figure, by, today)
    writer = history.Writer(indicator=indicator, area=area, by=by, now=now, quiet=quiet)
    warnings = warnings_of([Change(indicator, area.pk, figure.period, figure.value)], today).get(0, [])
    if not writer.exists(figure.period):
        check_open(indicator=indicator, area=area, period=figure.period, by=by, now=now)
        if created := writer.create(figure.period, figure.published, figure.content, warnings):
            told = [*warnings, *_waits(created)]
            return Recorded(Outcome.CREATED, created, created.measurement, indicator, area, None, told)
    return _revise(figure, writer, warnings)


def _revise(figure: Posted, writer: history.Writer, warnings: list[Item]) -> Recorded:
    measurement, revisions = writer.locked(figure.period)
    # A revision that needs approval is also compared with pending ones; any other only with those in force.
    known = {"valid", "approved", "pending"} if writer.waits else {"valid", "approved"}
    entries = [history.entry(revision) for revision in revisions if history.state_of(revision) in known]
    decision = decide(figure.content, figure.published, entries)
    previous = revisions[decision.previous.number - 1] if decision.previous else None
    if decision.outcome is Outcome.STAGE_REGRESSION:
        raise stage_regression(figure.stage, previous.stage if previous else "")
    if decision.outcome is Outcome.UNCHANGED and previous is not None:
        told = [*history.warnings(previous), *_waits(previous)]
        return Recorded(decision.outcome, previous, measurement, writer.indicator, writer.area, None, told)
    check_open(indicator=writer.indicator, area=writer.area, period=figure.period, by=writer.by, now=writer.now)
    warnings = [*warnings, *repeats(decision)]
    revision = writer.append(
        measurement, figure.published, figure.content, warnings, becomes_current=decision.becomes_current
    )
    told = [*warnings, *_waits(revision)]
    return Recorded(decision.outcome, revision, measurement, writer.indicator, writer.area, previous, told)


def check_published(published: date | None, today: date, by: Actor) -> bool:
    """Return whether the figure is history (not published today), which sends no notifications.

    Raises `Invalid` (invalid-date) for a future day, `NotPermitted` (insufficient-scope) for history without the scope.
    """
    if published is not None and published > today:
        raise Invalid(
            "invalid-date",
            text(f"published may not be after today ({today}).", f"published không được sau hôm nay ({today})."),
            pointer="/published",
        )
    if published == today:
        return False
    if not by.may(Scope.FIGURES_HISTORY):
        raise NotPermitted(
            "insufficient-scope",
            text(
                "A day of publication before today, or unknown, needs the scope figures:history.",
                "Ngày công bố trước hôm nay hoặc không rõ cần quyền figures:history.",
            ),
        )
    return True


def _check_references(figure: Posted, by: Actor, today: date) -> tuple[Indicator, Area]:
    indicator: Indicator = Indicator.objects.named(figure.indicator, "/indicator")
    if indicator.pk in Indicator.objects.hidden_from(by):
        raise Indicator.objects.unknown(figure.indicator, "/indicator")
    area = areas.by_code_or_home(figure.area)
    check_stored(indicator)
    duties.check_may_report(indicator=indicator, area=area, day=today, by=by)
    hold_row(Indicator, indicator.pk)
    hold_row(Area, area.pk)
    return indicator, area


def check_stored(indicator: Indicator) -> None:
    """Raises `Unfit` (computed-indicator)."""
    if indicator.formula:
        raise Unfit(
            "computed-indicator",
            text(f"{indicator.code} is computed: post its inputs.", f"{indicator.code} được tính từ chỉ tiêu khác."),
            pointer="/indicator",
        )


def warnings_of(
    changes: Sequence[Change], today: date, contested: Collection[doubts.Key] | None = None
) -> dict[int, list[Item]]:
    """By position, the warnings about these figures. `shared_starts`: series starts at which several figures begin."""
    found = {n: items for n, each in enumerate(changes) if (items := _not_begun(each.period, today))}
    answers: list[tuple[Any, Any]] = signals.figures_checked.send(sender=Measurement, changes=changes)
    for _, warnings in answers:
        for position, items in warnings.items():
            found.setdefault(position, []).extend(items)
    for position, items in doubts.find(changes, today, contested).items():
        found.setdefault(position, []).extend(items)
    return found


def closed(changes: Sequence[Change], *, by: Actor, now: datetime) -> dict[int, Item]:
    """By position, the changes that receivers of `figures_changing` refuse (period-locked)."""
    answers: list[tuple[Any, Any]] = signals.figures_changing.send(sender=Measurement, changes=changes, by=by, now=now)
    return {position: item for _, refused in answers for position, item in refused.items()}


def check_open(*, indicator: Indicator, area: Area, period: Period, by: Actor, now: datetime) -> None:
    """Raises `Conflict` (period-locked) when the period is locked."""
    for item in closed([Change(indicator, area.pk, period, None)], by=by, now=now).values():
        raise Conflict(item.slug, item.detail, pointer=item.pointer)


def _waits(revision: Revision) -> list[Item]:
    """A warning for the response. It is not stored, because the approval ends it."""
    if history.state_of(revision) != "pending":
        return []
    return [
        Item(
            "",
            "awaits-approval",
            text("It counts once a second person has approved it.", "Số liệu có hiệu lực khi người thứ hai duyệt."),
        )
    ]


def _not_begun(period: Period, today: date) -> list[Item]:
    """A figure for a future period is a forecast, or its year was mistyped."""
    if period.start <= today:
        return []
    return [Item("/period", "period-not-begun", text("The period has not begun.", "Kỳ này chưa bắt đầu."))]


def repeats(decision: Decision) -> list[Item]:
    """A warning for a value that an earlier revision had: reprints of old numbers are common."""
    if decision.repeats is None:
        return []
    number = decision.repeats.number
    return [
        Item(
            "",
            "repeats-earlier-revision",
            text(
                f"It repeats the value of revision {number}, which has been replaced.",
                f"Trùng giá trị của lần sửa {number} đã được thay thế.",
            ),
        )
    ]


def stage_regression(stage: str, known: str) -> Unfit:
    return Unfit(
        "stage-regression",
        text(
            f"The figure in force on that day is {known}; {stage} would be a step back.",
            f"Số liệu đang có ở giai đoạn {known}; {stage} là lùi lại.",
        ),
        pointer="/stage",
    )
