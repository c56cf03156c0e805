"""A form field for texts that users write, with the rules of the API."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kpitracker.lib import text_validation
from kpitracker.lib.errors import DomainError


class CleanTextField(forms.CharField):
    """As `StrictTextField` of the API: NFC, no control characters, 64 KB at most. One line unless the widget has more."""

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        try:
            return text_validation.clean_text(cleaned, one_line=is_one_line(self))
        except DomainError as error:
            raise ValidationError(str(error.detail)) from error


def is_one_line(field: forms.Field | None) -> bool:
    return isinstance(field, forms.CharField) and not isinstance(field.widget, forms.Textarea)
