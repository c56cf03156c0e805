"""What targets have to say when figures are posted."""

from typing import Any

from django.dispatch import receiver

from indicators.domain.periods import Period
from indicators.models import Area, Indicator
from indicators.services import history
from indicators.signals import indicator_changed, measurement_checked
from kpitracker.lib import clock
from kpitracker.lib.errors import Item
from kpitracker.lib.texts import text
from targets.models import Target


@receiver(measurement_checked)
def warn_of_figures_that_end_after_their_target(
    indicator: Indicator, area: Area, period: Period, **_: Any
) -> list[Item]:
    """Such a figure cannot count towards the target, which is rarely meant."""
    overlapping = Target.objects.overlapping(indicator.pk, area.pk, period.start, period.end)
    return [
        Item(
            "/period",
            "ends-after-target",
            text(
                f"It ends after {identifier}, and so does not count there.",
                f"Kết thúc sau {identifier} nên không được tính.",
            ),
        )
        for identifier in overlapping.filter(period_end__lt=period.end).values_list("identifier", flat=True)
    ]


@receiver(indicator_changed)
def judge_again_by_the_new_terms(indicator: Indicator, **_: Any) -> None:
    """Quietly: no figure was posted, so nobody is told."""
    readers = [reader.pk for reader in Indicator.objects.with_readers({indicator.pk})]
    areas = Target.objects.filter(indicator__in=readers).values_list("area_id", flat=True).distinct()
    history.mark({(indicator.pk, area) for area in areas}, quiet=True, now=clock.now())
