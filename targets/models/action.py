"""Actions: what is done about targets."""

from django.db import models
from django.db.models import Q

from indicators.models import Department
from kpitracker.lib.db.fields import Uuid7Field
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import VersionedModel
from kpitracker.lib.text_validation import normalize_for_search
from targets.domain.actions import OPEN_STATES, ActionState
from targets.models.target import Target
from targets.querysets import ActionQuerySet

ACTION_STATE_LABELS = {
    ActionState.OPEN: text("open", "chưa thực hiện"),
    ActionState.IN_PROGRESS: text("in progress", "đang thực hiện"),
    ActionState.DONE: text("done", "hoàn thành"),
    ActionState.CANCELLED: text("cancelled", "hủy bỏ"),
}
_CLOSED_STATES = [state.value for state in ActionState if state.is_closed]


class Action(VersionedModel):
    """A task with a responsible department or person and a due day. Never deleted: it is cancelled instead."""

    id = Uuid7Field(primary_key=True)
    target = models.ForeignKey(
        Target, on_delete=models.PROTECT, related_name="actions", verbose_name=text("target", "chỉ tiêu")
    )
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name=text("responsible department", "đơn vị chịu trách nhiệm"),
        help_text=text("Empty: the department responsible for the target.", "Để trống: đơn vị chủ trì chỉ tiêu."),
    )
    person = models.CharField(text("person", "người thực hiện"), max_length=200, blank=True, default="")
    email = models.EmailField(
        text("the person's e-mail", "thư điện tử của người thực hiện"),
        blank=True,
        default="",
        help_text=text("Also receives the reminders.", "Cũng nhận thư nhắc việc."),
    )
    due_day = models.DateField(text("due", "thời hạn"))
    state = models.CharField(
        text("state", "tình trạng"),
        max_length=11,
        choices=[(k.value, v) for k, v in ACTION_STATE_LABELS.items()],
        default=ActionState.OPEN.value,
    )
    closed_day = models.DateField(text("ended", "ngày kết thúc"), null=True, blank=True)
    outcome = models.TextField(text("outcome", "kết quả thực hiện"), blank=True, default="")
    created_at = models.DateTimeField(text("created", "tạo lúc"), editable=False)
    created_by = models.CharField(text("created by", "người tạo"), max_length=200, editable=False)
    search_text = models.TextField(editable=False, default="")
    # Last field: below it `text` in this class body is the field, not the function.
    text = models.TextField(text("what is to be done", "việc phải làm"))

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = text("action", "biện pháp")
        verbose_name_plural = text("actions", "các biện pháp")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ActionState]), name="targets_action_valid_state"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="targets_action_text_not_empty"),
            models.CheckConstraint(
                condition=Q(state__in=_CLOSED_STATES, closed_day__isnull=False)
                | (~Q(state__in=_CLOSED_STATES) & Q(closed_day=None)),
                name="targets_action_closed_day_matches_state",
            ),
        ]
        indexes = [
            # For the daily reminders.
            models.Index(
                fields=["due_day"],
                condition=Q(state__in=[state.value for state in OPEN_STATES]),
                name="targets_action_due_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.text[:80]}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.search_text = normalize_for_search(self.text, self.person, self.outcome)
        super().save(*args, **kwargs)
