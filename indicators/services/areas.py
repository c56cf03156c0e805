"""Create, change and delete areas."""

from typing import Any

from django.conf import settings
from django.db import transaction

from indicators import signals
from indicators.models import Area
from indicators.services import branches
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Invalid
from kpitracker.lib.texts import text


@transaction.atomic
def create(*, by: Actor, **values: Any) -> Area:
    area: Area = branches.create(Area, values, by=by)
    signals.areas_changed.send(sender=Area)
    return area


@transaction.atomic
def change(*, area: Area, by: Actor, **values: Any) -> Area:
    changed: Area = branches.change(area, values, by=by)
    signals.areas_changed.send(sender=Area)
    return changed


@transaction.atomic
def delete(*, area: Area, by: Actor) -> None:
    """Raises `Conflict` (in-use) when the area has figures or anything else refers to it."""
    branches.delete(area, by=by)
    signals.areas_changed.send(sender=Area)


def by_code_or_home(code: str | None, pointer: str = "/area") -> Area:
    """Return the area with this code. Without a code: the area in the setting `HOME_AREA`, else the only root area.

    Raises `Unfit` (unknown-area) for an unknown code, `Invalid` (required) when there is no single root.
    """
    code = code or settings.HOME_AREA
    if code:
        found: Area = Area.objects.named(code, pointer)
        return found
    roots = list(Area.objects.filter(parent=None)[:2])
    if len(roots) != 1:
        raise Invalid("required", text("Say which area.", "Hãy nêu địa bàn."), pointer=pointer)
    return roots[0]
