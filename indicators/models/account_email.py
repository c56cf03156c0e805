"""E-mails to users about their passwords."""

from django.db import models
from django.db.models import Q

from indicators.models.user import User
from indicators.visibility import AccountEmailQuerySet
from kpitracker.lib.i18n.text import text

ACCOUNT_EMAIL_KINDS = [
    ("invitation", text("invitation", "thư mời")),
    ("reset", text("new password", "đặt lại mật khẩu")),
]
ACCOUNT_EMAIL_STATES = [
    ("pending", text("waiting", "chờ gửi")),
    ("sending", text("being sent", "đang gửi")),
    ("sent", text("sent", "đã gửi")),
    ("failed", text("failed", "không gửi được")),
]


class AccountEmail(models.Model):
    """One e-mail to a user. Its link is created when the e-mail is sent, and is never stored."""

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="account_emails", verbose_name=text("user", "người dùng")
    )
    kind = models.CharField(text("kind", "loại"), max_length=10, choices=ACCOUNT_EMAIL_KINDS)
    requested_at = models.DateTimeField(text("requested", "yêu cầu lúc"))
    requested_by = models.CharField(text("requested by", "người yêu cầu"), max_length=200)
    due_at = models.DateTimeField(text("due", "gửi lúc"))
    attempts = models.PositiveIntegerField(text("attempts", "số lần gửi"), default=0)
    state = models.CharField(text("state", "tình trạng"), max_length=8, choices=ACCOUNT_EMAIL_STATES, default="pending")
    answer = models.TextField(text("response", "phản hồi"), blank=True, default="")

    objects = AccountEmailQuerySet.as_manager()

    class Meta:
        verbose_name = text("account e-mail", "thư gửi người dùng")
        verbose_name_plural = text("account e-mails", "thư gửi người dùng")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[kind for kind, _ in ACCOUNT_EMAIL_KINDS],
                    state__in=[state for state, _ in ACCOUNT_EMAIL_STATES],
                ),
                name="indicators_accountemail_valid_choices",
            )
        ]
        indexes = [
            # Read by the sweep: the e-mails to send now.
            models.Index(
                fields=["due_at"], condition=Q(state__in=["pending", "sending"]), name="indicators_accountemail_due_at"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.user}"
