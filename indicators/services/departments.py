"""Create, change and delete departments."""

from typing import Any

from django.db import transaction

from indicators.models import Department
from indicators.services import branches
from kpitracker.lib.actor import Actor


@transaction.atomic
def create(*, by: Actor, **values: Any) -> Department:
    return branches.create(Department, values, by=by)


@transaction.atomic
def change(*, department: Department, by: Actor, **values: Any) -> Department:
    return branches.change(department, values, by=by)


@transaction.atomic
def delete(*, department: Department, by: Actor) -> None:
    """Raises `Conflict` (in-use) when the department has posted figures or anything else refers to it."""
    branches.delete(department, by=by)
