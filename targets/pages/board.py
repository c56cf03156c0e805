"""The first page: where the current plan stands, worst first."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import text, translate
from targets.models import Plan
from targets.pages.board_form import BoardForm, Grouping, Order
from targets.pages.board_rows import BoardRow, build_row, build_tiles, headline
from targets.pages.words import BOARD_WORDS, FRAME_WORDS
from targets.services.planning import part_scopes
from targets.services.reports.board import Board, BoardTarget, build_board, choose_current_plan, load_part
from targets.services.reports.scorecards import ScorecardQuery
from targets.services.text import formatting

# What the form of the board has cleaned: days, codes, and values of enumerations.
Choices = dict[str, Any]


@never_cache
@require_safe
@login_required
def show_board(request: HttpRequest) -> HttpResponse:
    """The board of a plan for a reader who is logged in. Its choices are query parameters; others are refused with 400."""
    by, today = actor(request), clock.today()
    if not by.may(Scope.READ):
        raise PermissionDenied
    for name in request.GET:
        if name not in BoardForm.base_fields:
            return error_pages.unknown_parameter(request, name, BoardForm.base_fields)
    part = Department.objects.visible_ids(by)
    plans = list(_visible_plans(by, part).order_by("-period_start", "code"))
    plan = _choose_plan(plans, request.GET.get("plan"), today)
    if plan is None:
        return _render(request, {"title": text("Plans", "Kế hoạch"), "no_plan": True})
    query = ScorecardQuery(plan, today, today, by)
    targets = load_part(query, part)
    form = BoardForm(request.GET, plans, targets, today)
    context: dict[str, Any] = {"title": str(plan), "form": form}
    if not form.is_valid():
        return _render(request, context, status=400)
    chosen, department = form.cleaned_data, form.chosen_department()
    query = query._replace(
        as_of=chosen["as_of"],
        departments=Department.objects.subtree_ids(department.pk) if department else None,
        section=chosen["section"] or None,
    )
    return _render(request, context | _board_context(request, chosen, build_board(query, targets, chosen["compare"])))


def _visible_plans(by: Actor, part: Collection[int] | None) -> QuerySet[Plan]:
    plans = Plan.objects.visible_to(by)
    return plans if part is None else plans.filter(part_scopes.plan_scope(part))


def _choose_plan(plans: Sequence[Plan], code: str | None, today: date) -> Plan | None:
    """The plan of the address. Raises `Http404` for one that the reader does not see."""
    if not code:
        return choose_current_plan(plans, today)
    for plan in plans:
        if plan.code == code:
            return plan
    raise Http404


def _render(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "pages/board.html", {"words": FRAME_WORDS | BOARD_WORDS, **context}, status=status)


def _board_context(request: HttpRequest, chosen: Choices, board: Board) -> dict[str, Any]:
    rows = [build_row(row, board.compared_with) for row in board.targets if _is_wanted(row, chosen)]
    totals = board.totals
    return {
        "board": board,
        "headline": headline(totals["counts"], totals["targets"], rows),
        "tiles": [(tile, _address(request, status=tile.status)) for tile in build_tiles(totals["counts"])],
        "every_status": _address(request, status=""),
        "chosen": chosen,
        "groups": _group_rows(rows, Grouping(chosen["group"]), Order(chosen["sort"])),
        "row_count": len(rows),
        "score": _score_text(board),
        "as_of": formatting.format_short_day(chosen["as_of"].isoformat()),
        "compared_with": formatting.format_short_day(chosen["compare"].isoformat()),
        "printed_on": formatting.format_short_day(board.query.today.isoformat()),
    }


def _is_wanted(row: BoardTarget, chosen: Choices) -> bool:
    evaluation = row.evaluation
    has_status = not evaluation.is_ended and evaluation.assessment.status == chosen["status"]
    return (not chosen["status"] or has_status) and chosen["area"] in ("", evaluation.target.area.code)


def _address(request: HttpRequest, **changes: str) -> str:
    """The address of this page with other choices."""
    parameters = request.GET.copy()
    for name, value in changes.items():
        parameters[name] = value
    return f"?{parameters.urlencode()}"


def _group_rows(rows: list[BoardRow], grouping: Grouping, order: Order) -> list[tuple[str, list[BoardRow]]]:
    """Rows by the title of their group. In the order worst first, the group with the worst target comes first."""
    if order == Order.NAME:
        rows = sorted(rows, key=lambda row: row.name.casefold())
    groups: dict[str, list[BoardRow]] = {}
    for row in rows:
        groups.setdefault(_group_title(row, grouping), []).append(row)
    return sorted(groups.items()) if order == Order.NAME else list(groups.items())


def _group_title(row: BoardRow, grouping: Grouping) -> str:
    match grouping:
        case Grouping.SECTION:
            return row.section or translate("without a section", "chưa xếp lĩnh vực")
        case Grouping.DEPARTMENT:
            return row.lead
        case Grouping.AREA:
            return row.area
    return ""


def _score_text(board: Board) -> str:
    score, best = board.totals["score"], board.totals["score_best"]
    if score is None:
        return "–"
    shown = formatting.format_number(score)
    if score == best:
        return shown
    shown_best = formatting.format_number(best)
    return translate(f"{shown} (up to {shown_best})", f"{shown} (tối đa {shown_best})")
