"""Targets: an indicator, an area, a period and a band that versions amend."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, FloatField, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from indicators.domain.period_words import period_in_words
from indicators.domain.periods import Period
from indicators.models import Area, Department, Indicator
from kpitracker.lib.db.fields import ExactDecimalField
from kpitracker.lib.i18n.text import is_vietnamese, text, translate, translate_name
from kpitracker.lib.models import VersionedModel
from targets.domain.choices import Goal, Profile, VersionState
from targets.models.plan import Plan
from targets.querysets import TargetQuerySet

GOAL_LABELS = {
    Goal.AT_LEAST: text("at least", "ít nhất"),
    Goal.AT_MOST: text("at most", "không quá"),
    Goal.WITHIN: text("within", "trong khoảng"),
}
PROFILE_LABELS = {
    Profile.EVEN: text("even", "đều"),
    Profile.SEASONAL: text("seasonal", "theo mùa vụ"),
    Profile.FLAT: text("flat", "như nhau suốt kỳ"),
    Profile.PATH: text("path from the baseline", "theo đường từ mức đầu kỳ"),
    Profile.MILESTONES: text("milestones", "theo các mốc"),
}
VERSION_STATE_LABELS = {
    VersionState.DRAFT: text("draft", "dự thảo"),
    VersionState.ADOPTED: text("adopted", "ban hành"),
    VersionState.AMENDED: text("amended", "điều chỉnh"),
    VersionState.SUSPENDED: text("suspended", "tạm dừng"),
    VersionState.WITHDRAWN: text("withdrawn", "bãi bỏ"),
}


def _is_not_negative(name: str) -> Q:
    # Cast, because exact decimals are text on SQLite. Rounding to a float never changes the sign.
    return Q(GreaterThanOrEqual(Cast(name, FloatField()), Value(0.0)))


class Target(VersionedModel):
    identifier = models.CharField(text("id", "mã"), max_length=260, unique=True, editable=False)
    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="targets", verbose_name=text("plan", "kế hoạch")
    )
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="targets", verbose_name=text("indicator", "chỉ số")
    )
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="targets", verbose_name=text("area", "địa bàn")
    )
    period_start = models.DateField(text("from", "từ ngày"))
    period_end = models.DateField(text("to", "đến ngày"))
    goal = models.CharField(
        text("goal", "hướng"),
        max_length=10,
        choices=[(k.value, v) for k, v in GOAL_LABELS.items()],
        blank=True,
        default="",
    )
    qualitative = models.BooleanField(
        text("qualitative", "định tính"),
        default=False,
        help_text=text("Without a number: judged by a person.", "Không có con số: do người đánh giá."),
    )
    about = models.BooleanField(
        text("about", "khoảng"),
        default=False,
        help_text=text("Said in sentences, not computed.", "Nói trong câu, không tính."),
    )
    heading = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="components",
        verbose_name=text("heading", "chỉ tiêu nhóm"),
        help_text=text(
            "A target of the same plan that this one is a part of. Headings are counted apart.",
            "Chỉ tiêu của cùng kế hoạch mà chỉ tiêu này thuộc về. Chỉ tiêu nhóm được đếm riêng.",
        ),
    )
    section = models.CharField(text("section", "lĩnh vực"), max_length=100, blank=True, default="")
    section_en = models.CharField(
        text("English section", "lĩnh vực bằng tiếng Anh"), max_length=100, blank=True, default=""
    )
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="targets",
        verbose_name=text("lead department", "đơn vị chủ trì"),
    )
    cooperating = models.ManyToManyField(
        Department,
        blank=True,
        related_name="cooperating_targets",
        verbose_name=text("cooperating departments", "đơn vị phối hợp"),
    )
    weight = ExactDecimalField(text("weight", "trọng số"), default=Decimal(1), validators=[MinValueValidator(0)])
    result_due = models.DateField(
        text("result due", "hạn công bố kết quả"),
        null=True,
        blank=True,
        help_text=text("If the result is published long after the period.", "Khi kết quả công bố rất muộn."),
    )
    source = models.TextField(text("source", "nguồn"), blank=True, default="")
    note = models.TextField(text("note", "ghi chú"), blank=True, default="")

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = text("target", "chỉ tiêu")
        verbose_name_plural = text("targets", "chỉ tiêu")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "indicator", "area", "period_start", "period_end"], name="targets_target_unique"
            ),
            models.CheckConstraint(condition=Q(period_start__lte=F("period_end")), name="targets_target_valid_period"),
            models.CheckConstraint(
                condition=Q(qualitative=True) | Q(goal__in=[g.value for g in Goal]), name="targets_target_goal_required"
            ),
            models.CheckConstraint(
                condition=Q(goal__in=["", *(g.value for g in Goal)]), name="targets_target_valid_goal"
            ),
            models.CheckConstraint(condition=_is_not_negative("weight"), name="targets_target_weight_not_negative"),
            models.CheckConstraint(condition=~Q(heading=F("id")), name="targets_target_heading_not_self"),
            models.CheckConstraint(
                condition=Q(section_en="") | ~Q(section=""),
                name="targets_target_section_required",
                violation_error_message=text(
                    "An English section needs the section, too.", "Có lĩnh vực bằng tiếng Anh thì phải có lĩnh vực."
                ),
            ),
        ]

    def __str__(self) -> str:
        """For example `New jobs created, Ho Chi Minh City, 2024`; read it with `TARGET_RELATED`."""
        return f"{self.indicator}, {self.area}, {period_in_words(self.period, vietnamese=is_vietnamese())}"

    @property
    def period(self) -> Period:
        return Period(self.period_start, self.period_end)

    @property
    def all_versions(self) -> "list[TargetVersion]":
        """The versions in the order of their numbers; without a query if they were prefetched."""
        prefetched: list[TargetVersion] | None = self.__dict__.get("read_versions")
        return list(self.versions.order_by("number")) if prefetched is None else prefetched

    @property
    def shown_section(self) -> str:
        """The section in the language of the reader; empty if there is none."""
        return translate_name(self.section, self.section_en)

    @property
    def answers_for(self) -> Department | None:
        """The department that answers: the lead, else the owner of the plan; in SQL `answered_for_by`."""
        return self.department or self.plan.department


class TargetVersion(models.Model):
    """The terms of a target from the day they are announced until the next version. Append-only."""

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(text("version", "phiên bản"))
    lower = ExactDecimalField(text("lower edge", "cận dưới"), null=True, blank=True)
    upper = ExactDecimalField(text("upper edge", "cận trên"), null=True, blank=True)
    lower_open = models.BooleanField(text("strictly more", "lớn hơn hẳn"), default=False)
    upper_open = models.BooleanField(text("strictly less", "nhỏ hơn hẳn"), default=False)
    profile = models.CharField(
        text("profile", "tiến độ"),
        max_length=10,
        blank=True,
        default="",
        choices=[(k.value, v) for k, v in PROFILE_LABELS.items()],
    )
    milestones = models.JSONField(text("milestones", "các mốc"), default=list, blank=True)
    baseline = ExactDecimalField(text("baseline", "mức đầu kỳ"), null=True, blank=True)
    baseline_date = models.DateField(text("day of the baseline", "ngày mức đầu kỳ"), null=True, blank=True)
    tolerance = ExactDecimalField(
        text("tolerance", "sai lệch cho phép"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    tolerance_percent = ExactDecimalField(
        text("tolerance in percent", "sai lệch cho phép (%)"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    act = models.TextField(text("act", "văn bản"), blank=True, default="")
    reason = models.TextField(text("reason", "lý do"), blank=True, default="")
    announced = models.DateField(text("announced", "ngày ban hành"))
    state = models.CharField(
        text("state", "trạng thái"),
        max_length=9,
        choices=[(k.value, v) for k, v in VERSION_STATE_LABELS.items()],
        default="adopted",
    )
    source = models.TextField(text("source", "nguồn"), blank=True, default="")
    note = models.TextField(text("note", "ghi chú"), blank=True, default="")
    recorded_at = models.DateTimeField(text("recorded", "ghi nhận lúc"))
    author = models.CharField(text("recorded by", "người ghi"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = text("version", "phiên bản")
        verbose_name_plural = text("versions", "các phiên bản")
        constraints = [
            models.UniqueConstraint(fields=["target", "number"], name="targets_targetversion_number_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="targets_targetversion_number_positive"),
            # Cast, because exact decimals are text on SQLite. Rounding to a float never reverses the order.
            models.CheckConstraint(
                condition=Q(lower=None)
                | Q(upper=None)
                | Q(LessThanOrEqual(Cast("lower", FloatField()), Cast("upper", FloatField()))),
                name="targets_targetversion_lower_not_above_upper",
            ),
            models.CheckConstraint(
                condition=Q(tolerance=None) | _is_not_negative("tolerance"),
                name="targets_targetversion_tolerance_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(tolerance_percent=None) | _is_not_negative("tolerance_percent"),
                name="targets_targetversion_tolerance_percent_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in VersionState]), name="targets_targetversion_valid_state"
            ),
            models.CheckConstraint(
                condition=Q(profile__in=["", *(p.value for p in Profile)]), name="targets_targetversion_valid_profile"
            ),
        ]

    def __str__(self) -> str:
        return translate(f"version {self.number}", f"phiên bản {self.number}")
