"""The admin of targets and their versions."""

from collections.abc import Iterable
from typing import Any, TypeVar, cast

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.base import ServiceAdmin, actor
from kpitracker.lib.admin.filters import VisibleAutocompleteFilter
from kpitracker.lib.admin.optimistic_lock import VERSION_FIELD
from kpitracker.lib.admin.permissions import PLANNING_SCOPES
from kpitracker.lib.admin.related_links import Related, RelatedLinksMixin
from kpitracker.lib.admin.types import Fieldsets, InlineModelAdmin, ModelForm, Rows, Values
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text
from targets.admin import help_texts, scopes, waiting
from targets.admin.actions import ActionInline
from targets.admin.comments import CommentsMixin
from targets.admin.forms import FIRST_VERSION_FIELDS, TargetForm, VersionInline
from targets.admin.judgements import JudgementInline
from targets.admin.section_filter import SectionFilter
from targets.admin.target_columns import AssessmentColumnsMixin
from targets.admin.target_preview import TermsPreviewMixin
from targets.models import Target, TargetVersion
from targets.pages.milestones import MilestonesField
from targets.pages.term_fields import HELP_TEXTS
from targets.querysets import TargetQuerySet
from targets.services.assessment import assess
from targets.services.evaluation import evaluate
from targets.services.evaluation.contributions import ContributionQuery, find_contributions
from targets.services.evaluation.target_versions import find_version_in_force
from targets.services.planning import headings, part_scopes, targets
from targets.services.text import explanation_report, formatting
from targets.services.text.contribution_table import contribution_report

RowT = TypeVar("RowT", bound=Model)
_IDENTITY_FIELDS = ("plan", "indicator", "area", "period_start", "period_end", "goal", "qualitative")
_ASSESSMENT_FIELDS = ("band", "verdict", "since", "actual", "due", "variance", "outlook", "why")
_ASSIGNMENT_FIELDS = (
    "about",
    "heading",
    "section",
    "section_en",
    "department",
    "cooperating",
    "weight",
    "result_due",
    "source",
    "note",
)


def explanation_html(target: Target, by: Actor | None) -> str:
    """The report that explains the assessment as of today, as HTML; a dash while no version is in force.

    `by`: the reader; None: contributions are left out.
    """
    today = clock.today()
    if find_version_in_force(target, today) is None:
        return "–"
    evaluation = evaluate.evaluate_target(target=target, as_of=today, today=today)
    sections = [explanation_report.build_report(evaluation)]
    if by is not None:
        sections.append(contribution_report(find_contributions(evaluation, ContributionQuery(by, today, today))))
    return format_html('<pre class="paper">{}</pre>', "\n".join(section for section in sections if section))


def remember_reader(row: RowT | None, request: HttpRequest) -> RowT | None:
    """Keep with a row who reads its page: columns get the row alone."""
    if row is not None:
        vars(row)["reader"] = actor(request)
    return row


def reader_of(row: Any) -> Actor | None:
    reader: Actor | None = vars(row).get("reader")
    return reader


@admin.register(Target)
class TargetAdmin(AssessmentColumnsMixin, TermsPreviewMixin, CommentsMixin, RelatedLinksMixin, ServiceAdmin):
    related = (
        Related("indicators.indicator", pk=lambda row: row.indicator_id),
        Related(
            "indicators.measurement",
            query=lambda row: {"indicator__id__exact": row.indicator_id, "area__id__exact": row.area_id},
        ),
        Related("targets.alert", query=lambda row: {"target__id__exact": row.pk}),
        Related("targets.assessment", query=lambda row: {"q": row.identifier}),
    )
    help_texts = help_texts.TARGET
    required_scopes = PLANNING_SCOPES
    department_scope = staticmethod(part_scopes.target_scope)
    row_name = "target"
    list_display = (
        "shown_indicator", "plan", "area", "period", "status", "actual", "due", "variance", "outlook", "band", "answers",
    )  # fmt: skip
    list_filter = (
        ("plan", admin.RelatedOnlyFieldListFilter),
        "assessment__status",
        "assessment__overdue",
        "qualitative",
        ("section", SectionFilter),
        ("indicator", VisibleAutocompleteFilter),
        ("department", VisibleAutocompleteFilter),
    )
    list_filter_submit = True
    attention = (waiting.UNASSESSED_TARGETS,)
    autocomplete_fields = ("plan", "indicator", "area", "heading", "department", "cooperating")
    search_fields = ("identifier", "indicator__search_text", "plan__search_text")
    actions = ("assess_now",)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Target | None:
        return remember_reader(super().get_object(request, object_id, from_field), request)

    def may_edit(self, by: Actor, obj: Target) -> bool:
        return scopes.owns_plans_of(by, obj.plan.department_id)

    def limit_choices(self, request: HttpRequest, field: str, rows: Rows) -> Rows:
        """As plan: plans that the user's department owns. As heading: targets of these plans."""
        by = actor(request)
        owner_lookup = {"plan": "department__in", "heading": "plan__department__in"}.get(field)
        if owner_lookup is None or by.department is None:
            return rows
        return rows.filter(**{owner_lookup: Department.objects.subtree_ids(by.department)})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Target]:
        queryset = cast(TargetQuerySet, super().get_queryset(request)).with_versions()
        return queryset.select_related("plan__department", "area", "indicator", "department", "assessment")

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: object
    ) -> type[ModelForm]:
        version_fields = () if obj else FIRST_VERSION_FIELDS
        columns: dict[str, Any] = {name: TargetVersion._meta.get_field(name) for name in version_fields}
        form_fields: dict[str, Any] = {
            name: self.formfield_for_dbfield(column, request) for name, column in columns.items()
        }
        for name in HELP_TEXTS.keys() & form_fields.keys():
            form_fields[name].help_text = HELP_TEXTS[name]
        if not obj:
            form_fields["milestones"] = MilestonesField()
        kwargs["form"] = type("TargetForm", (TargetForm,), form_fields)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Target | None = None) -> Fieldsets:
        term_fields = _ASSESSMENT_FIELDS if obj else (*FIRST_VERSION_FIELDS, "milestones")
        lock_fields = (VERSION_FIELD,) if obj and self.has_change_permission(request, obj) else ()
        hides_heading = (
            obj and obj.heading_id and headings.load_hierarchy_links([obj], actor(request))[obj.pk].heading is None
        )
        assignment_fields = tuple(name for name in _ASSIGNMENT_FIELDS if not (hides_heading and name == "heading"))
        return (
            (None, {"fields": (*_IDENTITY_FIELDS, *lock_fields)}),
            (text("What must be reached", "Mức phải đạt"), {"fields": term_fields}),
            (text("Who and how", "Phân công"), {"fields": assignment_fields}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Target | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return (*_IDENTITY_FIELDS, *_ASSESSMENT_FIELDS)

    def get_inlines(self, request: HttpRequest, obj: Target | None = None) -> tuple[type[InlineModelAdmin], ...]:
        if obj is None:
            return ()
        judgement_inlines = (JudgementInline,) if obj.qualitative else ()
        return (VersionInline, *judgement_inlines, ActionInline)

    def create_row(self, request: HttpRequest, values: Values) -> Model:
        result = targets.create_target(by=actor(request), now=clock.now(), **values)
        self._show_warnings(request, result.warnings)
        return result.target

    def change_row(self, request: HttpRequest, row: Target, values: Values) -> Model:
        return targets.update_target(target=row, by=actor(request), now=clock.now(), **values)

    def delete_model(self, request: HttpRequest, obj: Target) -> None:
        targets.delete_target(target=obj, by=actor(request), now=clock.now())

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.write_all()
        self._show_warnings(request, getattr(formset, "warnings", ()))

    def _show_warnings(self, request: HttpRequest, warnings: Iterable[ProblemItem]) -> None:
        for warning in warnings:
            self.message_user(request, str(warning.detail), messages.WARNING)

    @admin.display(description=text("indicator", "chỉ số"), ordering="indicator__name")
    def shown_indicator(self, target: Target) -> str:
        return str(target.indicator)

    @admin.display(description=text("period", "kỳ"), ordering="period_end")
    def period(self, target: Target) -> str:
        return formatting.format_period(str(target.period))

    @admin.display(description=text("why", "vì sao"))
    def why(self, target: Target) -> str:
        return explanation_html(target, reader_of(target))

    @admin.display(description=text("since", "từ ngày"), ordering="assessment__status_since")
    def since(self, target: Target) -> str:
        assessment = getattr(target, "assessment", None)
        return date_format(assessment.status_since) if assessment else "–"

    @admin.display(description=text("answers for it", "chịu trách nhiệm"))
    def answers(self, target: Target) -> str:
        return str(target.answers_for or text("no lead named", "chưa nêu đơn vị chủ trì"))

    @admin.action(description=text("Assess now", "Đánh giá ngay"), permissions=["change"])
    def assess_now(self, request: HttpRequest, queryset: QuerySet[Target]) -> None:
        target_ids = [target.pk for target in queryset if self.has_change_permission(request, target)]
        changed_count = assess.assess(targets=target_ids, now=clock.now())
        self.message_user(
            request,
            text(f"Assessed; {changed_count} changed.", f"Đã đánh giá; {changed_count} thay đổi."),
            messages.SUCCESS,
        )
