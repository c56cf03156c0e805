"""Create, change and delete areas."""

from django.db import transaction

from indicators import signals
from indicators.models import Area
from indicators.services.catalogue import trees
from kpitracker.lib.actor import Actor


@transaction.atomic
def create_area(*, by: Actor, **values: object) -> Area:
    area: Area = trees.create_node(Area, values, by=by)
    signals.areas_changed.send(sender=Area)
    return area


@transaction.atomic
def update_area(*, area: Area, by: Actor, **values: object) -> Area:
    updated_area: Area = trees.update_node(area, values, by=by)
    signals.areas_changed.send(sender=Area)
    return updated_area


@transaction.atomic
def delete_area(*, area: Area, by: Actor) -> None:
    """Raises `Conflict` (in-use) when the area has figures or anything else refers to it."""
    trees.delete_node(area, by=by)
    signals.areas_changed.send(sender=Area)
