"""The forms of amendments: what an act decides, and the new terms of each target."""

from typing import Any

from django import forms

from kpitracker.lib.admin.number_fields import AskingWidgetMixin, NumberField, ask_about_numbers
from kpitracker.lib.admin.text_fields import CleanTextField
from kpitracker.lib.i18n.text import text
from targets.models import Target
from targets.models.target import PROFILE_LABELS
from targets.pages.board_form import day_field
from targets.pages.milestones import MilestonesField, PlainMilestonesWidget
from targets.pages.plan_forms import act_field, required_day
from targets.pages.term_fields import HELP_TEXTS
from targets.services.planning.amendments import Decision

TERM_FIELDS = (
    "lower", "upper", "lower_open", "upper_open", "profile", "baseline", "baseline_date", "tolerance",
    "tolerance_percent", "milestones",
)  # fmt: skip
BAND_FIELDS = TERM_FIELDS[:4]
_DECISION_LABELS = {
    Decision.AMEND: text("new terms", "điều chỉnh mức chỉ tiêu"),
    Decision.SUSPEND: text("suspend the targets", "tạm dừng chỉ tiêu"),
    Decision.WITHDRAW: text("withdraw the targets", "bãi bỏ chỉ tiêu"),
    Decision.RESUME: text("take suspended targets up again", "thực hiện lại chỉ tiêu đang tạm dừng"),
}


class DecisionForm(forms.Form):
    """One act, one day and one reason for all chosen targets."""

    decision = forms.ChoiceField(
        label=text("What is decided", "Nội dung quyết định"),
        choices=[(decision.value, label) for decision, label in _DECISION_LABELS.items()],
    )
    act = act_field(required=False)
    announced = required_day(
        text("Announced", "Ngày ban hành"), text("It counts from this day.", "Có hiệu lực từ ngày này.")
    )
    reason = CleanTextField(
        label=text("Reason", "Lý do"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=text("Required to suspend or withdraw.", "Bắt buộc khi tạm dừng hoặc bãi bỏ."),
    )  # fmt: skip

    def __init__(self, *args: Any, has_promises: bool, **kwargs: Any) -> None:
        """`has_promises`: a chosen target is no draft, so an act is needed."""
        super().__init__(*args, **kwargs)
        self.has_promises = has_promises

    def clean_act(self) -> str:
        act: str = self.cleaned_data["act"]
        if self.has_promises and not act:
            raise forms.ValidationError(str(text("Give the act that decided it.", "Hãy nêu văn bản quyết định.")))
        return act

    def announcement(self) -> dict[str, str]:
        """The values that all versions share. An act that was not given stays as it is."""
        values = {"reason": self.cleaned_data["reason"]}
        return {**values, "act": self.cleaned_data["act"]} if self.cleaned_data["act"] else values


class _NumberWidget(AskingWidgetMixin, forms.TextInput):
    """A number box without the look of the admin."""


def _number_field(name: str, label: str) -> NumberField:
    widget = _NumberWidget({"inputmode": "decimal", "autocomplete": "off"})
    return NumberField(label=label, required=False, widget=widget, help_text=HELP_TEXTS.get(name, ""))


class TermsForm(forms.Form):
    """The terms of one target, which start as those of its last version. A qualitative target has none."""

    lower = _number_field("lower", text("Lower edge", "Cận dưới"))
    upper = _number_field("upper", text("Upper edge", "Cận trên"))
    lower_open = forms.BooleanField(
        label=text("Strictly more", "Lớn hơn hẳn"), required=False, help_text=HELP_TEXTS["lower_open"]
    )
    upper_open = forms.BooleanField(
        label=text("Strictly less", "Nhỏ hơn hẳn"), required=False, help_text=HELP_TEXTS["upper_open"]
    )
    profile = forms.ChoiceField(
        label=text("Profile", "Tiến độ"), required=False, help_text=HELP_TEXTS["profile"],
        choices=[("", text("by the indicator", "theo chỉ số")), *((key.value, label) for key, label in PROFILE_LABELS.items())],
    )  # fmt: skip
    baseline = _number_field("baseline", text("Baseline", "Mức đầu kỳ"))
    baseline_date = day_field(text("Day of the baseline", "Ngày mức đầu kỳ"))
    tolerance = _number_field("tolerance", text("Tolerance", "Dung sai"))
    tolerance_percent = _number_field("tolerance_percent", text("Tolerance in percent", "Dung sai (%)"))
    milestones = MilestonesField(widget=PlainMilestonesWidget())

    def __init__(self, data: Any, target: Target, prefix: str) -> None:
        self.target, self.version = target, target.all_versions[-1]
        initial = {name: getattr(self.version, name) for name in TERM_FIELDS}
        super().__init__(data, prefix=prefix, initial=initial)
        if target.qualitative:
            self.fields.clear()

    def clean(self) -> dict[str, Any]:
        in_unit = ("lower", "upper", "baseline", "tolerance", "milestones")
        ask_about_numbers(self, dict.fromkeys(in_unit, self.target.indicator.decimals))
        return self.cleaned_data

    def changed_terms(self) -> dict[str, object]:
        """The terms that differ from those of the last version."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    @property
    def band_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in BAND_FIELDS if name in self.fields]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in TERM_FIELDS if name in self.fields and name not in BAND_FIELDS]

    @property
    def has_other_errors(self) -> bool:
        return any(name in self.errors for name in TERM_FIELDS if name not in BAND_FIELDS)
