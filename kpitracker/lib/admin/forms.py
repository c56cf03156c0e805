"""Forms that show the errors of the services."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db import transaction

from kpitracker.lib import text_validation
from kpitracker.lib.admin.number_fields import ask_about_numbers
from kpitracker.lib.admin.optimistic_lock import VERSION_FIELD, OptimisticLockForm
from kpitracker.lib.admin.text_fields import is_one_line
from kpitracker.lib.admin.types import Values
from kpitracker.lib.errors import DomainError, ValidationProblem


def dry_run_service(form: forms.BaseForm, service: Callable[[], Any]) -> None:
    """Call the service, roll its transaction back, and add its errors to the fields of the form."""
    try:
        with transaction.atomic():
            service()
            transaction.set_rollback(True)
    except DomainError as error:
        add_problem(form, error)


def add_problem(form: forms.BaseForm, error: DomainError) -> None:
    """Add the errors of a service to the fields that they point at, or to the form."""
    for item in error.items:
        name = item.pointer.strip("/").partition("/")[0]
        form.add_error(name if name in form.fields else None, str(item.detail))
    if not error.items:
        form.add_error(None, str(error.detail))


def clean_texts(form: forms.BaseForm, cleaned: dict[str, Any]) -> None:
    """Normalize the texts in `cleaned` for storage; add an error to the field of each invalid text."""
    for name, value in list(cleaned.items()):
        if isinstance(value, str):
            try:
                cleaned[name] = text_validation.clean_text(value, one_line=is_one_line(form.fields.get(name)))
            except ValidationProblem as error:
                form.add_error(name, str(error.detail))


class ServiceForm(OptimisticLockForm):
    """A form that validates by a dry run: it calls the service, rolls back and shows the service's errors."""

    service: Callable[[], Any]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        ask_about_numbers(self, self.decimals_by_field())
        if self.detect_conflict() or self.errors:
            return cleaned
        clean_texts(self, self.cleaned_data)
        if not self.errors:
            dry_run_service(self, self.service_call)
        return cleaned

    def decimals_by_field(self) -> dict[str, int]:
        """The decimals of the indicator, by the names of the number fields that are in its unit."""
        return {}

    def _post_clean(self) -> None:
        # Skip model validation: it would repeat the checks of the service, with other texts.
        pass

    def service_call(self) -> Any:
        raise NotImplementedError

    def values(self) -> Values:
        """All values of a new row; the changed values of an existing row."""
        names = self.fields if self.instance._state.adding else self.changed_data
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data and name != VERSION_FIELD}
