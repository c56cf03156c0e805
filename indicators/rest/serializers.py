"""Serializers of areas, departments, indicators, duties and holidays, and of figures that are posted."""

from typing import Any

from rest_framework import serializers

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
from indicators.rest.fields import PeriodField, PublishedField
from kpitracker.lib.errors import ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.serializers import (
    CodeReferenceField,
    NamedResourceSerializer,
    StrictBooleanField,
    StrictChoiceField,
    StrictCodeField,
    StrictDateField,
    StrictDecimalField,
    StrictEmailField,
    StrictIntegerField,
    StrictListField,
    StrictSerializer,
    StrictTextField,
)

VALUE_OR_REASON = text(
    "Give a value, or say in missing_reason why there is none.",
    "Hãy nêu giá trị, hoặc nêu lý do không có trong missing_reason.",
)


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


class BreakSerializer(StrictSerializer):
    """A day from which an indicator is measured in another way."""

    day = StrictDateField()
    note = StrictTextField(allow_blank=True, default="", max_length=500)
    note_en = StrictTextField(allow_blank=True, default="", max_length=500)


class PartsField(StrictListField):
    """The parts of an indicator as codes, in order."""

    child = CodeReferenceField()

    def to_representation(self, data: Any) -> list[str]:
        return sorted(part.code for part in data.all())


class IndicatorSerializer(NamedResourceSerializer):
    unit = StrictTextField(max_length=100, one_line=True, allow_blank=True, default="")
    unit_en = StrictTextField(max_length=100, one_line=True, allow_blank=True, default="")
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
    breaks = StrictListField(
        child=BreakSerializer(),
        default=list,
        max_length=100,
        help_text="Days from which it is measured in another way (a new base year, a new method): nothing is added up or "
        "compared across them.",
    )
    parts = PartsField(
        default=list,
        max_length=100,
        help_text="Indicators that add up to this one: of the same unit, all with accumulation sum.",
    )
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
    null_clears = True

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

    def to_internal_value(self, data: object) -> dict[str, Any]:
        values = super().to_internal_value(data)
        if values["value"] is None and not values["missing_reason"]:
            raise ValidationProblem("required", VALUE_OR_REASON, pointer="/value")
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
