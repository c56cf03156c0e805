"""One target on the page of amendments: its form, its terms in words, and what is doubtful about them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from indicators.domain.choices import IndicatorKind
from kpitracker.lib import clock
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text, translate
from targets.models import Plan, Target
from targets.pages.amend_forms import TermsForm
from targets.pages.plan_rows import name_of
from targets.pages.target_history import Entry, list_versions
from targets.payloads.scorecards import AssessmentSummaryPayload
from targets.services.planning import adoption, amendments
from targets.services.planning.amendments import Amendment, Decision
from targets.services.planning.targets import TargetResult
from targets.services.text import status_labels, target_terms

_UNCHANGED = text(
    "The terms stay as they are: the version would only record the act, the day and the reason.",
    "Mức chỉ tiêu không đổi: phiên bản mới chỉ ghi văn bản, ngày và lý do.",
)
_FINAL = text(
    "A withdrawal is final: the target cannot be amended or taken up again.",
    "Bãi bỏ là vĩnh viễn: sau đó không điều chỉnh hay thực hiện lại được.",
)
_DRAFTS_ARE_ADOPTED_APART = text(
    "It stays a draft until the drafts of the plan are adopted.", "Vẫn là dự thảo cho đến khi ban hành."
)


class AmendRow:
    """A chosen target. `words`: lines about what was typed; `doubts`: what to ask before it is stored."""

    def __init__(self, target: Target, data: Any, prefix: str, plan: Plan) -> None:
        self.target, self.prefix = target, prefix
        self.form = TermsForm(data, target, prefix)
        self.name = name_of(target)
        self.unit = target.indicator.shown_unit
        self.is_draft = adoption.is_draft(target)
        self.last_number = target.all_versions[-1].number
        self.seen = data.get(f"{prefix}-seen", "") if data else ""
        self.words = [target_terms.describe_version(target, target.all_versions[-1])]
        self.doubts: list[str] = []
        self.effects: list[str] = []
        query = urlencode({"target": target.identifier, "prefix": prefix})
        self.words_url = f"{reverse('plan-amend-words', args=[plan.code])}?{query}"

    @property
    def now_in_force(self) -> str:
        return target_terms.describe_band(self.target, self.target.all_versions[-1])

    @property
    def note(self) -> str:
        return str(_DRAFTS_ARE_ADOPTED_APART) if self.is_draft else ""

    @property
    def versions(self) -> list[Entry]:
        return list_versions(self.target, clock.today())

    @property
    def url(self) -> str:
        return reverse("target", args=[self.target.identifier])

    def describe(self) -> None:
        """Put what was typed into words, or what is wrong with it."""
        if not self.form.is_valid():
            self.words = [str(error) for errors in self.form.errors.values() for error in errors]
            return
        try:
            self.words = amendments.describe_amendment(self.target, self.form.changed_terms())
        except DomainError as error:
            self.words = [str(item.detail) for item in error.items] or [str(error.detail)]

    def amendment(self, decision: Decision) -> Amendment:
        """What to store of a valid form."""
        seen = int(self.seen) if self.seen.isascii() and self.seen.isdigit() and len(self.seen) < 6 else None
        return Amendment(self.target, self.form.changed_terms(), seen, decision)


def build_rows(targets: Sequence[Target], data: Any, plan: Plan) -> list[AmendRow]:
    return [AmendRow(target, data, f"row{number}", plan) for number, target in enumerate(targets)]


def name_results(rows: Iterable[AmendRow], results: Iterable[TargetResult], decision: Decision) -> None:
    """Say in each row what its version would mean: its terms, warnings, and how the status of today changes."""
    for row, result in zip(rows, results, strict=True):
        row.words = [target_terms.describe_version(result.target, result.version)]
        row.doubts = [str(warning.detail) for warning in result.warnings]
        if decision == Decision.AMEND and not row.form.changed_data:
            row.doubts.append(str(_UNCHANGED))
        if decision == Decision.WITHDRAW:
            row.doubts.append(str(_FINAL))
        row.effects = list(_describe_effects(row.target, result))


def _describe_effects(target: Target, result: TargetResult) -> Iterator[str]:
    for difference in result.differences:
        before, after = (_label(target, side) for side in (difference["before"], difference["after"]))
        if before != after:
            yield translate(f"Status today: {before} → {after}", f"Trạng thái hôm nay: {before} → {after}")


def _label(target: Target, summary: AssessmentSummaryPayload | None) -> str:
    if summary is None:
        return "–"
    is_below = (summary["variance"] or "").startswith("-")
    return status_labels.status_label(
        summary["status"], target.goal, is_rank=target.indicator.kind == IndicatorKind.RANK, is_below=is_below
    )
