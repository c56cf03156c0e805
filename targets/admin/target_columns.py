"""The columns of a target that say where it stands: its stored assessment, as the API gives it and the board shows it."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from unfold.decorators import display

from indicators.domain.choices import IndicatorKind
from kpitracker.lib import clock
from kpitracker.lib.admin.tones import coloured
from kpitracker.lib.admin.types import PageMixin
from kpitracker.lib.i18n.text import text
from targets.admin.tones import STATUS_TONES, status_tone, variance_tone
from targets.domain.choices import Status, VersionState
from targets.models import Target
from targets.models.assessment import Assessment
from targets.services.evaluation.target_versions import find_version_in_force
from targets.services.text import formatting, target_terms
from targets.services.text.status_labels import label_standing

_LIST = "targets_target_changelist"
_ENDED_STATES = [state.value for state in VersionState if state.is_ended]


# The worst status has the least number; suspended and withdrawn targets come last, before those without an assessment.
WORST_FIRST_ORDER = Case(
    When(Q(assessment__state__in=_ENDED_STATES), then=Value(len(Status))),
    *(When(assessment__status=status.value, then=Value(status.worst_first)) for status in Status),
    default=Value(len(Status) + 1),
    output_field=IntegerField(),
)


def past_last(today: date) -> Case:
    """The order that puts targets whose period is over behind the others."""
    return Case(When(period_end__lt=today, then=Value(1)), default=Value(0), output_field=IntegerField())


def assessment_of(target: Target) -> Assessment | None:
    assessment: Assessment | None = getattr(target, "assessment", None)
    return assessment


class AssessmentColumnsMixin(PageMixin):
    """For the list of targets: the worst of those whose period runs come first, then the worst of the past."""

    def get_ordering(self, request: HttpRequest) -> tuple[str | Combinable, ...]:
        if request.resolver_match is None or request.resolver_match.url_name != _LIST:
            # Choices in forms are looked for by their code.
            return ("plan__code", "identifier")
        return (past_last(clock.today()).asc(), WORST_FIRST_ORDER.asc(), "plan__code", "identifier")

    @display(description=text("status", "trạng thái"), ordering=WORST_FIRST_ORDER, label=STATUS_TONES)
    def status(self, target: Target) -> tuple[str, str] | str:
        assessment = assessment_of(target)
        return (assessment.status, label_standing(assessment.payload, target.goal)) if assessment else "–"

    @admin.display(description=text("status", "trạng thái"))
    @coloured(status_tone)
    def verdict(self, target: Target) -> str:
        assessment = assessment_of(target)
        return label_standing(assessment.payload, target.goal) if assessment else "–"

    @admin.display(description=text("actual", "thực hiện"), ordering="assessment__actual")
    def actual(self, target: Target) -> str:
        assessment = assessment_of(target)
        return self._measure(target, assessment.payload["actual"]) if assessment else "–"

    @admin.display(description=text("due by now", "cần đạt đến nay"))
    def due(self, target: Target) -> str:
        assessment = assessment_of(target)
        if assessment is None:
            return "–"
        return formatting.format_due(assessment.payload, _places(target), target.indicator.kind) or "–"

    @admin.display(description=text("variance", "chênh lệch"), ordering="assessment__variance")
    @coloured(variance_tone)
    def variance(self, target: Target) -> str:
        assessment = assessment_of(target)
        if assessment is None:
            return "–"
        return formatting.format_variance(assessment.payload, target.indicator.decimals, target.indicator.kind)

    @admin.display(description=text("outlook", "dự kiến cuối kỳ"))
    def outlook(self, target: Target) -> str:
        assessment = assessment_of(target)
        if assessment is None:
            return "–"
        outlook, shown = assessment.payload["outlook"], self._measure(target, assessment.payload["outlook"]["value"])
        if outlook["low"] == outlook["high"] or target.indicator.kind == IndicatorKind.YES_NO:
            return shown
        return f"{shown} ({formatting.format_range(outlook['low'], outlook['high'], _places(target))})"

    @admin.display(description=text("target", "mức"))
    def band(self, target: Target) -> str:
        version = find_version_in_force(target, clock.today())
        return target_terms.describe_band(target, version) if version else "–"

    def _measure(self, target: Target, value: str | None) -> str:
        return formatting.format_measured(_payload(target), value, _places(target), target.indicator.kind)


def _payload(target: Target) -> Any:
    return target.assessment.payload


def _places(target: Target) -> int:
    """With how many decimal places the board shows the numbers of this target."""
    version = find_version_in_force(target, clock.today())
    edges = (version.lower, version.upper) if version else ()
    texts = [None if edge is None else format(edge, "f") for edge in edges]
    return formatting.assessment_places(_payload(target), target.indicator.decimals, *texts)
