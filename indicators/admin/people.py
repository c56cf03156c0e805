"""Admin of users and of the account e-mails sent to them."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import admin as _registers_groups  # noqa: F401 - registers Group, which is unregistered below
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from indicators.admin import help_texts, waiting
from indicators.models import AccountEmail, User
from indicators.services.access import user_accounts
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from kpitracker.lib.admin.base import ReadOnlyAdmin, ServiceAdmin, ServiceForm, actor
from kpitracker.lib.admin.permissions import ADMIN_SCOPES, RequiredScopes
from kpitracker.lib.admin.types import Values
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from kpitracker.lib.outbound.mail_files import response_in_words

# Roles decide what a user may do; groups are not used.
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(ServiceAdmin):
    """A user who is added here gets an invitation by e-mail, with a link to set a password."""

    help_texts = help_texts.USER
    required_scopes = ADMIN_SCOPES
    form = ServiceForm
    change, row_name = user_accounts.update_user, "user"
    fields = ("username", "first_name", "last_name", "email", "role", "department")
    list_display = ("username", "full_name", "email", "role", "department", "is_active", "last_login")
    list_filter = ("role", "is_active", ("department", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("department",)
    autocomplete_fields = ("department",)
    search_fields = ("username", "first_name", "last_name", "email", "department__search_text")
    ordering = ("username",)
    actions = ("invite_again", "deactivate", "reactivate")

    @admin.display(description=text("name", "họ tên"))
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "–"

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return () if obj is None else ("username",)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def create_row(self, request: HttpRequest, values: Values) -> Model:
        return user_accounts.invite_user(by=actor(request), now=clock.now(), **values)

    def _apply_to_each(self, request: HttpRequest, users: QuerySet[User], operation: Callable[[User], Any]) -> None:
        for user in users:
            try:
                operation(user)
                self.message_user(request, text(f"{user}: done.", f"{user}: xong."), messages.SUCCESS)
            except DomainError as error:
                self.message_user(request, f"{user}: {error.detail}", messages.ERROR)

    @admin.action(description=text("Send the invitation again", "Gửi lại thư mời"), permissions=["change"])
    def invite_again(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        by = actor(request)
        self._apply_to_each(
            request, queryset, lambda user: user_accounts.resend_invitation(user=user, by=by, now=clock.now())
        )

    @admin.action(description=text("Deactivate: log out and keep out", "Ngừng kích hoạt"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        by = actor(request)
        self._apply_to_each(request, queryset, lambda user: user_accounts.deactivate_user(user=user, by=by))

    @admin.action(description=text("Let in again", "Kích hoạt lại"), permissions=["change"])
    def reactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        by = actor(request)
        self._apply_to_each(request, queryset, lambda user: user_accounts.reactivate_user(user=user, by=by))


@admin.register(AccountEmail)
class AccountEmailAdmin(ReadOnlyAdmin):
    required_scopes = RequiredScopes(Scope.ADMIN)
    list_display = ("user", "kind", "state", "attempts", "requested_at", "shown_requested_by", "due_at", "shown_answer")
    list_filter = ("kind", "state")
    attention = (waiting.FAILED_EMAILS, waiting.HELD_EMAILS)
    list_select_related = ("user",)
    search_fields = ("user__username", "user__first_name", "user__last_name", "user__email")
    ordering = ("-pk",)

    @admin.display(description=text("response", "phản hồi"))
    def shown_answer(self, row: AccountEmail) -> str:
        return response_in_words(row.answer)
