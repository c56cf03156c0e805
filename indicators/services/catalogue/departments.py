"""Create, change and delete departments."""

from django.db import transaction

from indicators.models import Department
from indicators.services.catalogue import trees
from kpitracker.lib.actor import Actor


@transaction.atomic
def create_department(*, by: Actor, **values: object) -> Department:
    return trees.create_node(Department, values, by=by)


@transaction.atomic
def update_department(*, department: Department, by: Actor, **values: object) -> Department:
    return trees.update_node(department, values, by=by)


@transaction.atomic
def delete_department(*, department: Department, by: Actor) -> None:
    """Raises `Conflict` (in-use) when the department has posted figures or anything else refers to it."""
    trees.delete_node(department, by=by)
