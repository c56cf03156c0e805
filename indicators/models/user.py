"""People who log in."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from kpitracker.lib.texts import text


class User(AbstractUser):
    department = models.ForeignKey(
        "indicators.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=text("department", "đơn vị"),
    )

    class Meta:
        verbose_name = text("user", "người dùng")
        verbose_name_plural = text("users", "người dùng")
