"""Admin of API keys."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget, UnfoldBooleanWidget

from indicators.admin import help_texts
from indicators.models import ApiKey
from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.base import BaseAdmin, actor, dry_run_service
from kpitracker.lib.admin.forms import ServiceForm
from kpitracker.lib.admin.number_fields import ask_about_numbers
from kpitracker.lib.admin.permissions import ADMIN_SCOPES
from kpitracker.lib.admin.types import ModelForm, Values
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text

SCOPE_LABELS = {
    Scope.READ: text("read everything", "xem tất cả"),
    Scope.FIGURES_WRITE: text("post figures", "gửi số liệu"),
    Scope.FIGURES_HISTORY: text("backdate figures", "gửi số liệu quá khứ"),
    Scope.PLANS_WRITE: text("write plans and targets", "lập kế hoạch và chỉ tiêu"),
    Scope.ALERTS_WRITE: text("work on alerts", "xử lý cảnh báo"),
    Scope.ADMIN: text("write the catalogue", "quản lý danh mục"),
}


class NetworksField(forms.CharField):
    """Networks, one a line. Empty: every address is allowed."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            label=text("Allowed addresses", "Địa chỉ được phép"),
            help_text=text(
                "Networks such as 10.1.0.0/16, one a line. Empty: any.",
                "Dải mạng như 10.1.0.0/16, mỗi dòng một dải. Để trống: mọi nơi.",
            ),
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        )

    def to_python(self, value: Any) -> Any:
        return (value or "").split()

    def prepare_value(self, value: object) -> str:
        return "\n".join(value) if isinstance(value, list) else str(value or "")

    def run_validators(self, value: object) -> None:
        """The service checks the networks."""


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]
    by: Actor  # the service checks the key as it will be asked to issue it

    scopes = forms.MultipleChoiceField(
        choices=lambda: [(scope.value, f"{scope.value}: {label}") for scope, label in SCOPE_LABELS.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label=text("Scopes", "Quyền"),
    )

    whole_organisation = forms.BooleanField(
        label=text("For the whole organisation", "Cho toàn bộ tổ chức"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=text("Instead of a department.", "Thay cho một đơn vị."),
    )
    addresses = NetworksField()

    class Meta:
        model = ApiKey
        fields = ("name", "department", "whole_organisation", "scopes", "rate", "expires_at", "addresses")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            self.fields["name"].required = True

    def clean(self) -> Values:
        """The values of the service. A key for everything must be meant: its owner and its scopes are chosen."""
        cleaned = super().clean() or self.cleaned_data
        ask_about_numbers(self, {})
        if cleaned.pop("whole_organisation", False) == bool(cleaned.get("department")):
            self.add_error(
                "department",
                str(text("Choose a department, or the whole organisation.", "Chọn một đơn vị, hoặc toàn bộ tổ chức.")),
            )
        if not self.errors and not self.instance.pk:
            dry_run_service(self, partial(api_keys.issue_key, by=self.by, now=clock.now(), **cleaned))
        return cleaned

    def _post_clean(self) -> None:
        # The service creates the row from the cleaned values; there is no instance to validate.
        pass


@admin.register(ApiKey)
class ApiKeyAdmin(BaseAdmin):
    """A key is issued, replaced or revoked; it is never edited."""

    help_texts = help_texts.KEY
    required_scopes = ADMIN_SCOPES
    form = ApiKeyForm
    list_display = ("prefix", "name", "department", "scope_list", "rate", "created_at", "last_used_at", "revoked_at")
    list_filter = (("department", admin.RelatedOnlyFieldListFilter), ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("department",)
    search_fields = ("prefix", "name", "department__search_text")
    autocomplete_fields = ("department",)
    actions = ("replace", "revoke")
    ordering = ("-created_at",)

    def get_form(
        self, request: HttpRequest, obj: ApiKey | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"by": actor(request)})

    @admin.display(description=text("scopes", "quyền"))
    def scope_list(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        if obj is None:
            return ApiKeyForm.Meta.fields
        return (
            "prefix",
            "name",
            "department",
            "scope_list",
            "rate",
            "addresses",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
            "exposed_at",
            "replaces",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        return () if obj is None else self.get_fields(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def save_form(self, request: HttpRequest, form: ModelForm, change: bool) -> ApiKey:
        key: ApiKey = form.instance
        return key

    def save_model(self, request: HttpRequest, obj: ApiKey, form: ServiceForm, change: bool) -> None:
        if change:
            return
        issued = api_keys.issue_key(by=actor(request), now=clock.now(), **form.cleaned_data)
        obj.pk = issued.key.pk
        obj.refresh_from_db()
        notice = text("The key, shown now and never again:", "Khóa, chỉ hiển thị một lần:")
        self.message_user(request, f"{notice} {issued.secret}", messages.WARNING)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        pass

    @admin.action(
        description=text("Replace, with a week of overlap", "Thay khóa, chạy song song một tuần"),
        permissions=["change"],
    )
    def replace(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            try:
                issued = api_keys.rotate_key(key=key, by=actor(request), now=clock.now())
            except DomainError as error:
                self.message_user(request, f"{key}: {error.detail}", messages.ERROR)
            else:
                notice = text("is replaced by (shown now and never again):", "thay bằng, chỉ hiển thị một lần:")
                self.message_user(request, f"{key} {notice} {issued.secret}", messages.WARNING)

    @admin.action(description=text("Revoke at once", "Thu hồi ngay"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            api_keys.revoke_key(key=key, by=actor(request), now=clock.now())
        self.message_user(request, text("Revoked.", "Đã thu hồi."), messages.SUCCESS)
