"""Indicators, what their formulas read, and their parts."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, FloatField, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from indicators.domain.choices import (
    Accumulation,
    DueUnit,
    Frequency,
    IndicatorKind,
    RegionalAggregation,
)
from indicators.models.department import Department
from indicators.models.unit_words import rank_word, unit_in_words
from indicators.querysets import IndicatorQuerySet
from kpitracker.lib.db.fields import ExactDecimalField
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import NamedModel
from kpitracker.lib.own_part import OwnPartModel

KINDS = {
    IndicatorKind.LEVEL: text("level", "mức"),
    IndicatorKind.RATE: text("rate", "tỷ lệ tăng"),
    IndicatorKind.SHARE: text("share", "tỷ trọng"),
    IndicatorKind.INDEX: text("index", "chỉ số so sánh (gốc = 100)"),
    IndicatorKind.COUNT: text("count", "số lượng"),
    IndicatorKind.RANK: text("rank", "thứ hạng"),
    IndicatorKind.YES_NO: text("yes or no", "có hoặc không"),
}
FREQUENCIES = {
    Frequency.DAY: text("day", "ngày"),
    Frequency.MONTH: text("month", "tháng"),
    Frequency.QUARTER: text("quarter", "quý"),
    Frequency.HALF: text("half-year", "nửa năm"),
    Frequency.YEAR: text("year", "năm"),
}
ACCUMULATIONS = {
    Accumulation.SUM: text("sum of its parts", "cộng dồn"),
    Accumulation.MEAN: text("mean of its parts", "bình quân"),
    Accumulation.LAST: text("last known", "giá trị cuối kỳ"),
    Accumulation.NONE: text("stands for its period alone", "không cộng dồn"),
}
REGIONAL = {RegionalAggregation.SUM: text("sum of its child areas", "tổng các địa bàn trực thuộc")}
DUE_UNITS = {
    DueUnit.DAYS: text("days", "ngày"),
    DueUnit.WORKING_DAYS: text("working days", "ngày làm việc"),
}


class Indicator(OwnPartModel, NamedModel):
    structured = True

    unit = models.CharField(text("unit", "đơn vị tính"), max_length=100, blank=True, default="")
    unit_en = models.CharField(text("English unit", "đơn vị tính tiếng Anh"), max_length=100, blank=True, default="")
    kind = models.CharField(
        text("kind", "loại"), max_length=10, choices=[(k.value, v) for k, v in KINDS.items()], default="level"
    )
    decimals = models.PositiveSmallIntegerField(
        text("decimals shown", "số chữ số thập phân"), default=2, validators=[MaxValueValidator(6)]
    )
    frequency = models.CharField(
        text("frequency", "tần suất"),
        max_length=10,
        choices=[(k.value, v) for k, v in FREQUENCIES.items()],
        default="month",
    )
    accumulation = models.CharField(
        text("accumulation", "cách cộng gộp"),
        max_length=10,
        choices=[(k.value, v) for k, v in ACCUMULATIONS.items()],
        blank=True,
        default="",
        help_text=text(
            "How parts make a whole. Empty for a formula.", "Cách các kỳ hợp thành. Để trống nếu có công thức."
        ),
    )
    formula = models.TextField(
        text("formula", "công thức"),
        blank=True,
        default="",
        help_text=text("Such as yoy(retail-sales) or 100 * a / b.", "Ví dụ yoy(retail-sales) hoặc 100 * a / b."),
    )
    regional = models.CharField(
        text("for an area with child areas", "với địa bàn có đơn vị trực thuộc"),
        max_length=10,
        choices=[(k.value, v) for k, v in REGIONAL.items()],
        blank=True,
        default="",
        help_text=text(
            "Sum: if no figure is posted for an area, the figures of its parts are added. Only for levels and counts.",
            "Tổng: khi địa bàn không có số liệu, cộng số liệu của các địa bàn trực thuộc. Chỉ dùng cho mức và số lượng.",
        ),
    )
    due_days = models.PositiveSmallIntegerField(
        text("due after days", "hạn báo cáo (ngày)"),
        default=10,
        validators=[MaxValueValidator(1000)],
        help_text=text("Days after the end of a period.", "Số ngày sau khi hết kỳ."),
    )
    due_unit = models.CharField(
        text("due days counted in", "hạn tính theo"),
        max_length=12,
        choices=[(k.value, v) for k, v in DUE_UNITS.items()],
        default="days",
        help_text=text(
            "Working days leave out weekends and the days entered as holidays.",
            "Ngày làm việc không tính cuối tuần và các ngày nghỉ đã nhập.",
        ),
    )
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=text("reporting department", "đơn vị báo cáo"),
    )
    source = models.TextField(text("source", "nguồn"), blank=True, default="")
    restricted = models.BooleanField(
        text("restricted", "hạn chế"),
        default=False,
        help_text=text(
            "Only its department, the departments that report it, those above them and the whole organisation see it "
            "and everything that is computed from it.",
            "Chỉ đơn vị phụ trách, đơn vị báo cáo, cấp trên của họ và toàn tổ chức được xem, kể cả số tính từ nó.",
        ),
    )
    needs_approval = models.BooleanField(
        text("figures need approval", "số liệu cần duyệt"),
        default=False,
        help_text=text(
            "A posted figure counts only after a second user of the department has approved it.",
            "Số liệu chỉ có hiệu lực khi người thứ hai của đơn vị duyệt.",
        ),
    )

    breaks = models.JSONField(
        text("breaks of the series", "các điểm gián đoạn của chuỗi"),
        default=list,
        blank=True,
        help_text=text(
            "Days from which it is measured in another way: a new base year, a new method. "
            "Nothing is added up or compared across them.",
            "Các ngày bắt đầu đo theo cách khác: đổi năm gốc, đổi phương pháp. "
            "Số liệu trước và sau các ngày này không được cộng hay so sánh với nhau.",
        ),
    )
    parts = models.ManyToManyField(
        "self",
        through="IndicatorPart",
        through_fields=("indicator", "part"),
        symmetrical=False,
        related_name="wholes",
        blank=True,
        verbose_name=text("parts", "các chỉ số thành phần"),
        help_text=text(
            "Indicators that add up to this one, of the same unit, all with accumulation sum: what each contributed to "
            "a growth is shown, and a total that differs from their sum is flagged.",
            "Các chỉ số cộng lại thành chỉ số này, cùng đơn vị tính và cùng cộng dồn: hệ thống cho biết mỗi chỉ số "
            "đóng góp bao nhiêu vào tốc độ tăng, và lưu ý khi tổng lệch với các thành phần cộng lại.",
        ),
    )
    usual_low = ExactDecimalField(
        text("usually at least", "thường không dưới"),
        null=True,
        blank=True,
        help_text=text("A figure below it is flagged, not refused.", "Số liệu thấp hơn sẽ bị lưu ý, không bị từ chối."),
    )
    usual_high = ExactDecimalField(
        text("usually at most", "thường không quá"),
        null=True,
        blank=True,
        help_text=text("A figure above it is flagged, not refused.", "Số liệu cao hơn sẽ bị lưu ý, không bị từ chối."),
    )
    check_formula = models.TextField(
        text("check formula", "công thức kiểm tra"),
        blank=True,
        default="",
        help_text=text(
            "Such as yoy(retail-sales) for a growth published beside its level. Figures that differ are flagged.",
            "Ví dụ yoy(retail-sales) cho tốc độ tăng công bố cùng mức: số liệu lệch sẽ bị lưu ý.",
        ),
    )
    check_tolerance = ExactDecimalField(
        text("allowed difference", "độ lệch cho phép"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=text(
            "Empty: one in the last decimal shown, at least 0.1.",
            "Để trống: một đơn vị ở chữ số thập phân cuối, ít nhất 0.1.",
        ),
    )

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = text("indicator", "chỉ số")
        verbose_name_plural = text("indicators", "chỉ số")
        # Read at each write of a figure, to find what the change of a version counter is about.
        indexes = [models.Index(fields=["id"], condition=Q(restricted=True), name="indicators_indicator_restrict")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(formula="") & ~Q(accumulation="")) | (~Q(formula="") & Q(accumulation="")),
                name="indicators_indicator_accumulation_or_formula",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in IndicatorKind]), name="indicators_indicator_valid_kind"
            ),
            models.CheckConstraint(
                condition=Q(frequency__in=[f.value for f in Frequency]), name="indicators_indicator_valid_frequency"
            ),
            models.CheckConstraint(
                condition=Q(accumulation__in=["", *(a.value for a in Accumulation)]),
                name="indicators_indicator_valid_accumulation",
            ),
            # A sum of rates, shares, indices or ranks of areas has no meaning.
            models.CheckConstraint(
                condition=Q(regional="")
                | Q(regional="sum", kind__in=["level", "count"], accumulation__in=["sum", "last"]),
                name="indicators_indicator_regional_summable",
            ),
            models.CheckConstraint(condition=Q(decimals__lte=6), name="indicators_indicator_decimals_max"),
            models.CheckConstraint(condition=Q(due_days__lte=1000), name="indicators_indicator_due_days_max"),
            models.CheckConstraint(
                condition=Q(due_unit__in=[u.value for u in DueUnit]), name="indicators_indicator_valid_due_unit"
            ),
            # Figures of an indicator with a formula are never posted: there is nothing to check.
            models.CheckConstraint(
                condition=Q(formula="") | Q(check_formula=""), name="indicators_indicator_check_only_if_stored"
            ),
            # Cast, because exact decimals are text on SQLite. Rounding to a float never reverses an order.
            models.CheckConstraint(
                condition=Q(check_tolerance=None)
                | Q(GreaterThanOrEqual(Cast("check_tolerance", FloatField()), Value(0.0))),
                name="indicators_indicator_check_tolerance_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(usual_low=None)
                | Q(usual_high=None)
                | Q(LessThanOrEqual(Cast("usual_low", FloatField()), Cast("usual_high", FloatField()))),
                name="indicators_indicator_usual_low_not_above_high",
            ),
        ]

    @property
    def shown_unit(self) -> str:
        """The unit as pages write it behind a number, in the language of the reader."""
        return rank_word() if self.kind == IndicatorKind.RANK else unit_in_words(self.unit, self.unit_en)


class FormulaInput(models.Model):
    """An indicator that a formula reads. The rows are rebuilt from the formula each time it is saved.

    They find every target whose indicator is computed from a changed figure without parsing all formulas.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="inputs")
    input = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="readers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["indicator", "input"], name="indicators_formulainput_unique")]


class CheckInput(models.Model):
    """An indicator that a check formula reads. Separate from `FormulaInput`: a checked indicator is not computed."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="check_inputs")
    input = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="checks")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["indicator", "input"], name="indicators_checkinput_unique")]


class IndicatorPart(models.Model):
    """An indicator that is a part of another: the values of the parts add up to the value of the whole."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="part_links")
    part = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="whole_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "part"], name="indicators_indicatorpart_unique"),
            models.CheckConstraint(condition=~Q(indicator=F("part")), name="indicators_indicatorpart_not_itself"),
        ]
