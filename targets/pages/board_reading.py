"""What the address of the board asks for: the plan, the days, and the rows in their groups."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import translate
from targets.models import Plan, Target
from targets.pages.board_form import BoardForm, Grouping, Order
from targets.services.planning import part_scopes
from targets.services.reports.board import Board, BoardTarget, build_board, choose_current_plan, load_part
from targets.services.reports.scorecards import ScorecardQuery

# What the form of the board has cleaned: days, codes, and values of enumerations.
Choices = dict[str, Any]
Groups = list[tuple[str, list[BoardTarget]]]


class BoardQuestion(NamedTuple):
    """The choices of an address that can be answered. `targets`: all of the plan that the reader sees.

    `part`: ids of the departments that the reader may open; None: all. `is_current`: the plan is shown where none is named.
    """

    plan: Plan
    form: BoardForm
    query: ScorecardQuery
    targets: Sequence[Target]
    part: Collection[int] | None
    is_current: bool

    @property
    def chosen(self) -> Choices:
        return self.form.cleaned_data

    def build_board(self) -> Board:
        return build_board(self.query, self.targets, self.chosen["compare"])


class NoPlan(Exception):
    """The reader sees no plan that has begun."""


def read_question(request: HttpRequest) -> BoardQuestion | BoardForm | HttpResponse:
    """Return what is asked; the form with its errors, or the response to an unknown parameter, if it cannot be answered.

    Raises `PermissionDenied`, `Http404` for a plan that the reader does not see, `NoPlan`.
    """
    by, today = actor(request), clock.today()
    if not by.may(Scope.READ):
        raise PermissionDenied
    for name in request.GET:
        if name not in BoardForm.base_fields:
            return error_pages.unknown_parameter(request, name, BoardForm.base_fields)
    part = Department.objects.visible_ids(by)
    plans = list(_visible_plans(by, part).order_by("-period_start", "code"))
    plan = _choose_plan(plans, request.GET.get("plan"), today)
    query = ScorecardQuery(plan, today, today, by)
    departments = {row.pk: row for row in Department.objects.all()}
    targets = load_part(query, part, departments)
    form = BoardForm(request.GET, plan, plans, targets, departments, today)
    if not form.is_valid():
        return form
    department = form.chosen_department()
    query = query._replace(
        as_of=form.cleaned_data["as_of"],
        departments=Department.objects.subtree_ids(department.pk) if department else None,
        section=form.cleaned_data["section"] or None,
    )
    return BoardQuestion(plan, form, query, targets, part, plan == choose_current_plan(plans, today))


def _visible_plans(by: Actor, part: Collection[int] | None) -> QuerySet[Plan]:
    plans = Plan.objects.visible_to(by)
    return plans if part is None else plans.filter(part_scopes.plan_scope(part))


def _choose_plan(plans: Sequence[Plan], code: str | None, today: date) -> Plan:
    if not code:
        current = choose_current_plan(plans, today)
        if current is None:
            raise NoPlan
        return current
    for plan in plans:
        if plan.code == code:
            return plan
    raise Http404


def group_rows(board: Board, chosen: Choices) -> Groups:
    """The rows that the filters leave, by the title of their group.

    In the order worst first, the group with the worst target comes first.
    """
    rows = [row for row in board.targets if _is_wanted(row, chosen)]
    by_name = chosen["sort"] == Order.NAME
    if by_name:
        rows = sorted(rows, key=lambda row: str(row.evaluation.target.indicator).casefold())
    title_of, groups = _GROUP_TITLES[Grouping(chosen["group"])], dict[str, list[BoardTarget]]()
    for row in rows:
        groups.setdefault(title_of(row.evaluation.target), []).append(row)
    return sorted(groups.items(), key=lambda group: group[0]) if by_name else list(groups.items())


def _is_wanted(row: BoardTarget, chosen: Choices) -> bool:
    evaluation = row.evaluation
    has_status = not evaluation.is_ended and evaluation.assessment.status == chosen["status"]
    return (not chosen["status"] or has_status) and chosen["area"] in ("", evaluation.target.area.code)


def codes_to_open(targets: Iterable[Target], part: Collection[int] | None) -> set[str]:
    """The codes of the departments that answer for these targets and whose pages the reader may open."""
    leads = {target.answers_for for target in targets}
    return {lead.code for lead in leads if lead is not None and (part is None or lead.pk in part)}


def lead_name(target: Target) -> str:
    return str(target.answers_for or translate("no lead named", "chưa có đơn vị chủ trì"))


_GROUP_TITLES: dict[Grouping, Callable[[Target], str]] = {
    Grouping.NONE: lambda _: "",
    Grouping.SECTION: lambda target: target.shown_section or translate("without a section", "chưa xếp lĩnh vực"),
    Grouping.DEPARTMENT: lead_name,
    Grouping.AREA: lambda target: str(target.area),
}
