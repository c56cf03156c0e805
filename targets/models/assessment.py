"""Current assessments of targets, and their status changes."""

from datetime import date

from django.db import models
from django.db.models import Q

from indicators.domain.choices import IndicatorKind
from kpitracker.lib.db.fields import ExactDecimalField, Uuid7Field
from kpitracker.lib.i18n.text import text
from targets.domain.choices import Goal, Status, VersionState
from targets.models.target import VERSION_STATE_LABELS, Target
from targets.querysets import AssessmentQuerySet, TargetRelatedQuerySet

STATUS_LABELS = {
    Status.EXCEEDED: text("exceeded", "vượt"),
    Status.MET: text("met", "đạt"),
    Status.MISSED: text("missed", "không đạt"),
    Status.ON_TRACK: text("on track", "đúng tiến độ"),
    Status.AT_RISK: text("at risk", "có nguy cơ"),
    Status.OFF_TRACK: text("off track", "chậm tiến độ"),
    Status.NOT_DUE: text("not due yet", "chưa công bố"),
    Status.NO_DATA: text("no data", "chưa có kết quả"),
}
_BEYOND_LIMIT = text("beyond the limit", "vượt ngưỡng")
# Spending that lies below its range has not passed ("vượt") anything.
_OUTSIDE_LIMITS = text("beyond the limit", "ngoài ngưỡng")
_BETTER = text("better than promised", "tốt hơn kế hoạch")
_STATUS_VALUES = [status.value for status in Status]


def status_word(status: str, goal: str | None, *, is_rank: bool, is_below: bool = False) -> str:
    """The word for a status of a target: prices that rise too fast are not slow, and a ceiling that is kept is not exceeded.

    `is_rank`: a rank has no limit. `is_below`: the actual value lies below what is expected.
    """
    if status == Status.OFF_TRACK and goal in (Goal.AT_MOST, Goal.WITHIN) and not is_rank:
        return str(_OUTSIDE_LIMITS if is_below else _BEYOND_LIMIT)
    if status == Status.EXCEEDED and goal == Goal.AT_MOST:
        return str(_BETTER)
    return str(STATUS_LABELS[Status(status)])


def _is_rank(target: Target) -> bool:
    return target.indicator.kind == IndicatorKind.RANK


class Assessment(models.Model):
    """The current assessment of a target: derived from figures and versions, rebuilt by `sweep --all`.

    The JSON column holds the complete assessment as the API returns it, without texts. The other columns serve filters
    and lists.
    """

    target = models.OneToOneField(Target, on_delete=models.CASCADE, primary_key=True, related_name="assessment")
    as_of = models.DateField(text("as of", "tính đến ngày"))
    version = models.PositiveIntegerField(text("version", "phiên bản"))
    # Of the version in force: lists and counts leave out suspended and withdrawn targets.
    state = models.CharField(
        text("state", "hiệu lực"),
        max_length=9,
        choices=[(k.value, v) for k, v in VERSION_STATE_LABELS.items()],
        default="adopted",
    )
    status = models.CharField(
        text("status", "trạng thái"), max_length=10, choices=[(k.value, v) for k, v in STATUS_LABELS.items()]
    )
    overdue = models.BooleanField(text("overdue", "quá hạn báo cáo"), default=False)
    covered_through = models.DateField(text("covered through", "số liệu đến ngày"), null=True)
    actual = ExactDecimalField(text("actual", "thực hiện"), null=True, places=12, digits=38)
    variance = ExactDecimalField(text("variance", "chênh lệch"), null=True, places=12, digits=38)
    payload = models.JSONField(default=dict)
    status_since = models.DateField(text("since", "từ ngày"))
    # Until then only a new figure, version or holiday can change the assessment: the daily run skips it.
    valid_through = models.DateField(default=date.min, db_index=True, editable=False)
    # The status is a problem that came quietly: the next figure that is not quiet notifies of it, even if the status stays.
    not_notified = models.BooleanField(default=False, editable=False)
    changed_at = models.DateTimeField(text("changed", "thay đổi lúc"))
    change = models.BigIntegerField(unique=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = text("assessment", "đánh giá")
        verbose_name_plural = text("assessments", "đánh giá")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=_STATUS_VALUES), name="targets_assessment_valid_status"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in VersionState]), name="targets_assessment_valid_state"
            ),
        ]

    def __str__(self) -> str:
        is_below = self.variance is not None and self.variance < 0
        word = status_word(self.status, self.target.goal, is_rank=_is_rank(self.target), is_below=is_below)
        return f"{self.target}: {word}"


class StatusChange(models.Model):
    """A change of status. Append-only."""

    target = models.ForeignKey(
        Target, on_delete=models.CASCADE, related_name="status_changes", verbose_name=text("target", "chỉ tiêu")
    )
    version = models.PositiveIntegerField(text("version", "phiên bản"))
    before = models.CharField(
        text("from", "từ"), max_length=10, blank=True, choices=[(k.value, v) for k, v in STATUS_LABELS.items()]
    )
    after = models.CharField(
        text("to", "thành"), max_length=10, choices=[(k.value, v) for k, v in STATUS_LABELS.items()]
    )
    day = models.DateField(text("day", "ngày"))
    recorded_at = models.DateTimeField(text("recorded", "ghi nhận lúc"))
    quiet = models.BooleanField(text("without notification", "không thông báo"), default=False)
    # Used in cursors: the serial number would reveal how many changes exist that the caller may not see.
    uid = Uuid7Field(unique=True)

    objects = TargetRelatedQuerySet.as_manager()

    class Meta:
        verbose_name = text("status change", "thay đổi trạng thái")
        verbose_name_plural = text("status changes", "thay đổi trạng thái")
        constraints = [
            models.CheckConstraint(
                condition=Q(after__in=_STATUS_VALUES, before__in=["", *_STATUS_VALUES]),
                name="targets_statuschange_valid_statuses",
            ),
            models.CheckConstraint(condition=~Q(before=models.F("after")), name="targets_statuschange_statuses_differ"),
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.word_before} → {self.word_after}"

    @property
    def word_before(self) -> str:
        return status_word(self.before, self.target.goal, is_rank=_is_rank(self.target)) if self.before else "–"

    @property
    def word_after(self) -> str:
        return status_word(self.after, self.target.goal, is_rank=_is_rank(self.target))
