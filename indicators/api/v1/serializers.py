"""Serializers of areas, departments, indicators, duties, holidays, figures and imports."""

from typing import Any

from rest_framework import serializers

from indicators.api.v1.fields import CodeReferenceField, PeriodField, PublishedField
from indicators.domain.choices import (
    Accumulation,
    AreaKind,
    DueUnit,
    Frequency,
    IndicatorKind,
    MissingReason,
    Qualifier,
    RegionalAggregation,
    Stage,
)
from indicators.models.import_ import IMPORT_STATES
from kpitracker.lib.errors import ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.serializers import (
    REQUIRED,
    StrictBooleanField,
    StrictChoiceField,
    StrictCodeField,
    StrictDateField,
    StrictDecimalField,
    StrictEmailField,
    StrictIntegerField,
    StrictSerializer,
    StrictTextField,
)


class NamedResourceSerializer(StrictSerializer):
    code = StrictCodeField()
    name = StrictTextField(max_length=300, one_line=True)
    name_en = StrictTextField(max_length=300, one_line=True, allow_blank=True, default="")


class AreaSerializer(NamedResourceSerializer):
    kind = StrictChoiceField(AreaKind, default="other")
    parent = CodeReferenceField(default=None, allow_null=True)
    valid_from = StrictDateField(default=None, allow_null=True)
    valid_to = StrictDateField(default=None, allow_null=True)
    successor = CodeReferenceField(default=None, allow_null=True)
    note = StrictTextField(allow_blank=True, default="")


class DepartmentSerializer(NamedResourceSerializer):
    parent = CodeReferenceField(default=None, allow_null=True)
    email = StrictEmailField(allow_blank=True, default="")
    valid_from = StrictDateField(default=None, allow_null=True)
    valid_to = StrictDateField(default=None, allow_null=True)
    successor = CodeReferenceField(default=None, allow_null=True)
    note = StrictTextField(allow_blank=True, default="")


class IndicatorSerializer(NamedResourceSerializer):
    unit = StrictTextField(max_length=100, one_line=True, allow_blank=True, default="")
    kind = StrictChoiceField(IndicatorKind, default="level")
    decimals = StrictIntegerField(min_value=0, max_value=6, default=2)
    frequency = StrictChoiceField(Frequency, default="month")
    accumulation = StrictChoiceField(Accumulation, default="", allow_null=True)
    formula = StrictTextField(max_length=1000, allow_blank=True, default="", allow_null=True)
    regional = StrictChoiceField(
        RegionalAggregation,
        default="",
        help_text="sum: where nothing is posted for an area, the figures of its parts are added up.",
    )
    due_days = StrictIntegerField(min_value=0, max_value=1000, default=10)
    due_unit = StrictChoiceField(DueUnit, default="days")
    usual_low = StrictDecimalField(
        default=None, allow_null=True, help_text="A figure below it is flagged, never refused."
    )
    usual_high = StrictDecimalField(
        default=None, allow_null=True, help_text="A figure above it is flagged, never refused."
    )
    check_formula = StrictTextField(
        max_length=1000,
        allow_blank=True,
        default="",
        allow_null=True,
        help_text="Of a stored indicator: a figure that differs from it is flagged.",
    )
    check_tolerance = StrictDecimalField(
        minimum=0,
        default=None,
        allow_null=True,
        help_text="Allowed difference; omitted: one in the last decimal shown, at least 0.1.",
    )
    department = CodeReferenceField(default=None, allow_null=True)
    source = StrictTextField(allow_blank=True, default="")
    note = StrictTextField(allow_blank=True, default="")
    # Without defaults: a PUT that omits them must not lift a restriction.
    restricted = StrictBooleanField(required=False)
    needs_approval = StrictBooleanField(required=False)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        row: dict[str, Any] = super().to_representation(instance)
        return row | {name: row[name] or None for name in ("accumulation", "formula", "check_formula")}


class ReportingDutySerializer(StrictSerializer):
    id = serializers.CharField(read_only=True, source="uid")
    indicator = CodeReferenceField()
    area = CodeReferenceField()
    department = CodeReferenceField()
    valid_from = StrictDateField(default=None, allow_null=True)
    valid_to = StrictDateField(default=None, allow_null=True)


class HolidaySerializer(StrictSerializer):
    day = StrictDateField()
    name = StrictTextField(max_length=300, one_line=True)
    name_en = StrictTextField(max_length=300, one_line=True, allow_blank=True, default="")
    working = StrictBooleanField(
        default=False, help_text="A Saturday or Sunday that is worked in exchange for another day."
    )


class FigureSerializer(StrictSerializer):
    """A figure to be posted."""

    indicator = StrictCodeField()
    area = StrictCodeField(default=None, allow_null=True)
    period = PeriodField()
    value = StrictDecimalField(default=None, allow_null=True)
    missing_reason = StrictChoiceField(MissingReason, default="", allow_null=True)
    qualifier = StrictChoiceField(Qualifier, default="")
    stage = StrictChoiceField(Stage, default="")
    published = PublishedField(required=False)
    source = StrictTextField(allow_blank=True, default="")
    note = StrictTextField(allow_blank=True, default="")

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        values = super().to_internal_value(data)
        if values["value"] is None and not values["missing_reason"]:
            raise ValidationProblem("required", REQUIRED, pointer="/value")
        if values["value"] is not None and values["missing_reason"]:
            raise ValidationProblem(
                items=[
                    ProblemItem(
                        "/missing_reason",
                        "invalid-choice",
                        text(
                            "A figure with a value has no missing reason.",
                            "Số liệu có giá trị thì không có lý do thiếu.",
                        ),
                    )
                ]
            )
        return values


class WarningSerializer(StrictSerializer):
    slug = serializers.CharField(read_only=True)
    detail = serializers.CharField(read_only=True)


class MeasurementSerializer(StrictSerializer):
    """One revision of a figure; by default the revision in force."""

    id = serializers.CharField(read_only=True)
    indicator = serializers.CharField(read_only=True)
    area = serializers.CharField(read_only=True)
    period = PeriodField(read_only=True)
    value = StrictDecimalField(read_only=True, allow_null=True)
    missing_reason = serializers.CharField(read_only=True, allow_null=True)
    qualifier = serializers.CharField(read_only=True)
    stage = serializers.CharField(read_only=True)
    published = PublishedField(read_only=True)
    recorded_at = serializers.DateTimeField(read_only=True)
    source = serializers.CharField(read_only=True)
    note = serializers.CharField(read_only=True)
    department = serializers.CharField(read_only=True, allow_null=True)
    revision = serializers.IntegerField(read_only=True)
    current = serializers.BooleanField(read_only=True)
    warnings = WarningSerializer(many=True, read_only=True)


class FigureResultSerializer(MeasurementSerializer):
    """The result of posting a figure."""

    outcome = serializers.ChoiceField(choices=["created", "revised", "unchanged"], read_only=True)
    previous = MeasurementSerializer(read_only=True, required=False)


class SumCompletenessSerializer(StrictSerializer):
    """How many areas of a sum have reported; lists at most twenty of the missing areas."""

    reported = serializers.IntegerField(read_only=True)
    expected = serializers.IntegerField(read_only=True)
    missing = serializers.ListField(child=serializers.CharField(), read_only=True)


class SeriesPointSerializer(StrictSerializer):
    period = PeriodField(read_only=True)
    area = serializers.CharField(read_only=True)
    value = StrictDecimalField(read_only=True, allow_null=True)
    qualifier = serializers.CharField(read_only=True, allow_null=True)
    stage = serializers.CharField(read_only=True, allow_null=True)
    published = serializers.CharField(read_only=True, allow_null=True)
    revision = serializers.IntegerField(read_only=True, allow_null=True)
    revisions = serializers.IntegerField(read_only=True, allow_null=True)
    computed = serializers.BooleanField(read_only=True)
    basis = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="sum: over the parts of the area; before-merge: together with areas that merged into it later.",
    )
    completeness = SumCompletenessSerializer(read_only=True, allow_null=True)
    warnings = WarningSerializer(many=True, read_only=True)


class BatchErrorSerializer(StrictSerializer):
    row = serializers.IntegerField(read_only=True)
    pointer = serializers.CharField(read_only=True)
    slug = serializers.CharField(read_only=True)
    detail = serializers.CharField(read_only=True)
    indicator = serializers.CharField(read_only=True)
    period = serializers.CharField(read_only=True)


class BatchCountsSerializer(StrictSerializer):
    """created + revised + unchanged + rejected = rows."""

    rows = serializers.IntegerField(read_only=True)
    created = serializers.IntegerField(read_only=True)
    revised = serializers.IntegerField(read_only=True)
    unchanged = serializers.IntegerField(read_only=True)
    rejected = serializers.IntegerField(read_only=True)
    warnings = serializers.IntegerField(read_only=True)


class BatchReportSerializer(BatchCountsSerializer):
    dry_run = serializers.BooleanField(read_only=True)
    atomic = serializers.BooleanField(read_only=True)
    errors = BatchErrorSerializer(many=True, read_only=True)


class ImportReportSerializer(BatchCountsSerializer):
    rows = serializers.IntegerField(read_only=True, allow_null=True)


class UndoResultSerializer(StrictSerializer):
    """How many figures an undo withdrew, and which it could not withdraw."""

    withdrawn = serializers.IntegerField(read_only=True)
    left = serializers.IntegerField(read_only=True)
    errors = BatchErrorSerializer(many=True, read_only=True)


class ImportSerializer(StrictSerializer):
    id = serializers.CharField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    finished_at = serializers.DateTimeField(read_only=True, allow_null=True)
    department = serializers.CharField(read_only=True, allow_null=True)
    format = serializers.CharField(read_only=True)
    file_name = serializers.CharField(read_only=True)
    atomic = serializers.BooleanField(read_only=True)
    dry_run = serializers.BooleanField(read_only=True)
    state = serializers.ChoiceField(read_only=True, choices=list(IMPORT_STATES.items()))
    rows_done = serializers.IntegerField(read_only=True)
    rows_total = serializers.IntegerField(read_only=True, allow_null=True)
    report = ImportReportSerializer(read_only=True)
    problem = serializers.DictField(read_only=True, allow_null=True)
    undo = UndoResultSerializer(read_only=True, allow_null=True)
    errors = BatchErrorSerializer(many=True, read_only=True, required=False)
