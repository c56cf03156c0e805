"""The admin of targets and their versions."""

from decimal import Decimal
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from indicators.admin.base import SearchMixin, ServiceAdmin, actor
from indicators.admin.seen import FIELD
from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.texts import text
from targets.admin import part
from targets.admin.actions import ActionInline
from targets.admin.comments import CommentsMixin
from targets.admin.forms import FIRST_VERSION, HELP, MilestonesField, TargetForm, VersionInline
from targets.admin.judgements import JudgementInline
from targets.admin.words import WordsMixin
from targets.models import Target, TargetVersion
from targets.querysets import TargetQuerySet
from targets.services import assessments, headings, judging, numerals, papers, targets
from targets.services import messages as wording
from targets.services.terms import version_in_force

COLOURS = {
    "exceeded": "success",
    "met": "success",
    "on_track": "success",
    "at_risk": "warning",
    "off_track": "danger",
    "missed": "danger",
    "not_due": "info",
    "no_data": "info",
}
_IDENTITY = ("plan", "indicator", "area", "period_start", "period_end", "goal", "qualitative")
_JUDGED = ("band", "verdict", "since", "actual", "variance", "why")
_REST = ("about", "heading", "section", "department", "cooperating", "weight", "result_due", "source", "note")


def paper_of(target: Target) -> str:
    """The report that explains the assessment as of today, as HTML; a dash while no version is in force."""
    today = clock.today()
    if version_in_force(target, today) is None:
        return "–"
    paper = papers.paper(judging.judge_one(target=target, as_of=today, today=today))
    return format_html('<pre class="paper">{}</pre>', paper)


def _edge(value: Decimal | None, target: Target) -> str | None:
    if value is None:
        return None
    about = f"{text('about', 'khoảng')} " if target.about else ""
    return about + numerals.amount(numerals.number(format(value, "f")), target.indicator.unit)


@admin.register(Target)
class TargetAdmin(WordsMixin, CommentsMixin, SearchMixin, ServiceAdmin):
    part = part.targets
    row_name = "target"
    list_display = ("shown_indicator", "plan", "area", "period", "band", "status", "since", "answers")
    list_filter = (
        ("plan", admin.RelatedOnlyFieldListFilter),
        "assessment__status",
        "assessment__overdue",
        "qualitative",
        "section",
        ("indicator", AutocompleteSelectFilter),
        ("department", AutocompleteSelectFilter),
    )
    list_filter_submit = True
    autocomplete_fields = ("plan", "indicator", "area", "heading", "department", "cooperating")
    search_fields = ("identifier",)
    ordering = ("plan__code", "identifier")
    actions = ("assess_now",)

    def found(self, word: str) -> Q:
        return Q(identifier__contains=word) | Q(indicator__search_text__contains=word)

    def is_own(self, by: Actor, obj: Any) -> bool:
        return part.owns(by, obj.plan.department_id)

    def offered(self, request: HttpRequest, field: str, rows: Any) -> Any:
        """As plan: plans that the user's department owns. As heading: targets of these plans."""
        by = actor(request)
        owner = {"plan": "department__in", "heading": "plan__department__in"}.get(field)
        if owner is None or by.department is None:
            return rows
        return rows.filter(**{owner: Department.objects.family(by.department)})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Target]:
        rows = cast(TargetQuerySet, super().get_queryset(request)).with_versions()
        return rows.select_related("plan", "area", "indicator__department", "department", "assessment")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        first = () if obj else FIRST_VERSION
        added = {name: self.formfield_for_dbfield(TargetVersion._meta.get_field(name), request) for name in first}
        for name in HELP.keys() & added.keys():
            added[name].help_text = HELP[name]
        if not obj:
            added["milestones"] = MilestonesField()
        kwargs["form"] = type("TargetForm", (TargetForm,), added)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = _JUDGED if obj else (*FIRST_VERSION, "milestones")
        seen = (FIELD,) if obj and self.has_change_permission(request, obj) else ()
        hidden = obj and obj.heading_id and headings.of_targets([obj], actor(request))[obj.pk].heading is None
        rest = tuple(name for name in _REST if not (hidden and name == "heading"))
        return (
            (None, {"fields": (*_IDENTITY, *seen)}),
            (text("What is asked", "Mức phải đạt"), {"fields": asked}),
            (text("Who and how", "Phân công"), {"fields": rest}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return (*_IDENTITY, *_JUDGED)

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        judged = (JudgementInline,) if obj.qualitative else ()
        return (VersionInline, *judged, ActionInline)

    def create_row(self, request: HttpRequest, values: dict[str, Any]) -> Any:
        return targets.create(by=actor(request), now=clock.now(), **values).target

    def change_row(self, request: HttpRequest, row: Any, values: dict[str, Any]) -> Any:
        return targets.change(target=row, by=actor(request), now=clock.now(), **values)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        targets.delete(target=obj, by=actor(request), now=clock.now())

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.write_all()

    @admin.display(description=text("indicator", "chỉ tiêu"), ordering="indicator__name")
    def shown_indicator(self, target: Target) -> str:
        return target.indicator.name

    @admin.display(description=text("period", "kỳ"), ordering="period_end")
    def period(self, target: Target) -> str:
        return str(target.period)

    @admin.display(description=text("target", "mức"))
    def band(self, target: Target) -> str:
        version = version_in_force(target, clock.today())
        if target.qualitative or version is None:
            return str(text("qualitative", "định tính")) if target.qualitative else "–"
        facts = {
            "goal": target.goal,
            "lower": _edge(version.lower, target),
            "upper": _edge(version.upper, target),
            "lower_open": version.lower_open,
            "upper_open": version.upper_open,
        }
        return wording.band_of(facts)

    @display(description=text("status", "kết quả"), ordering="assessment__status", label=COLOURS)
    def status(self, target: Target) -> tuple[str, str] | str:
        found = getattr(target, "assessment", None)
        if found is None:
            return "–"
        return found.status, wording.label(found.status, provisional=found.body.get("provisional", False))

    @admin.display(description=text("status", "kết quả"))
    def verdict(self, target: Target) -> str:
        found = getattr(target, "assessment", None)
        return wording.label(found.status, provisional=found.body["provisional"]) if found else "–"

    @admin.display(description=text("actual", "thực hiện"))
    def actual(self, target: Target) -> str:
        found = getattr(target, "assessment", None)
        return numerals.actual(found.body, target.indicator.decimals) if found else "–"

    @admin.display(description=text("variance", "chênh lệch"))
    def variance(self, target: Target) -> str:
        found = getattr(target, "assessment", None)
        return numerals.variance(found.body, target.indicator.decimals) if found else "–"

    @admin.display(description=text("why", "vì sao"))
    def why(self, target: Target) -> str:
        return paper_of(target)

    @admin.display(description=text("since", "từ ngày"), ordering="assessment__since")
    def since(self, target: Target) -> str:
        found = getattr(target, "assessment", None)
        return date_format(found.since) if found else "–"

    @admin.display(description=text("responsible", "đơn vị"))
    def answers(self, target: Target) -> str:
        return target.answerable.name if target.answerable else "–"

    @admin.action(description=text("Assess now", "Đánh giá ngay"), permissions=["change"])
    def assess_now(self, request: HttpRequest, queryset: QuerySet[Target]) -> None:
        own = [target.pk for target in queryset if self.has_change_permission(request, target)]
        changed = assessments.assess(targets=own, now=clock.now())
        self.message_user(
            request, text(f"Assessed; {changed} changed.", f"Đã đánh giá; {changed} thay đổi."), messages.SUCCESS
        )
