"""Forms of targets: a new target with its first version, an existing target, and its amendments."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextareaWidget

from indicators.domain.period_words import day_in_words
from indicators.domain.periods import Period
from indicators.models import Indicator
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.append_only_inline import AppendOnlyForm, AppendOnlyFormSet, AppendOnlyInline
from kpitracker.lib.admin.base import ServiceForm
from kpitracker.lib.admin.number_fields import AskingWidgetMixin
from kpitracker.lib.admin.permissions import PLANNING_SCOPES
from kpitracker.lib.admin.types import Values
from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import is_vietnamese, text
from kpitracker.lib.numbers import localize_number, read_number
from targets.admin import scopes
from targets.models import Target, TargetVersion
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
HELP_TEXTS = {
    "lower": text(
        "The value that must be reached. For a target to stay below: the ambition. Empty: none.",
        "Mức phải đạt; nếu là mức không được vượt thì đây là mức phấn đấu. Để trống: không có.",
    ),
    "upper": text(
        "The ambition. For a target to stay below: the value that must not be exceeded. Empty: none.",
        "Mức phấn đấu; nếu phải giữ ở dưới thì đây là mức không được vượt. Để trống: không có.",
    ),
    "lower_open": text("The lower edge itself is outside.", "Không kể chính cận dưới."),
    "upper_open": text("The upper edge itself is outside.", "Không kể chính cận trên."),
    "profile": text("How much is expected at each point of the period.", "Mức cần đạt tại từng thời điểm trong kỳ."),
    "baseline": text("The value from which progress is measured.", "Điểm xuất phát để tính tiến độ."),
    "tolerance": text(
        "A shortfall up to this is at risk, not off track; in the unit of the target.",
        "Thiếu không quá mức này là có nguy cơ, chưa phải chậm; theo đơn vị tính.",
    ),
    "tolerance_percent": text(
        "The same in percent. Both empty: the default.", "Như trên, theo %. Để trống cả hai: mặc định."
    ),
    "act": text("The document that decided it, such as a resolution.", "Văn bản quyết định, ví dụ nghị quyết."),
}  # fmt: skip


class MilestonesWidget(AskingWidgetMixin, UnfoldAdminTextareaWidget):
    """One line for each milestone. A read-only page shows lines, too, instead of JSON."""

    read_only = True

    def render(self, name: str, value: object, attrs: Any = None, renderer: Any = None) -> SafeString:
        if isinstance(value, list):
            return format_html_join("", "<div>{}</div>", ([milestone_line(row)] for row in value)) or SafeString("–")
        html: SafeString = super().render(name, value, attrs, renderer)
        return html


def milestone_line(milestone: dict[str, object]) -> str:
    day = day_in_words(date.fromisoformat(str(milestone["date"])), vietnamese=is_vietnamese())
    lower, upper = (localize_number(str(edge)) if edge else "" for edge in (milestone["lower"], milestone["upper"]))
    return f"{day} {lower or '-'} {upper}".rstrip()


_MILESTONE = re.compile(
    r"(?P<day>[0-9]+[/.\-][0-9]+[/.\-][0-9]+|[0-9]+ [a-z]+ [0-9]{4}):?(?P<edges>( +\S+){1,2})", re.I
)
_MILESTONE_EXAMPLES = text(
    "For example 30 June 2024 25, or 30 June 2024 - 30.", "Ví dụ 30/06/2024 25, hoặc 30/06/2024 - 30."
)


class MilestonesField(forms.CharField):
    """Milestones, one per line: day, lower edge, upper edge. A hyphen stands for a missing edge."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            label=text("Milestones", "Các mốc"),
            help_text=text(
                "One per line: day, lower edge, upper edge; - for none. For example 30 June 2024 25, or 30 June 2024 - 30.",
                "Mỗi dòng một mốc: ngày, cận dưới, cận trên; - nếu không có. "
                "Ví dụ 30/06/2024 25, hoặc 30/06/2024 - 30.",
            ),
            widget=MilestonesWidget(attrs={"rows": 3}),
            **kwargs,
        )

    def prepare_value(self, value: object) -> str:
        if not isinstance(value, list):
            return str(value or "")
        return "\n".join(milestone_line(row) for row in value)

    def to_python(self, value: object) -> list[dict[str, object]]:  # type: ignore[override]
        return [self._parse_line(line) for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: object, data: object) -> bool:
        return self.prepare_value(initial).split() != str(data or "").split()

    def validate(self, value: object) -> None:
        """Does nothing: the service checks the rows."""

    def run_validators(self, value: object) -> None:
        """Does nothing, like `validate`."""

    @staticmethod
    def _parse_line(line: str) -> dict[str, object]:
        try:
            day, edges = _split_milestone(line)
            numbers: list[Decimal | None] = [None if edge == "-" else read_number(edge).value for edge in edges]
            lower, upper = (*numbers, None)[:2]
            return {"date": forms.DateField().clean(day), "lower": lower, "upper": upper}
        except (ValueError, ValidationError, ValidationProblem) as error:
            raise ValidationError(
                text(
                    f"Not a milestone: {line}. {_MILESTONE_EXAMPLES}", f"Không phải mốc: {line}. {_MILESTONE_EXAMPLES}"
                )
            ) from error

    def questions(self, typed: str, decimals: int | None) -> list[str]:
        """What to ask about the edges in a valid text."""
        edges = [edge for line in typed.splitlines() if line.strip() for edge in _split_milestone(line)[1]]
        questions = (read_number(edge).question(decimals) for edge in edges if edge != "-")
        return [question for question in questions if question]


def _split_milestone(line: str) -> tuple[str, list[str]]:
    """The day and the edges of a line. Raises ValueError."""
    match = _MILESTONE.fullmatch(line.strip())
    if match is None:
        raise ValueError(line)
    return match["day"], match["edges"].split()


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
        return targets.amend_target(target=self.instance, by=self.by, now=clock.now(), **values)


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
        ("lower", "lower_open", "upper", "upper_open"),
        ("profile", "baseline", "baseline_date"),
        ("tolerance", "tolerance_percent", "milestones"),
    )
    readonly_fields = ("number",)
    ordering = ("number",)
    hide_title = True

    def may_edit(self, by: Actor, obj: Any) -> bool:
        return scopes.owns_plans_of(by, obj.plan.department_id)
