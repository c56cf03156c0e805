"""Public holidays, and weekend days that are working days."""

from django.db import models
from django.utils.formats import date_format

from indicators.querysets import HolidayQuerySet
from kpitracker.lib.i18n.text import text, translate
from kpitracker.lib.models import VersionedModel


class Holiday(VersionedModel):
    """Holidays are set by law; a decree of each year exchanges working days and days off around them."""

    day = models.DateField(text("day", "ngày"), unique=True)
    name = models.CharField(text("name", "tên"), max_length=300)
    name_en = models.CharField(text("English name", "tên tiếng Anh"), max_length=300, blank=True, default="")
    working = models.BooleanField(
        text("working day", "đi làm"),
        default=False,
        help_text=text(
            "A Saturday or Sunday that is a working day in exchange for another day.",
            "Thứ bảy hoặc chủ nhật đi làm bù cho ngày khác.",
        ),
    )

    objects = HolidayQuerySet.as_manager()

    class Meta:
        verbose_name = text("holiday", "ngày nghỉ")
        verbose_name_plural = text("holidays", "ngày nghỉ")
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="indicators_holiday_name_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{date_format(self.day)}: {translate(self.name_en or self.name, self.name)}"
