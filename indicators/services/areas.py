"""Writing areas."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from indicators.models import Area, Measurement
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Invalid
from kpitracker.lib.texts import text


@transaction.atomic
def create(*, by: Actor, **values: Any) -> Area:
    return writing.insert(Area(**_resolved(values, None)))


@transaction.atomic
def change(*, area: Area, by: Actor, **values: Any) -> Area:
    return writing.change(area, _resolved(values, area))


@transaction.atomic
def delete(*, area: Area, by: Actor) -> None:
    """Raises `Conflict` (in-use) when it has figures or anything else refers to it."""
    if Measurement.objects.filter(area=area).exists():
        raise writing.in_use()
    writing.delete(area)


def _resolved(values: Mapping[str, Any], area: Area | None) -> dict[str, Any]:
    found = dict(values)
    for name in ("parent", "successor"):
        if name in found and not isinstance(found[name], Area):
            found[name] = Area.objects.by_code_or_none(found[name], f"/{name}")
    writing.check_tree(area, found.get("parent"))
    writing.check_order(found, area)
    return found


def by_code_or_home(code: str | None, pointer: str = "/area") -> Area:
    """The area named, else the home area: the setting `HOME_AREA`, or the only root there is."""
    code = code or settings.HOME_AREA
    if code:
        found: Area = Area.objects.by_code(code, pointer)
        return found
    roots = list(Area.objects.filter(parent=None)[:2])
    if len(roots) != 1:
        raise Invalid("required", text("Say which area.", "Hãy nêu địa bàn."), pointer=pointer)
    return roots[0]
