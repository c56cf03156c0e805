"""Login and password pages. They use no mail server: an e-mail is stored as a row and sent later."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    LoginView,
    PasswordChangeView,
    PasswordResetConfirmView,
)
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import FormView

from indicators.accounts.forms import NewPasswordForm, PasswordResetRequestForm
from indicators.models import User
from indicators.services.access import passwords
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.http.request_context import client_ip
from kpitracker.lib.i18n.text import text


def first_page(by: Actor) -> str:
    """The address of the first page after a login: the board, or the own work of users who report figures."""
    reports_figures = by.may(Scope.FIGURES_WRITE) and not by.may(Scope.PLANS_WRITE)
    return reverse(settings.REPORTER_REDIRECT_URL if reports_figures else settings.LOGIN_REDIRECT_URL)


class AuditedLoginView(LoginView):
    def get_success_url(self) -> str:
        """The page that was asked for. The board without any choice counts as none: it is where all addresses begin."""
        requested = self.get_redirect_url()
        is_chosen = requested and requested != reverse(settings.LOGIN_REDIRECT_URL)
        return requested if is_chosen else first_page(actor(self.request))

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        passwords.record_login(user=form.get_user(), address=client_ip(self.request))
        return response


class PasswordResetRequestView(FormView):  # type: ignore[type-arg]
    """The response is always the same, so that it does not reveal which accounts exist."""

    template_name = "accounts/page.html"
    form_class = PasswordResetRequestForm

    def form_valid(self, form: PasswordResetRequestForm) -> HttpResponse:
        email, address = form.cleaned_data["email"], client_ip(self.request)
        passwords.request_reset(email=email, address=address, now=clock.now())
        detail = text(
            "If an active account has this address, an e-mail with a link is on its way to it.",
            "Nếu có tài khoản đang hoạt động với địa chỉ này, một thư kèm liên kết đang được gửi tới.",
        )
        return render(self.request, self.template_name, {**self.get_context_data(form=None), "detail": detail})


class SetPasswordView(PasswordResetConfirmView):
    """The page behind the link in an account e-mail. It works once, and only for active users."""

    template_name = "accounts/page.html"
    form_class = NewPasswordForm
    title = text("Set a password", "Đặt mật khẩu")

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.is_active else None

    def form_valid(self, form: "SetPasswordForm[User]") -> HttpResponse:
        password, address = form.cleaned_data["new_password1"], client_ip(self.request)
        passwords.set_own_password(user=form.user, password=password, address=address)
        del self.request.session[INTERNAL_RESET_SESSION_TOKEN]
        return HttpResponseRedirect(reverse("admin:login"))

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        context = super().get_context_data(**kwargs)
        if not self.validlink:
            context["title"] = text("This link does not work", "Liên kết không dùng được")
            context["detail"] = text(
                "It was used already, or is too old. Ask for a new one on the login page.",
                "Liên kết đã được dùng hoặc đã hết hạn. Hãy yêu cầu liên kết mới ở trang đăng nhập.",
            )
        return context


class OwnPasswordChangeView(PasswordChangeView):
    def form_valid(self, form: "SetPasswordForm[User]") -> HttpResponse:
        password, address = form.cleaned_data["new_password1"], client_ip(self.request)
        passwords.set_own_password(user=form.user, password=password, address=address)
        # Keep this session; all other sessions of the user end.
        update_session_auth_hash(self.request, form.user)
        return HttpResponseRedirect(str(self.success_url))


def base_context(request: HttpRequest, site: AdminSite, **values: object) -> dict[str, object]:
    """Template context that every page in the layout of the admin needs."""
    request.current_app = site.name
    return {**site.each_context(request), "to_login": text("To the login page", "Tới trang đăng nhập"), **values}
