"""Create, change and delete areas."""

from typing import Any

from django.conf import settings
from django.db import transaction

from indicators import signals
from indicators.models import Area
from indicators.services.catalogue import trees
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import text


@transaction.atomic
def create_area(*, by: Actor, **values: Any) -> Area:
    area: Area = trees.create_node(Area, values, by=by)
    signals.areas_changed.send(sender=Area)
    return area


@transaction.atomic
def update_area(*, area: Area, by: Actor, **values: Any) -> Area:
    updated_area: Area = trees.update_node(area, values, by=by)
    signals.areas_changed.send(sender=Area)
    return updated_area


@transaction.atomic
def delete_area(*, area: Area, by: Actor) -> None:
    """Raises `Conflict` (in-use) when the area has figures or anything else refers to it."""
    trees.delete_node(area, by=by)
    signals.areas_changed.send(sender=Area)


def get_area_or_home(code: str | None, pointer: str = "/area") -> Area:
    """Return the area with this code. Without a code: the area in the setting `HOME_AREA`, else the only root area.

    Raises `Unprocessable` (unknown-area) for an unknown code, `ValidationProblem` (required) when there is no single root.
    """
    code = code or settings.HOME_AREA
    if code:
        area: Area = Area.objects.by_code_prepared(code, pointer)
        return area
    roots = list(Area.objects.filter(parent=None)[:2])
    if len(roots) != 1:
        raise ValidationProblem("required", text("Say which area.", "Hãy nêu địa bàn."), pointer=pointer)
    return roots[0]
