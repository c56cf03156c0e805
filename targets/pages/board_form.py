"""The choices of the board, all of them in its address."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from django import forms
from django.http import QueryDict

from indicators.models import Department
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import NamedModel
from targets.domain.choices import WORST_FIRST
from targets.models import Plan, Target
from targets.models.assessment import STATUS_LABELS
from targets.services.reports.board import a_month_before


class Grouping(StrEnum):
    """What the rows of the board are grouped by."""

    NONE = "none"
    SECTION = "section"
    DEPARTMENT = "department"
    AREA = "area"


class Order(StrEnum):
    """The order of the rows inside their groups."""

    WORST = "worst"
    NAME = "name"


_GROUPING_LABELS = {
    Grouping.NONE: text("no groups", "không nhóm"),
    Grouping.SECTION: text("section", "lĩnh vực"),
    Grouping.DEPARTMENT: text("department", "đơn vị chủ trì"),
    Grouping.AREA: text("area", "địa bàn"),
}
_ORDER_LABELS = {Order.WORST: text("worst first", "kém nhất trước"), Order.NAME: text("name", "tên")}
_EVERY = ("", text("all", "tất cả"))
_STATUS_CHOICES = [_EVERY, *((status.value, STATUS_LABELS[status]) for status in WORST_FIRST)]


def day_field(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class BoardForm(forms.Form):
    """Filters, grouping and days. Empty fields have their defaults: today, a month before, all, worst first."""

    as_of = day_field(text("As of", "Tính đến ngày"))
    compare = day_field(text("Compared with", "So với ngày"))
    plan = forms.ChoiceField(label=text("Plan", "Kế hoạch"), required=False)
    status = forms.ChoiceField(label=text("Status", "Trạng thái"), required=False, choices=_STATUS_CHOICES)
    department = forms.ChoiceField(label=text("Department", "Đơn vị"), required=False)
    section = forms.ChoiceField(label=text("Section", "Lĩnh vực"), required=False)
    area = forms.ChoiceField(label=text("Area", "Địa bàn"), required=False)
    group = forms.ChoiceField(label=text("Grouped by", "Nhóm theo"), required=False, choices=_GROUPING_LABELS.items())
    # The place of a day among the plan's publications, from 1 on: what the slider sends. The answer leads to the day.
    publication = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    sort = forms.ChoiceField(label=text("Order", "Thứ tự"), required=False, choices=_ORDER_LABELS.items())

    def __init__(
        self,
        data: QueryDict,
        plan: Plan,
        plans: Sequence[Plan],
        targets: Sequence[Target],
        departments: Mapping[int, Department],
        today: date,
    ) -> None:
        """`plan`: the one that is shown. `targets`: those of it that the reader sees. `departments`: all, by id."""
        super().__init__(data)
        self.shown_plan, self.today = plan, today
        self.departments_by_code = {row.code: row for row in _with_departments_above(targets, departments)}
        sections = {target.section: target.shown_section for target in targets if target.section}
        self._set_choices("plan", ((plan.code, str(plan)) for plan in plans))
        self._set_choices("department", [_EVERY, *_choices_by_name(self.departments_by_code.values())])
        self._set_choices("section", [_EVERY, *sections.items()])
        self._set_choices("area", [_EVERY, *_choices_by_name({target.area for target in targets})])

    def _set_choices(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def chosen_department(self) -> Department | None:
        return self.departments_by_code.get(self.cleaned_data["department"])

    def clean_as_of(self) -> date:
        """Today, if no day was chosen. A day in the future is refused: nothing is known of it."""
        as_of: date | None = self.cleaned_data["as_of"]
        if as_of is not None and as_of > self.today:
            raise forms.ValidationError(str(text("Not after today.", "Không sau hôm nay.")))
        return as_of or self.today

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        as_of = values.get("as_of") or self.today
        values["compare"] = values.get("compare") or a_month_before(as_of)
        if values["compare"] > as_of:
            self.add_error("compare", str(text("Not after the other day.", "Không sau ngày kia.")))
        values["group"] = values.get("group") or Grouping.NONE.value
        values["sort"] = values.get("sort") or Order.WORST.value
        return values


def _choices_by_name(rows: Iterable[NamedModel]) -> list[tuple[str, str]]:
    return sorted(((row.code, str(row)) for row in rows), key=lambda choice: choice[1])


def _with_departments_above(targets: Sequence[Target], by_id: Mapping[int, Department]) -> set[Department]:
    """The departments that answer for these targets, and those above them: all below one can be chosen together."""
    departments = set[Department]()
    for target in targets:
        department = target.answers_for
        while department is not None and department not in departments:
            departments.add(department)
            department = by_id.get(department.parent_id or 0)
    return departments
