"""Figures: their current content and all their revisions."""

from django.db import models
from django.db.models import F, FloatField, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import LessThanOrEqual

from indicators.domain.choices import MissingReason, Qualifier, Stage
from indicators.domain.period_words import period_in_words
from indicators.domain.periods import Period
from indicators.models.area import Area
from indicators.models.department import Department
from indicators.models.indicator import Indicator
from indicators.querysets import MeasurementQuerySet, RevisionQuerySet
from kpitracker.lib.db.fields import ExactDecimalField, Uuid7Field
from kpitracker.lib.i18n.text import is_vietnamese, text

STAGES = {
    Stage.NOT_STATED: text("not stated", "không nêu"),
    Stage.FORECAST: text("forecast", "dự báo, ước cả kỳ"),
    Stage.ESTIMATE: text("estimate", "ước tính"),
    Stage.PRELIMINARY: text("preliminary", "sơ bộ"),
    Stage.OFFICIAL: text("official", "chính thức"),
}
QUALIFIERS = {
    Qualifier.NONE: "",
    Qualifier.ABOUT: text("about", "khoảng"),
    Qualifier.MORE_THAN: text("more than", "hơn"),
    Qualifier.LESS_THAN: text("less than", "dưới"),
    Qualifier.NEARLY: text("nearly", "gần"),
}
MISSING_REASONS = {
    MissingReason.NOT_AVAILABLE: text("not available", "chưa có"),
    MissingReason.NOT_APPLICABLE: text("not applicable", "không áp dụng"),
    MissingReason.SUPPRESSED: text("suppressed", "không công bố"),
    MissingReason.WITHDRAWN: text("withdrawn, it was posted by mistake", "đã rút lại do gửi nhầm"),
}
CONTENT_FIELDS = ("value", "missing_reason", "qualifier", "stage", "source", "note")


class FigureContent(models.Model):
    """The content of one revision of a figure, and who posted it when."""

    value = ExactDecimalField(text("value", "giá trị"), null=True, blank=True)
    missing_reason = models.CharField(
        text("reason for no value", "lý do không có"),
        max_length=14,
        blank=True,
        default="",
        choices=[(k.value, v) for k, v in MISSING_REASONS.items()],
    )
    qualifier = models.CharField(
        text("qualifier", "mức xấp xỉ"),
        max_length=10,
        blank=True,
        default="",
        choices=[(k.value, v) for k, v in QUALIFIERS.items() if k],
    )
    stage = models.CharField(
        text("stage", "giai đoạn"),
        max_length=12,
        blank=True,
        default="",
        choices=[(k.value, v) for k, v in STAGES.items() if k],
    )
    published = models.DateField(text("published", "ngày công bố"), null=True, blank=True)
    recorded_at = models.DateTimeField(text("recorded", "ghi nhận lúc"))
    source = models.TextField(text("source", "nguồn"), blank=True, default="")
    note = models.TextField(text("note", "ghi chú"), blank=True, default="")
    department = models.ForeignKey(
        Department,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=text("posted by", "đơn vị gửi"),
    )
    posted_by = models.CharField(text("credential", "người gửi"), max_length=200, blank=True, default="")

    class Meta:
        abstract = True


def _content_constraints(name: str) -> list[models.BaseConstraint]:
    return [
        # A NaN in a numeric column compares greater than everything: a target would count as exceeded.
        models.CheckConstraint(
            condition=Q(value=None) | Q(LessThanOrEqual(Cast("value", FloatField()), Value(1e18))),
            name=f"indicators_{name}_value_within_range",
        ),
        models.CheckConstraint(
            condition=(Q(value=None) & Q(missing_reason__in=[reason.value for reason in MissingReason]))
            | (Q(value__isnull=False) & Q(missing_reason="")),
            name=f"indicators_{name}_value_or_missing_reason",
        ),
        models.CheckConstraint(
            condition=Q(stage__in=[stage.value for stage in Stage]), name=f"indicators_{name}_valid_stage"
        ),
        models.CheckConstraint(
            condition=Q(qualifier__in=[qualifier.value for qualifier in Qualifier]),
            name=f"indicators_{name}_valid_qualifier",
        ),
    ]


class Measurement(FigureContent):
    """One figure with the content of its current revision. A projection of `Revision`; a command can rebuild it.

    There are no foreign-key constraints: each one costs a fifth of the ingest rate. The service checks the
    references, and indicators and areas that have figures are never deleted.
    """

    id = Uuid7Field(primary_key=True)
    indicator = models.ForeignKey(
        Indicator,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="measurements",
        verbose_name=text("indicator", "chỉ số"),
    )
    area = models.ForeignKey(
        Area,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="measurements",
        verbose_name=text("area", "địa bàn"),
    )
    period_start = models.DateField(text("from", "từ ngày"))
    period_end = models.DateField(text("to", "đến ngày"))
    revision = models.PositiveIntegerField(text("revision", "lần sửa"))
    current_revision = models.UUIDField(
        editable=False, help_text="Id of the current revision. Ids sort by the order of recording."
    )
    revisions = models.PositiveIntegerField(text("revisions", "số lần sửa"))

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        verbose_name = text("figure", "số liệu")
        verbose_name_plural = text("figures", "số liệu")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "area", "period_start", "period_end"], name="indicators_measurement_unique"
            ),
            models.CheckConstraint(
                condition=Q(period_start__lte=F("period_end")), name="indicators_measurement_valid_period"
            ),
            models.CheckConstraint(
                condition=Q(revision__gte=1, revision__lte=F("revisions")),
                name="indicators_measurement_revision_within_revisions",
            ),
            *_content_constraints("measurement"),
        ]

    def __str__(self) -> str:
        period = Period(self.period_start, self.period_end)
        return f"{self.indicator}, {self.area}, {period_in_words(period, vietnamese=is_vietnamese())}"


class Revision(FigureContent):
    """One posting of a figure. Append-only: triggers refuse UPDATE and DELETE. Ids sort by the order of recording."""

    id = Uuid7Field(primary_key=True)
    measurement = models.ForeignKey(
        Measurement, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="history"
    )
    number = models.PositiveIntegerField(text("revision", "lần sửa"))
    quiet = models.BooleanField(
        default=False,
        help_text=text("Posted quietly: no one is notified.", "Gửi không thông báo: không ai được báo."),
    )
    warnings = models.JSONField(text("warnings", "lưu ý"), default=list, blank=True)
    batch = models.UUIDField(null=True, editable=False, help_text="Id of the import that wrote it.")

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = text("revision", "lần sửa")
        verbose_name_plural = text("revisions", "các lần sửa")
        constraints = [
            models.UniqueConstraint(fields=["measurement", "number"], name="indicators_revision_number_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="indicators_revision_number_positive"),
            *_content_constraints("revision"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class SeriesChange(models.Model):
    """A queue entry: figures of this indicator and area changed, and the targets that read them must be assessed.

    Rows are only inserted; workers claim them by id and coalesce them. A unique row with ON CONFLICT DO NOTHING
    would lose a change that commits while a worker runs.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    area = models.ForeignKey(Area, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    quiet = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    retry_at = models.DateTimeField(help_text="When it is processed. Later than recorded_at after a failed attempt.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(indicator__gte=1, area__gte=1), name="indicators_serieschange_ids_positive"
            )
        ]
