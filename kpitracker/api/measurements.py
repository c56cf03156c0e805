"""The list of figures with the filter by plan: figures belong to `indicators`, plans to `targets`."""

from collections import defaultdict

from django.db.models import Q, QuerySet

from indicators.api.v1 import measurements
from indicators.api.v1.filters import MeasurementFilters
from indicators.models import Revision
from indicators.services.figures.series import source_series
from kpitracker.lib.actor import get_actor
from kpitracker.lib.rest.filters import TextFilter
from targets.api.v1.tag_rules import MEASUREMENTS
from targets.models import Target


class PlanMeasurementFilters(MeasurementFilters):
    plan = TextFilter(
        method="by_plan", help_text="Figures that the targets of this plan read, also through formulas, of any period."
    )

    def by_plan(self, queryset: QuerySet[Revision], name: str, value: str) -> QuerySet[Revision]:
        # Targets that the caller may not see must not show by which figures they need.
        targets = Target.objects.visible_to(get_actor(self.request)).filter(plan__code=value)
        indicators_by_area = defaultdict(set)
        for indicator, area in source_series(set(targets.values_list("indicator", "area"))):
            indicators_by_area[area].add(indicator)
        is_read = Q(pk__in=[])
        for area, indicators in indicators_by_area.items():
            is_read |= Q(measurement__area=area, measurement__indicator__in=indicators)
        return queryset.filter(is_read)


class PlanMeasurementViewSet(measurements.MeasurementViewSet):
    filterset_class = PlanMeasurementFilters
    tag_rules = MEASUREMENTS
