"""Figures typed on the page of one's own work: read as the language writes numbers, doubted before they are stored."""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils.http import urlencode

from indicators.domain.calendars import has_passed
from indicators.domain.choices import IndicatorKind, Stage
from indicators.domain.figures import Figure, RecordOutcome, is_forecast
from indicators.domain.periods import Period
from indicators.models import Area, Indicator
from indicators.services.figures.recording import FigureInput, RecordResult, record_figure
from indicators.services.figures.revision_store import state_of
from kpitracker.lib import clock, numbers
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text, translate
from kpitracker.lib.text_validation import visible_preview
from targets.pages.refusals import describe_refusal
from targets.pages.work_answers import describe_late
from targets.services.reports.reporting import Obligation
from targets.services.text import formatting

_STORED_WARNINGS = frozenset({"awaits-approval"})  # what follows from storing, and no reason to doubt


_NOT_STORED = text("Not stored yet.", "Chưa ghi.")
_SEND_AGAIN = text("If it is right, send it again.", "Nếu đúng, hãy gửi lần nữa.")


class CommonFields(NamedTuple):
    """What holds for all figures of one form. `published` None: today."""

    published: date | None
    stage: str
    source: str


@dataclass(slots=True)
class OwedFigure:
    """One line of the page: a figure that is owed, what was typed, and what was said to it.

    `shown`: the text that the line showed together with its doubts; sent again unchanged it is stored.
    `waiting`: the value that was posted and waits for approval.
    """

    obligation: Obligation
    last: Figure | None
    today: date
    waiting: str = ""
    typed: str = ""
    shown: str = ""
    error: str = ""
    doubts: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The name of the line in the form. Codes hold no `|`."""
        return "|".join((self.obligation.indicator.code, self.obligation.area.code, str(self.obligation.period)))

    @property
    def days_late(self) -> int:
        return (self.today - self.obligation.due_day).days if has_passed(self.obligation.due_day, self.today) else 0

    @property
    def late(self) -> str:
        """Such as `12 days late`; empty while it is not late."""
        return describe_late(self.days_late)

    @property
    def due(self) -> str:
        return formatting.format_short_day(self.obligation.due_day.isoformat())

    @property
    def due_month(self) -> str:
        """Such as `2026-11`: the lines of a month are shown together."""
        return self.obligation.due_day.strftime("%Y-%m")

    @property
    def series_period(self) -> tuple[int, int, Period]:
        return self.obligation.indicator.pk, self.obligation.area.pk, self.obligation.period

    @property
    def other_address(self) -> str:
        """The form of the back office for this figure: with a note, or without a value."""
        query: dict[str, str | int] = {
            "indicator": self.obligation.indicator.pk,
            "area": self.obligation.area.pk,
            "period": str(self.obligation.period),
        }
        return f"{reverse('admin:indicators_measurement_add')}?{urlencode(query)}"

    @property
    def period(self) -> str:
        return formatting.format_period(str(self.obligation.period))

    @property
    def last_value(self) -> str:
        """The latest figure of the series with its period; empty if there is none."""
        if self.last is None or self.last.value is None:
            return ""
        value = formatting.format_amount(numbers.localize_number(self.last.value), self.obligation.indicator.shown_unit)
        return f"{value} ({formatting.format_period(str(self.last.period))})"


def read_typed(rows: Iterable[OwedFigure], posted: Mapping[str, str], by: Actor) -> list[str]:
    """Put what was typed into the lines; return a sentence for each value of a line that is not owed, or not any more."""
    keys = set()
    for row in rows:
        keys.add(row.key)
        row.typed = posted.get(f"value|{row.key}", "").strip()
        row.shown = posted.get(f"shown|{row.key}", "")
    typed = {name.partition("|")[2]: value.strip() for name, value in posted.items() if name.startswith("value|")}
    return [_not_owed(key, value, by) for key, value in typed.items() if value and key not in keys]


def _not_owed(key: str, value: str, by: Actor) -> str:
    name = _name_figure(key, by)
    shown = visible_preview(value)
    return translate(
        f"Not stored: {shown} for {name}. This figure is not owed, or another report of it has come in the meantime.",
        f"Chưa ghi: {shown} cho {name}. Số liệu này không còn phải báo cáo, hoặc đã có người báo cáo.",
    )


def _name_figure(key: str, by: Actor) -> str:
    """The indicator, area and period of a line in words; a code that does not exist for the reader as it was sent."""
    indicator_code, _, rest = key.partition("|")
    area_code, _, period = rest.partition("|")
    indicator = Indicator.objects.visible_to(by).filter(code=indicator_code).first()
    area = Area.objects.filter(code=area_code).first()
    with contextlib.suppress(ValueError):
        period = formatting.format_period(period)
    parts = (str(indicator or indicator_code), str(area or area_code), period)
    return ", ".join(visible_preview(part) for part in parts if part)


def store_typed(rows: Iterable[OwedFigure], common: CommonFields, *, by: Actor, now: datetime) -> list[str]:
    """Store each line by itself; return a sentence for each that was stored.

    A line that was refused has its `error`, a line that is in doubt its `doubts`, and both are not stored.
    """
    return [sentence for row in rows if row.typed and (sentence := _store_row(row, common, by=by, now=now))]


def _store_row(row: OwedFigure, common: CommonFields, *, by: Actor, now: datetime) -> str:
    is_confirmed = row.typed.split() == row.shown.split()
    try:
        written = numbers.read_number(row.typed)
        question = written.question(row.obligation.indicator.decimals)
        if question and not is_confirmed:
            row.doubts = [str(_NOT_STORED), question]
            return ""
        return _record(row, written.value, common, by=by, now=now, is_confirmed=is_confirmed)
    except DomainError as error:
        row.error = describe_refusal(error)
        return ""


def _record(
    row: OwedFigure, value: Decimal, common: CommonFields, *, by: Actor, now: datetime, is_confirmed: bool
) -> str:
    indicator = row.obligation.indicator
    figure = FigureInput(
        indicator.code,
        row.obligation.period,
        common.published or row.today,
        row.obligation.area.code,
        value,
        stage=common.stage,
        source=common.source,
    )
    with transaction.atomic():
        result = record_figure(figure=figure, by=by, now=now)
        if _was_reported_meanwhile(result):
            # The names are read first: after a rollback no query is possible.
            row.error = _not_owed(row.key, row.typed, by)
            transaction.set_rollback(True)
            return ""
        doubts = [row.waiting] if row.waiting and result.outcome is RecordOutcome.REVISED else []
        doubts += [str(warning.detail) for warning in result.warnings if warning.slug not in _STORED_WARNINGS]
        if doubts and not is_confirmed:
            transaction.set_rollback(True)
            row.doubts = [str(_NOT_STORED), *doubts, str(_SEND_AGAIN)]
            return ""
    amount = formatting.format_amount(numbers.localize_number(value), indicator.shown_unit)
    sentence = translate(
        f"Recorded: {indicator}, {row.period}: {amount}.", f"Đã ghi: {indicator}, {row.period}: {amount}."
    )
    later = (str(warning.detail) for warning in result.warnings if warning.slug in _STORED_WARNINGS)
    return " ".join((sentence, *later))


def _was_reported_meanwhile(result: RecordResult) -> bool:
    """Whether the figure of a line that was owed replaced a report that came after the line was read."""
    previous, measurement = result.previous, result.measurement
    if result.outcome is not RecordOutcome.REVISED or previous is None or previous.value is None:
        return False
    if state_of(previous) == "pending":  # its period stays owed
        return False
    known_on = previous.published or clock.local_day(previous.recorded_at)
    kind = IndicatorKind(result.indicator.kind)
    return not is_forecast(previous.stage, known_on, measurement.period_end, kind)


STAGE_CHOICES = (Stage.ESTIMATE, Stage.PRELIMINARY, Stage.OFFICIAL)
