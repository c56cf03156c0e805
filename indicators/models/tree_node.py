"""The common base of areas and departments: a tree whose nodes begin, end and have successors."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from tree_queries.fields import TreeNodeForeignKey

from indicators.domain.periods import ValidityRange
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import NamedModel


class TreeModel(NamedModel):
    """Abstract. Areas merge and departments are replaced: a node that was used ends and is never deleted."""

    structured = True

    parent: "TreeNodeForeignKey[Self | None]" = TreeNodeForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=text("part of", "trực thuộc"),
    )
    valid_from = models.DateField(text("valid from", "có từ ngày"), null=True, blank=True)
    valid_to = models.DateField(text("valid to", "đến ngày"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=text("succeeded by", "kế thừa bởi"),
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=F("valid_to")),
                name="%(app_label)s_%(class)s_valid_date_range",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="%(app_label)s_%(class)s_parent_not_self"),
        ]

    @property
    def validity(self) -> ValidityRange:
        return ValidityRange(self.valid_from, self.valid_to)
