"""Forms of targets: a new target with its first version, an existing target, and its amendments."""

from typing import Any

from indicators.domain.periods import Period
from indicators.models import Indicator
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.append_only_inline import AppendOnlyForm, AppendOnlyFormSet, AppendOnlyInline
from kpitracker.lib.admin.base import ServiceForm
from kpitracker.lib.admin.permissions import PLANNING_SCOPES
from kpitracker.lib.admin.types import Values
from kpitracker.lib.errors import ProblemItem
from targets.admin import scopes
from targets.models import Target, TargetVersion
from targets.pages.milestones import MilestonesField
from targets.pages.term_fields import HELP_TEXTS
from targets.services.planning import targets

_TERM_FIELDS = (
    "lower",
    "upper",
    "lower_open",
    "upper_open",
    "profile",
    "baseline",
    "baseline_date",
    "tolerance",
    "tolerance_percent",
)
FIRST_VERSION_FIELDS = (*_TERM_FIELDS, "act", "announced", "state")


class TargetForm(ServiceForm):
    """A new target with its first version, or the fields of an existing target that no version holds."""

    class Meta:
        model = Target
        exclude = ("identifier",)

    def decimals_by_field(self) -> dict[str, int]:
        return _term_decimals(self.cleaned_data.get("indicator"))

    def values(self) -> Values:
        values = super().values()
        for name in ("plan", "indicator", "area", "department"):
            if name in values:
                values[name] = values[name].code if values[name] else None
        if "heading" in values:
            values["heading"] = values["heading"].identifier if values["heading"] else None
        if "cooperating" in values:
            values["cooperating"] = [department.code for department in values["cooperating"]]
        start, end = values.pop("period_start", None), values.pop("period_end", None)
        if start and end:
            values["period"] = Period(start, end)
        return values


def _term_decimals(indicator: Indicator | None) -> dict[str, int]:
    names = ("lower", "upper", "baseline", "tolerance", "milestones")
    return dict.fromkeys(names, indicator.decimals) if indicator else {}


class VersionForm(AppendOnlyForm):
    milestones = MilestonesField()

    def decimals_by_field(self) -> dict[str, int]:
        return _term_decimals(self.instance.target.indicator)

    class Meta:
        help_texts = HELP_TEXTS


class VersionFormSet(AppendOnlyFormSet):
    """New rows amend the target in their order. They start with the values of the last version."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.warnings: list[ProblemItem] = []
        last_version = self.instance.versions.order_by("-number").first() if self.instance.pk else None
        self.initial_terms = (
            {name: getattr(last_version, name) for name in (*_TERM_FIELDS, "milestones", "act")} if last_version else {}
        )
        self.initial_extra = [self.initial_terms] * 100

    @property
    def empty_form(self) -> Any:
        form = super().empty_form
        form.initial = {**form.initial, **self.initial_terms}
        return form

    def write_row(self, values: Values) -> object:
        result = targets.amend_target(target=self.instance, by=self.by, now=clock.now(), **values)
        self.warnings += result.warnings
        return result


class VersionInline(AppendOnlyInline):
    """Versions are append-only: existing ones are shown, a new row amends the target."""

    required_scopes = PLANNING_SCOPES
    model = TargetVersion
    form, formset = VersionForm, VersionFormSet
    # One below the other: as columns of a table the fields are wider than a screen, and the required day is out of sight.
    template = "admin/edit_inline/stacked.html"
    fields = (
        ("number", "announced", "state"),
        ("act", "reason"),
        ("lower", "upper"),
        ("lower_open", "upper_open"),
        ("profile", "baseline", "baseline_date"),
        ("tolerance", "tolerance_percent", "milestones"),
    )
    readonly_fields = ("number",)
    ordering = ("number",)
    hide_title = True

    def may_edit(self, by: Actor, obj: Any) -> bool:
        return scopes.owns_plans_of(by, obj.plan.department_id)
