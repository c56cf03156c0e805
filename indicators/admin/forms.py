"""Forms whose faults are those of the services."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db import transaction

from indicators.admin.seen import FIELD, SeenForm
from kpitracker.lib import plain_text
from kpitracker.lib.errors import DomainError, Invalid


def try_in_vain(form: forms.BaseForm, service: Callable[[], Any]) -> None:
    """Call the service, roll it back, and put what it complains about at the fields of the form."""
    try:
        with transaction.atomic():
            service()
            transaction.set_rollback(True)
    except DomainError as error:
        for item in error.items:
            name = item.pointer.strip("/").partition("/")[0]
            form.add_error(name if name in form.fields else None, str(item.detail))
        if not error.items:
            form.add_error(None, str(error.detail))


def clean_texts(form: forms.BaseForm, cleaned: dict[str, Any]) -> None:
    """Put texts as they may be stored among the cleaned values, and complain of the others at their fields."""
    for name, value in list(cleaned.items()):
        if isinstance(value, str):
            try:
                cleaned[name] = plain_text.clean(value)
            except Invalid as error:
                form.add_error(name, str(error.detail))


class ServiceForm(SeenForm):
    """A form whose faults are those of the service: it is called once in vain, and rolled back, to find them."""

    service: Callable[[], Any]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.overtaken() or self.errors:
            return cleaned
        clean_texts(self, self.cleaned_data)
        if not self.errors:
            try_in_vain(self, self.service_call)
        return cleaned

    def _post_clean(self) -> None:
        # The model's own checks would repeat those of the service, in other words and without its codes.
        pass

    def service_call(self) -> Any:
        raise NotImplementedError

    def values(self) -> dict[str, Any]:
        """Of a new row everything, of an existing one what was changed."""
        names = self.fields if self.instance._state.adding else self.changed_data
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data and name != FIELD}
