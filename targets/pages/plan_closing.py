"""The page of a closing: what was frozen, and what differs now."""

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.models import Department, Indicator
from indicators.services.access.person_names import shown_name
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.i18n.text import translate
from targets.models import Plan
from targets.pages.addresses import target_address
from targets.pages.board_rows import sense_of_status
from targets.pages.plan_access import find_plan, refuse_other_parameters
from targets.pages.plan_rows import name_of
from targets.pages.plan_words import CLOSING_WORDS, PLAN_WORDS
from targets.pages.target_facts import Fact, short_day
from targets.pages.words import FRAME_WORDS
from targets.payloads.scorecards import FrozenScorecard, LaterAmendmentPayload, LaterRevisionPayload
from targets.services.planning import part_scopes
from targets.services.reports import closings
from targets.services.reports.closings import VisibleClosing
from targets.services.text import closing_tables, formatting


@never_cache
@require_safe
@login_required
def show_closing(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """A frozen scorecard, of the targets of the reader's part. Raises `Http404` if the plan has no such closing."""
    by, plan = find_plan(request, code)
    if refusal := refuse_other_parameters(request):
        return refusal
    try:
        visible = closings.visible_closing(closings.get_closing(plan, number), by)
    except NotFound as error:
        raise Http404 from error
    context = {
        "title": translate(f"Closing № {number}: {plan}", f"Bảng kết quả chốt số {number}: {plan}"),
        "words": FRAME_WORDS | PLAN_WORDS | CLOSING_WORDS,
        "plan": plan,
        **_closing_context(plan, visible, by),
    }
    return render(request, "pages/closing.html", context)


def _closing_context(plan: Plan, visible: VisibleClosing, by: Actor) -> dict[str, Any]:
    today = clock.today()
    targets = part_scopes.own_targets(by).for_list().filter(plan=plan)
    urls = {target.identifier: target_address(target, visible.closing.as_of, today) for target in targets}
    names = {target.identifier: name_of(target) for target in targets}
    is_part = Department.objects.visible_ids(by) is not None
    scorecard = visible.scorecard
    comparison = closings.compare_closing(visible.closing, by=by, as_of=today, today=today)
    return {
        "facts": _list_facts(visible, scorecard, is_part=is_part),
        "results": [
            (row, sense_of_status(row.status), urls.get(row.target, ""))
            for row in closing_tables.list_results(scorecard)
            if not is_part or row.target in urls
        ],
        "differences": [
            row._replace(name=names.get(row.target, row.name))
            for row in closing_tables.list_differences(comparison["targets"], scorecard)
            if not is_part or row.target in urls
        ],
        "figures": [] if is_part else _figure_rows(comparison["figures"], by),
        "amendments": [
            _amendment_cells(amendment, names) for amendment in comparison["amendments"] if amendment["target"] in names
        ],
    }


def _list_facts(visible: VisibleClosing, scorecard: FrozenScorecard, *, is_part: bool) -> list[Fact]:
    closing = visible.closing
    recorded = date_format(timezone.localtime(closing.recorded_by), "DATETIME_FORMAT")
    facts = [
        Fact(translate("As of", "Tính đến ngày"), short_day(closing.as_of)),
        Fact(translate("From what was recorded by", "Theo số liệu ghi nhận đến"), recorded),
        Fact(translate("Closed by", "Người chốt"), shown_name(closing.closed_by)),
        Fact(translate("Reason", "Lý do"), closing.reason),
    ]
    if not is_part:
        facts.append(
            Fact(translate("Results", "Kết quả"), closing_tables.count_statuses(scorecard["totals"]), visible.digest)
        )
    return facts


def _figure_rows(figures: Collection[LaterRevisionPayload], by: Actor) -> Iterable[list[str]]:
    """Indicator, period, value, and the day it was published, of each later revision."""
    codes = {figure["indicator"] for figure in figures}
    indicators = {row.code: row for row in Indicator.objects.visible_to(by).filter(code__in=codes)}
    for figure in figures:
        indicator, published = indicators.get(figure["indicator"]), figure["published"]
        value = formatting.format_number(figure["value"])
        yield [
            str(indicator or figure["indicator"]),
            formatting.format_period(figure["period"]),
            formatting.format_amount(value, indicator.shown_unit) if indicator and figure["value"] else value,
            translate("day not known", "không rõ ngày")
            if published == "unknown"
            else formatting.format_short_day(published),
        ]


def _amendment_cells(amendment: LaterAmendmentPayload, names: dict[str, str]) -> list[str]:
    return [
        names[amendment["target"]],
        formatting.format_short_day(amendment["announced"]),
        amendment["act"] or "–",
        amendment["reason"] or "–",
    ]
