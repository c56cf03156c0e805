"""Which stored revisions are forecasts: `indicators.domain.figures.is_forecast` in SQL."""

from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import Coalesce, TruncDate
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from indicators.domain.choices import IndicatorKind, Stage
from indicators.domain.figures import FORECAST_DAYS


def forecast_condition(figure: str = "") -> Q:
    """The rows that are forecasts. `figure`: the path from the row to its figure, with `__` at its end."""
    recorded_on = TruncDate("recorded_at", tzinfo=timezone.get_default_timezone())
    time_left = ExpressionWrapper(
        F(f"{figure}period_end") - Coalesce("published", recorded_on), output_field=DurationField()
    )
    is_early = Q(GreaterThan(time_left, timedelta(days=FORECAST_DAYS)))
    return (Q(stage=Stage.FORECAST.value) | (is_early & ~Q(stage=Stage.OFFICIAL.value))) & ~Q(
        **{f"{figure}indicator__kind": IndicatorKind.YES_NO.value}
    )


def measured_condition() -> Q:
    """The figures that are no forecasts. Nearly all were published after their period: that is asked first, it costs less."""
    is_late = Q(published__gte=F("period_end")) & ~Q(stage=Stage.FORECAST.value)
    return is_late | ~forecast_condition()
