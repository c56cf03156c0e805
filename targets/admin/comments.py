"""Comments on the pages of their subjects. They are written on a separate page: some of those pages are read-only."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from indicators.models import Measurement
from indicators.services.access.person_names import shown_name
from kpitracker.lib import clock
from kpitracker.lib.admin.base import ServiceAdmin, ServiceForm, actor
from kpitracker.lib.admin.permissions import READ_ONLY_SCOPES
from kpitracker.lib.admin.types import Context, PageMixin, Values
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from targets.admin import help_texts, scopes
from targets.admin.target_links import TARGET_RELATED
from targets.models import Comment
from targets.models.comment import SUBJECT_FIELDS
from targets.services.planning import comments

MAX_COMMENTS = 100


def may_comment(request: HttpRequest) -> bool:
    return comments.may_comment(actor(request))


class CommentsMixin(PageMixin):
    """Shows the comments on the page of their subject."""

    change_form_after_template = "comments/list.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        # Loaded by the page itself, so that users do not read comments about rows that they may not see.
        row = self.get_object(request, object_id) if object_id else None
        context = {**(extra_context or {}), **(_comments_context(request, row) if row else {})}
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response


def _comments_context(request: HttpRequest, row: Model) -> Context:
    subject_field = str(row._meta.model_name)
    comments_shown = (
        Comment.objects.visible_to(actor(request)).filter(**{subject_field: row}).order_by("-pk")[:MAX_COMMENTS]
    )
    add_url = f"{reverse('admin:targets_comment_add')}?{subject_field}={row.pk}"
    return {
        "comments": [(comment, shown_name(comment.author)) for comment in comments_shown],
        "comments_title": text("Comments", "Ý kiến"),
        "comments_withdrawn": text("withdrawn", "đã thu hồi"),
        "comments_add": {"url": add_url, "label": text("Add a comment", "Thêm ý kiến")}
        if may_comment(request)
        else None,
    }


class CommentForm(ServiceForm):
    class Meta:
        model = Comment
        fields = (*SUBJECT_FIELDS, "text")


def _form_subject(form: forms.BaseForm) -> dict[str, str]:
    """The subject of a new comment. The add button of the list opens a form without a subject."""
    for name in SUBJECT_FIELDS:
        field, value = form.fields[name], form[name].value()
        try:
            row = field.clean(value) if value else None
        except ValidationError:
            row = None
        if row is not None:
            return {"label": str(field.label), "name": str(row)}
    hint = text(
        "Open a target, figure, alert or action, and add the comment there.",
        "Hãy mở chỉ tiêu, số liệu, cảnh báo hoặc biện pháp rồi thêm ý kiến tại đó.",
    )
    return {"label": str(text("No subject yet", "Chưa rõ về việc gì")), "name": str(hint)}


@admin.register(Comment)
class CommentAdmin(ServiceAdmin):
    help_texts = help_texts.COMMENT
    required_scopes = READ_ONLY_SCOPES
    form = CommentForm
    department_scope = staticmethod(scopes.comment_scope)
    list_display = ("text", "about", "shown_author", "created_at", "withdrawn_at")
    list_filter = ("created_at",)
    list_select_related = (
        *TARGET_RELATED,
        "measurement__indicator",
        "measurement__area",
        "alert__target",
        "action__target",
    )
    search_fields = ("text", "target__indicator__search_text")
    ordering = ("-pk",)
    actions = ("withdraw",)
    change_form_before_template = "comments/about.html"

    def get_fields(self, request: HttpRequest, obj: Comment | None = None) -> tuple[str, ...]:
        if obj is None:
            return (*SUBJECT_FIELDS, "text")
        return (
            *(name for name in SUBJECT_FIELDS if getattr(obj, f"{name}_id")),
            "text",
            "shown_author",
            "created_at",
            "withdrawn_at",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Comment | None = None) -> tuple[str, ...]:
        return ("shown_author", "created_at", "withdrawn_at") if obj else ()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if kwargs.get("add"):
            context = {**context, "about": _form_subject(context["adminform"].form)}
        return super().render_change_form(request, context, *args, **kwargs)

    def create_row(self, request: HttpRequest, values: Values) -> Model:
        return comments.create_comment(by=actor(request), now=clock.now(), **values)

    def has_add_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return may_comment(request)

    def has_change_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **values: Any
    ) -> "forms.ModelChoiceField[Any] | None":
        # The related widget would show links beside the hidden field.
        field: forms.ModelChoiceField[Any] | None = super().formfield_for_foreignkey(db_field, request, **values)
        if field is not None:
            field.widget = forms.HiddenInput()
        return field

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **values: Any) -> forms.Field | None:
        if db_field.name in SUBJECT_FIELDS:
            return self.formfield_for_foreignkey(db_field, request, **values)
        return super().formfield_for_dbfield(db_field, request, **values)

    def response_add(self, request: HttpRequest, obj: Comment, post_url_continue: str | None = None) -> HttpResponse:
        subject = obj.about
        url_name = f"admin:{subject._meta.app_label}_{subject._meta.model_name}_change"
        return HttpResponseRedirect(reverse(url_name, args=[subject.pk]))

    @admin.display(description=text("about", "về"))
    def about(self, row: Comment) -> str:
        return str(row.about)

    @admin.action(description=text("Withdraw", "Thu hồi"), permissions=["view"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        for comment in queryset:
            try:
                comments.withdraw_comment(comment=comment, by=actor(request), now=clock.now())
            except DomainError as error:
                self.message_user(request, f"{comment}: {error.detail}", messages.ERROR)


# The page of figures shows comments too: the indicators app does not know them.
_measurement_admin = type(admin.site.get_model_admin(Measurement))
admin.site.unregister(Measurement)
admin.site.register(Measurement, type("CommentableMeasurementAdmin", (CommentsMixin, _measurement_admin), {}))
