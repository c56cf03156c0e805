"""API keys: the credentials of client programs."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from indicators.models.department import Department
from indicators.visibility import OwnPartQuerySet
from kpitracker.lib.i18n.text import text
from kpitracker.lib.own_part import OwnPartModel


class ApiKey(OwnPartModel):
    """The secret is shown once; only its HMAC is stored. A key without a department acts for the whole organisation."""

    prefix = models.CharField(text("prefix", "tiền tố"), max_length=12, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    name = models.CharField(text("name", "tên"), max_length=200, blank=True, default="")
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="keys",
        verbose_name=text("department", "đơn vị"),
        help_text=text("Empty: the whole organisation.", "Để trống: toàn bộ tổ chức."),
    )
    scopes = models.JSONField(text("scopes", "quyền"), default=list)
    rate = models.PositiveIntegerField(
        text("requests a minute", "số yêu cầu mỗi phút"),
        default=600,
        help_text=text("0: no limit.", "0: không giới hạn."),
    )
    addresses = models.JSONField(
        text("allowed addresses", "địa chỉ được phép"),
        default=list,
        blank=True,
        help_text=text("Networks such as 10.1.0.0/16. Empty: any.", "Dải mạng như 10.1.0.0/16. Để trống: mọi nơi."),
    )
    pepper = models.CharField(max_length=8, blank=True, default="", editable=False)
    replaces = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
        editable=False,
        verbose_name=text("replaces", "thay cho"),
    )
    created_at = models.DateTimeField(text("issued", "cấp lúc"))
    expires_at = models.DateTimeField(text("expires", "hết hạn"), null=True, blank=True)
    revoked_at = models.DateTimeField(text("revoked", "thu hồi lúc"), null=True, blank=True)
    last_used_at = models.DateTimeField(text("last used", "dùng lần cuối"), null=True, blank=True, editable=False)
    exposed_at = models.DateTimeField(
        text("seen in a URL", "bị lộ trong địa chỉ"), null=True, blank=True, editable=False
    )

    objects = OwnPartQuerySet.as_manager()

    class Meta:
        verbose_name = text("API key", "khóa API")
        verbose_name_plural = text("API keys", "khóa API")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=models.F("created_at")),
                name="indicators_apikey_expires_after_creation",
            ),
            models.CheckConstraint(condition=~Q(digest=""), name="indicators_apikey_digest_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (kpi_{self.prefix}…)".strip()

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)
