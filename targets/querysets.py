"""Every read with a name. No model is imported here: models import this."""

from collections.abc import Collection
from datetime import date
from typing import Any, Self

from django.db.models import Prefetch, QuerySet

from indicators.querysets import CodeLookup, Pair


class PlanQuerySet(CodeLookup, QuerySet[Any]):
    noun, noun_vi = "plan", "kế hoạch"


class TargetQuerySet(QuerySet[Any]):
    def of_series(self, pairs: Collection[Pair]) -> Self:
        """Targets on one of these (indicator, area) pairs."""
        pairs = set(pairs)
        found = self.filter(indicator__in={i for i, _ in pairs}, area__in={a for _, a in pairs})
        wanted = [pk for pk, *pair in found.values_list("pk", "indicator_id", "area_id") if tuple(pair) in pairs]
        return self.filter(pk__in=wanted)

    def overlapping(self, indicator: int, area: int, start: date, end: date) -> Self:
        return self.filter(indicator=indicator, area=area, period_start__lte=end, period_end__gte=start)

    def shown(self) -> Self:
        """With all that a row of a list shows, in a fixed number of queries."""
        versions = self.model._meta.get_field("versions").related_model
        return self.select_related("plan", "indicator", "area", "department", "indicator__department").prefetch_related(
            "cooperating", Prefetch("versions", versions.objects.order_by("number"))
        )


class AssessmentQuerySet(QuerySet[Any]):
    def shown(self) -> Self:
        return self.select_related(
            "target__plan", "target__indicator__department", "target__area", "target__department"
        )
