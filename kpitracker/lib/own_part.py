"""The own part of an actor: its department and all departments below it. What gives rights or sends messages is
written within the own part only, so that no one gives to anyone more than they have.
"""

from collections.abc import Collection
from typing import Any, ClassVar

from django.db import models

from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Forbidden
from kpitracker.lib.i18n.text import text


class OwnPartModel(models.Model):
    """Rows that an actor of a department writes only if they belong to its own part, before and after the change.

    `kpitracker.lib.crud` asks at every write; a service that writes without it calls `check_own_part`.
    """

    part_fields: ClassVar[tuple[str, ...]] = ("department",)  # foreign keys to departments

    class Meta:
        abstract = True

    def part_ids(self) -> set[int | None]:
        """Ids of the departments that the row belongs to; None: the whole organisation."""
        return {getattr(self, f"{name}_id") for name in self.part_fields}

    def is_own_part_of(self, by: Actor) -> bool:
        return by.department is None or self.part_ids() <= self.own_ids(by.department)

    def check_own_part(self, by: Actor, changed: Collection[str] = ()) -> None:
        """Raises `Forbidden` for a row, or for a new department in a changed field, outside the actor's own part."""
        if by.department is None:
            return
        own = self.own_ids(by.department)
        outside = [name for name in self.part_fields if getattr(self, f"{name}_id") not in own]
        if not self.part_ids() <= own or any(name in changed for name in outside):
            pointer = f"/{outside[0]}" if outside else ""
            detail = text("Only for your own department and those below it.", "Chỉ cho đơn vị của mình và cấp dưới.")
            raise Forbidden("forbidden", detail, pointer=pointer)

    @classmethod
    def own_ids(cls, department: int) -> set[int]:
        """Ids of the department and of all below it."""
        departments: Any = cls._meta.get_field(cls.part_fields[0]).related_model
        ids: set[int] = departments.objects.subtree_ids(department)
        return ids


def check_own_part(row: models.Model, by: Actor, changed: Collection[str] = ()) -> None:
    """As `OwnPartModel.check_own_part`; rows of other models have no part."""
    if isinstance(row, OwnPartModel):
        row.check_own_part(by, changed)


def may_write(row: object, by: Actor) -> bool:
    """Whether the row belongs to the actor's own part, or to none."""
    return not isinstance(row, OwnPartModel) or row.is_own_part_of(by)
