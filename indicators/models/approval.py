"""Approval of revisions by a second user."""

from django.db import models
from django.db.models import Q

from indicators.models.measurement import Revision
from indicators.querysets import ApprovalQuerySet
from kpitracker.lib.i18n.text import text

APPROVAL_STATES = [
    ("pending", text("waiting", "chờ duyệt")),
    ("approved", text("approved", "đã duyệt")),
    ("rejected", text("rejected", "bị từ chối")),
]


class Approval(models.Model):
    """A revision with this row is in force only once it is approved. A revision without it needs no approval."""

    revision = models.OneToOneField(
        Revision, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="approval"
    )
    state = models.CharField(text("state", "tình trạng"), max_length=8, choices=APPROVAL_STATES, default="pending")
    decided_at = models.DateTimeField(text("decided", "quyết định lúc"), null=True, blank=True)
    decided_by = models.CharField(text("decided by", "người quyết định"), max_length=200, blank=True, default="")
    reason = models.TextField(text("reason", "lý do"), blank=True, default="")

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = text("approval", "phê duyệt")
        verbose_name_plural = text("approvals", "phê duyệt")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="pending", decided_at=None)
                | Q(state__in=["approved", "rejected"], decided_at__isnull=False),
                name="indicators_approval_decided_at_matches_state",
            )
        ]
        indexes = [
            # Read by the list of pending approvals.
            models.Index(fields=["revision"], condition=Q(state="pending"), name="indicators_approval_pending")
        ]

    def __str__(self) -> str:
        return str(self.revision.measurement)
