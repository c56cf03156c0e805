"""Create, change and delete areas."""

from datetime import datetime

from django.db import transaction

from indicators import signals
from indicators.domain.periods import ValidityRange
from indicators.models import Area
from indicators.services.catalogue import trees
from kpitracker.lib.actor import Actor


@transaction.atomic
def create_area(*, by: Actor, **values: object) -> Area:
    area: Area = trees.create_node(Area, values, by=by)
    signals.areas_changed.send(sender=Area)
    return area


@transaction.atomic
def update_area(*, area: Area, by: Actor, now: datetime, **values: object) -> Area:
    extent_before = _extent_of(area)
    updated_area: Area = trees.update_node(area, values, by=by)
    signals.areas_changed.send(sender=Area)
    extent = _extent_of(updated_area)
    if extent != extent_before:
        areas = {area.pk, extent_before[1], extent[1]} - {None}
        signals.area_extents_changed.send(sender=Area, areas=areas, now=now)
    return updated_area


def _extent_of(area: Area) -> tuple[ValidityRange, int | None]:
    """The days on which an area exists, and the area that has its territory afterwards."""
    return area.validity, area.successor_id


@transaction.atomic
def delete_area(*, area: Area, by: Actor) -> None:
    """Raises `Conflict` (in-use) when the area has figures or anything else refers to it."""
    trees.delete_node(area, by=by)
    signals.areas_changed.send(sender=Area)
