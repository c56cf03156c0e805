"""Forms of the password pages, with the widgets of unfold."""

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget

from kpitracker.lib.i18n.text import text


class PasswordResetRequestForm(forms.Form):
    email = forms.EmailField(
        label=text("E-mail address", "Địa chỉ thư điện tử"),
        max_length=254,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "email"}),
    )


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """Asks for the new password twice. AUTH_PASSWORD_VALIDATORS decide what is allowed."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
