"""A plan, its targets and its closings in the words of the reader, for the page of the plan."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone

from indicators.services.access.person_names import shown_name
from kpitracker.lib.i18n.text import translate
from targets.models import Closing, Plan, Target
from targets.models.target import VERSION_STATE_LABELS
from targets.pages.board_rows import sense_of
from targets.pages.target_facts import Fact, short_day
from targets.services.evaluation.evaluate import Evaluation
from targets.services.evaluation.target_versions import find_version_in_force
from targets.services.text import formatting, status_labels, target_terms


class TargetRow(NamedTuple):
    """A target of the plan. `sense` names a style class: good, watched, bad or neutral."""

    name: str
    url: str
    identifier: str
    section: str
    band: str
    lead: str
    status: str
    sense: str
    is_ended: bool = False


class ClosingRow(NamedTuple):
    number: int
    url: str
    as_of: str
    recorded: str
    by: str
    reason: str


def list_plan_facts(plan: Plan, today: date) -> Iterator[Fact]:
    yield Fact(translate("Period", "Thời kỳ"), formatting.format_period(str(plan.period)), _state_of(plan, today))
    yield Fact(translate("Area", "Địa bàn"), str(plan.area))
    yield Fact(translate("Owner", "Đơn vị chủ trì"), str(plan.department or "–"))
    yield Fact(translate("Issued by", "Cơ quan ban hành"), plan.issuer or "–")
    yield Fact(translate("Act", "Văn bản"), plan.act or "–", plan.source)
    if plan.locked_through:
        yield Fact(translate("Periods are locked through", "Đã khóa kỳ đến hết ngày"), short_day(plan.locked_through))


def _state_of(plan: Plan, today: date) -> str:
    if today < plan.period_start:
        return translate("not begun yet", "chưa bắt đầu")
    if today > plan.period_end:
        return translate("ended", "đã kết thúc")
    return translate("running", "đang thực hiện")


def build_target_row(target: Target, evaluation: Evaluation | None, today: date) -> TargetRow:
    """One target as of today. `evaluation`: None before it was announced."""
    version = find_version_in_force(target, today) or target.all_versions[-1]
    department = target.answers_for
    return TargetRow(
        name=name_of(target),
        url=reverse("target", args=[target.identifier]),
        identifier=target.identifier,
        section=target.shown_section,
        band=target_terms.describe_band(target, version),
        lead=str(department) if department else translate("no lead named", "chưa có đơn vị chủ trì"),
        status=_status_text(target, evaluation),
        sense=sense_of(evaluation) if evaluation else "neutral",
        is_ended=evaluation is not None and evaluation.is_ended,
    )


def name_of(target: Target) -> str:
    """The name of the indicator, with area and period where they are not those of the plan."""
    parts = [str(target.indicator)]
    if target.area_id != target.plan.area_id:
        parts.append(str(target.area))
    if target.period != target.plan.period:
        parts.append(formatting.format_period(str(target.period)))
    return ", ".join(parts)


def _status_text(target: Target, evaluation: Evaluation | None) -> str:
    if evaluation is None:
        day = short_day(min(version.announced for version in target.all_versions))
        return translate(f"announced on {day}", f"ban hành ngày {day}")
    if evaluation.is_ended:
        return str(VERSION_STATE_LABELS[evaluation.state])
    return status_labels.label_assessment(evaluation.payload, target.goal)


def build_target_rows(
    targets: Iterable[Target], evaluations: Mapping[int, Evaluation], today: date
) -> dict[str, list[TargetRow]]:
    """The rows by their section, in the order of the sections and names."""
    rows = [build_target_row(target, evaluations.get(target.pk), today) for target in targets]
    sections: dict[str, list[TargetRow]] = {}
    for row in sorted(rows, key=lambda row: (row.section.casefold(), row.name.casefold())):
        sections.setdefault(row.section, []).append(row)
    return sections


def build_closing_row(closing: Closing, plan: Plan) -> ClosingRow:
    return ClosingRow(
        closing.number,
        reverse("plan-closing", args=[plan.code, closing.number]),
        short_day(closing.as_of),
        short_day(timezone.localtime(closing.recorded_by).date()),
        shown_name(closing.closed_by),
        closing.reason,
    )
