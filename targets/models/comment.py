"""Comments on targets, figures, alerts and actions."""

from django.db import models
from django.db.models import Q

from indicators.models import Measurement
from kpitracker.lib.db.fields import Uuid7Field
from kpitracker.lib.i18n.text import text
from targets.models.action import Action
from targets.models.alert import Alert
from targets.models.target import Target
from targets.querysets import CommentQuerySet

SUBJECT_FIELDS = ("target", "measurement", "alert", "action")


class Comment(models.Model):
    """A comment on one object. Append-only; a withdrawn comment stays without its text, which the audit keeps."""

    id = Uuid7Field(primary_key=True)
    target = models.ForeignKey(
        Target, models.PROTECT, null=True, blank=True, related_name="comments", verbose_name=text("target", "chỉ tiêu")
    )
    measurement = models.ForeignKey(
        Measurement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="comments",
        verbose_name=text("figure", "số liệu"),
    )
    alert = models.ForeignKey(
        Alert, models.PROTECT, null=True, blank=True, related_name="comments", verbose_name=text("alert", "cảnh báo")
    )
    action = models.ForeignKey(
        Action, models.PROTECT, null=True, blank=True, related_name="comments", verbose_name=text("action", "biện pháp")
    )
    author = models.CharField(text("author", "người viết"), max_length=200)
    created_at = models.DateTimeField(text("written", "viết lúc"))
    withdrawn_at = models.DateTimeField(text("withdrawn", "thu hồi lúc"), null=True, blank=True)
    # Last field: below it `text` in this class body is the field, not the function.
    text = models.TextField(text("text", "nội dung"), blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = text("comment", "ý kiến")
        verbose_name_plural = text("comments", "các ý kiến")
        constraints = [
            models.CheckConstraint(
                condition=Q(target__isnull=False, measurement=None, alert=None, action=None)
                | Q(target=None, measurement__isnull=False, alert=None, action=None)
                | Q(target=None, measurement=None, alert__isnull=False, action=None)
                | Q(target=None, measurement=None, alert=None, action__isnull=False),
                name="targets_comment_exactly_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(~Q(text=""), withdrawn_at=None) | Q(text="", withdrawn_at__isnull=False),
                name="targets_comment_text_or_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author} ({self.about})"

    @property
    def about(self) -> models.Model:
        """The object that is commented on."""
        subject: models.Model = next(
            candidate for name in SUBJECT_FIELDS if (candidate := getattr(self, name)) is not None
        )
        return subject
