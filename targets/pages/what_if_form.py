"""The form of what is supposed about a target: its numbers as the language writes them, and their sliders."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from kpitracker.lib import numbers
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from targets.services.evaluation.evaluate import Evaluation
from targets.services.reports.what_if_choices import Choice, WhatIfChoices, list_choices
from targets.services.text import formatting

_LABELS = {
    "figure": text("Each coming figure", "Mỗi số liệu sắp tới"),
    "lower": text("Target, lower edge", "Chỉ tiêu, cận dưới"),
    "upper": text("Target, upper edge", "Chỉ tiêu, cận trên"),
}


class SupposedNumberField(forms.CharField):
    """A number as the language writes it, with the range of its slider in the attributes of the widget."""

    def __init__(self, name: str, choice: Choice, unit: str) -> None:
        label = f"{_LABELS[name]} ({unit})" if unit else str(_LABELS[name])
        super().__init__(
            label=label,
            required=False,
            initial=numbers.localize_number(choice.value, grouped=False),
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )
        self.choice = choice
        self.slider = {name: format(number, "f") for name, number in choice._asdict().items()}

    def clean(self, value: Any) -> Decimal:
        written = super().clean(value)
        if not written:
            return self.choice.value
        try:
            return numbers.read_number(written).value
        except DomainError as error:
            raise forms.ValidationError(str(error.to_items()[0].detail)) from error


class WhatIfForm(forms.Form):
    """What is supposed. Empty fields stand as they are; without `until` all figures to come are supposed."""

    def __init__(self, data: QueryDict | None, choices: WhatIfChoices, unit: str) -> None:
        super().__init__(data, auto_id="what-if-%s")
        self.choices = choices
        if choices.figure is not None:
            self.fields["figure"] = SupposedNumberField("figure", choices.figure, unit)
            ends = [(day.isoformat(), formatting.format_short_day(day.isoformat())) for day in choices.ends]
            self.fields["until"] = forms.ChoiceField(
                label=str(text("Figures until", "Số liệu đến ngày")),
                required=False,
                choices=ends,
                initial=ends[-1][0],
            )
        for name, choice in choices.edges.items():
            self.fields[name] = SupposedNumberField(name, choice, unit)

    def until(self) -> date:
        return (
            date.fromisoformat(self.cleaned_data["until"]) if self.cleaned_data.get("until") else self.choices.ends[-1]
        )

    def band(self) -> dict[str, object]:
        """The edges that differ from those in force."""
        chosen = {name: self.cleaned_data[name] for name in self.choices.edges}
        return {name: value for name, value in chosen.items() if value != self.choices.edges[name].value}


def build_form(evaluation: Evaluation, data: QueryDict | None = None) -> WhatIfForm | None:
    """The form of a target; None where nothing can be supposed."""
    choices = list_choices(evaluation)
    return None if choices is None else WhatIfForm(data, choices, evaluation.target.indicator.shown_unit)
