"""The admin site with its login and password pages."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from unfold.forms import AdminOwnPasswordChangeForm
from unfold.sites import UnfoldAdminSite

from indicators.accounts import views
from indicators.models import Department
from indicators.services.access import audit_entries, person_names
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.admin.types import Context
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import AuditEntry


class KpiAdminSite(UnfoldAdminSite):
    def shown_actor(self, actor: str) -> str:
        """The name of the person or key behind the stored name of an actor."""
        return person_names.shown_name(actor)

    def actors_named(self, word: str) -> Sequence[QuerySet[Any]]:
        """Queries of the stored names of actors whose shown name, login or prefix has this word, normalized."""
        return person_names.actors_named(word)

    def visible_department_ids(self, by: Actor) -> set[int] | None:
        """Ids of the departments whose rows the user may see; None: of all departments."""
        department_ids: set[int] | None = Department.objects.visible_ids(by)
        return department_ids

    def history_shown_to(self, by: Actor, entries: Iterable[AuditEntry]) -> list[AuditEntry]:
        """The entries in the history of one row that the user may see, without the names that the user may not."""
        return audit_entries.history_shown_to(by, entries)

    def extra_urls(self) -> list[URLPattern]:
        return [
            path("forgotten/", self.request_password_reset, name="forgotten"),
            path("password/<uidb64>/<token>/", self.set_password, name="first_password"),
        ]

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponseBase:
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(views.first_page(actor(request)))
        context = views.base_context(
            request,
            self,
            title=text("Log in", "Đăng nhập"),
            forgotten=text("Forgotten your password?", "Quên mật khẩu?"),
            to_login=None,
            **(extra_context or {}),
        )
        page = views.AuditedLoginView.as_view(
            extra_context=context,
            authentication_form=self.login_form,
            template_name="accounts/page.html",
        )
        return page(request)

    @method_decorator(never_cache)
    def request_password_reset(self, request: HttpRequest) -> HttpResponseBase:
        context = views.base_context(request, self, title=text("Forgotten password", "Quên mật khẩu"))
        return views.PasswordResetRequestView.as_view(extra_context=context)(request)

    def set_password(self, request: HttpRequest, uidb64: str, token: str) -> HttpResponseBase:
        page = views.SetPasswordView.as_view(extra_context=views.base_context(request, self))
        return page(request, uidb64=uidb64, token=token)

    def password_change(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponseBase:
        page = views.OwnPasswordChangeView.as_view(
            form_class=AdminOwnPasswordChangeForm,
            success_url=reverse(f"{self.name}:password_change_done", current_app=self.name),
            extra_context=views.base_context(request, self, **(extra_context or {})),
        )
        return page(request)
