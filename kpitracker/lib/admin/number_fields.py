"""Number boxes that read and show numbers as the language of the page writes them, and ask when one is ambiguous."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget

from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.numbers import fits_column, localize_number, read_number


class TypedText(str):
    """What was typed into a box. `shown`: what the page showed in it, which needs no question any more."""

    shown = ""


class AskingWidgetMixin(forms.Widget):
    """Sends back what the box showed: who saves an ambiguous number a second time has seen the question."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        if value is None:
            return None
        typed = TypedText(value)
        typed.shown = data.get(f"{name}-shown", "")
        return typed

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        box = super().render(name, value, attrs, renderer)
        return box + format_html('<input type="hidden" name="{}-shown" value="{}">', name, value or "")


class NumberWidget(AskingWidgetMixin, UnfoldAdminTextInputWidget):
    """A read-only page hands over the number itself and gets its text."""

    read_only = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        if value is None or isinstance(value, Decimal | int):
            return format_html("{}", "–" if value is None else localize_number(Decimal(value)))
        return super().render(name, value, attrs, renderer)


class NumberField(forms.Field):
    """An exact decimal, or None."""

    widget = NumberWidget

    def __init__(
        self,
        *,
        min_value: int | None = None,
        max_value: int | None = None,
        max_digits: int = 24,
        decimal_places: int = 6,
        **kwargs: Any,
    ) -> None:
        self.digits, self.places = max_digits - decimal_places, decimal_places
        super().__init__(**kwargs)
        self.validators += [MinValueValidator(min_value)] if min_value is not None else []
        self.validators += [MaxValueValidator(max_value)] if max_value is not None else []

    def prepare_value(self, value: Any) -> str:
        return localize_number(Decimal(value)) if isinstance(value, Decimal | int) else str(value or "")

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, Decimal | int):
            return value
        return self.parse(str(value)) if str(value).strip() else None

    def parse(self, written: str) -> Decimal:
        try:
            number = read_number(written).value
        except ValidationProblem as error:
            raise ValidationError(str(error.detail)) from error
        if not fits_column(number, self.places, self.digits):
            limits = text(
                f"At most {self.digits} digits before and {self.places} after the point.",
                f"Tối đa {self.digits} chữ số trước và {self.places} chữ số sau dấu phẩy.",
            )
            raise ValidationError(str(limits))
        return number

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return not self.disabled and bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True

    def questions(self, typed: str, decimals: int | None) -> list[str]:
        """What to ask about the numbers in a valid text."""
        question = read_number(typed).question(decimals) if typed.strip() else ""
        return [question] if question else []


class WholeNumberField(NumberField):
    """A whole number: 1.000 is a thousand on a Vietnamese page. Django's own field reads it as 1."""

    def parse(self, written: str) -> Any:
        number = super().parse(written)
        if number != number.to_integral_value():
            raise ValidationError(str(text("A whole number is expected.", "Cần một số nguyên.")))
        return int(number)


def ask_about_numbers(form: forms.BaseForm, decimals: dict[str, int]) -> None:
    """Add an error for each number that may mean something else, unless the page showed just this text.

    `decimals`: those of the indicator, by the names of the fields that are in its unit.
    """
    for name, field in form.fields.items():
        typed = form[name].data
        if not isinstance(typed, TypedText) or name in form.errors or typed.split() == typed.shown.split():
            continue
        for question in field.questions(typed, decimals.get(name)):  # type: ignore[attr-defined]
            form.add_error(name, question)
