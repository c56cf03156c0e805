"""Small worlds for tests, made by the services that everybody uses."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from indicators.domain.periods import Period
from indicators.models import Area, AreaShape, Contact, Department, Import, Indicator
from indicators.services.access import contacts
from indicators.services.batches import imports
from indicators.services.catalogue import area_shapes, areas, departments, indicators
from indicators.services.catalogue.geojson import Geometry
from indicators.services.figures import recording
from indicators.services.figures.recording import FigureInput, RecordResult
from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from kpitracker.lib.db.uuid7 import uuid7
from kpitracker.lib.numbers import parse_number
from targets.models import Action, Comment, Plan, Target, Webhook
from targets.services.notifications import webhooks
from targets.services.planning import actions, comments, plans, targets

BY = system_actor("tests")


def area(code: str = "city", **values: Any) -> Area:
    return areas.create_area(by=BY, code=code, **{"name": code.title(), **values})


SQUARE = {"type": "Polygon", "coordinates": [[[106, 10], [107, 10], [107, 11], [106, 11], [106, 10]]]}


def shape(of: str = "city", west: float = 106, south: float = 10, size: float = 1) -> AreaShape:
    """A square; `size` in degrees."""
    corners = [(west, south), (west + size, south), (west + size, south + size), (west, south + size), (west, south)]
    ring = [[float(x), float(y)] for x, y in corners]
    return area_shapes.set_shape(area=Area.objects.get(code=of), geometry=Geometry("Polygon", [[ring]]), by=BY)


def department(code: str = "statistics", **values: Any) -> Department:
    return departments.create_department(by=BY, code=code, **{"name": code.title(), **values})


def indicator(code: str = "sales", **values: Any) -> Indicator:
    defaults = {"name": code.title(), "frequency": "month", "due_days": 20}
    if "formula" not in values:
        defaults["accumulation"] = "sum"
    return indicators.create_indicator(by=BY, code=code, **{**defaults, **values})


def plan(code: str = "plan", period: str = "2024", **values: Any) -> Plan:
    return plans.create_plan(by=BY, code=code, **{"name": code.title(), "period": Period.parse(period), **values})


def target(of: str = "sales", **values: Any) -> Target:
    """At least 1200 in the year of the plan, even: 100 a month. The department of the indicator leads, unless another is given."""
    defaults: dict[str, Any] = {"plan": "plan", "goal": "at_least", "announced": date(2023, 12, 8)}
    if "department" not in values and (lead := Indicator.objects.get(code=of).department):
        values["department"] = lead.code
    if "lower" not in values and "upper" not in values:
        values["lower"] = 1200
    for name in ("lower", "upper", "baseline", "tolerance", "tolerance_percent"):
        if values.get(name) is not None:
            values[name] = parse_number(str(values[name]))
    if "period" in values:
        values["period"] = Period.parse(values["period"])
    return targets.create_target(by=BY, now=timezone.now(), indicator=of, **{**defaults, **values}).target


def figure(
    of: str,
    period: str,
    value: object,
    *,
    published: date | str | None = "today",
    now: datetime | None = None,
    quiet: bool | None = None,
    **values: Any,
) -> RecordResult:
    """Post one figure; `published` as a day, None for unknown, or today. Of another day it is a load of history: quiet."""
    day = clock.today() if published == "today" else published
    published_day = date.fromisoformat(day) if isinstance(day, str) else day
    posted = FigureInput(
        indicator=of,
        period=Period.parse(period),
        published=published_day,
        value=None if value is None else parse_number(str(value)),
        **{"missing_reason": "not_available" if value is None else "", **values},
    )
    moment = now or timezone.now()
    if quiet is None:
        quiet = published_day != clock.local_day(moment)
    return recording.record_figure(figure=posted, by=BY, now=moment, quiet=quiet)


def action(of: Target, due: str, **values: Any) -> Action:
    return actions.create_action(
        by=BY, now=timezone.now(), target=of, **{"text": "Build", "due_day": date.fromisoformat(due), **values}
    )


def comment(**about: Any) -> Comment:
    return comments.create_comment(by=BY, now=timezone.now(), **{"text": "Why so late?", **about})


def webhook(url: str = "https://example.org/hook", **values: Any) -> Webhook:
    return webhooks.create_webhook(by=BY, now=timezone.now(), url=url, **values)


def contact(address: str = "desk@example.org", **values: Any) -> Contact:
    return contacts.create_contact(by=BY, **{"name": "Desk", "address": address, **values})


def batch(*, department: str | None = None, person: int | None = None, **values: Any) -> Import:
    """An import that waits, of a file that is not there."""
    result = Department.objects.get(code=department).pk if department else None
    by = BY._replace(department=result, person=person)
    return imports.queue_import(pk=uuid7(), file_format="csv", by=by, now=timezone.now(), size=1, **values)


def world() -> Target:
    """A city, a department with an address, one indicator and its target of 1200 in 2024."""
    area()
    department(email="statistics@example.org")
    indicator(department="statistics")
    plan()
    return target()
