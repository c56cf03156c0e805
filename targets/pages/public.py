"""Public pages of plans that an administrator has made public: no login, no cookie, the same for everyone."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import override
from django.views.decorators.http import require_safe

from kpitracker.lib import clock, gc_pause
from kpitracker.lib.actor import PUBLIC_READER
from kpitracker.lib.http import error_pages
from kpitracker.lib.http.request_context import client_ip
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.problems import problem_response
from kpitracker.lib.rest.rate_limit import limiter
from targets.models import Plan
from targets.pages.addresses import keep_day
from targets.pages.board import list_heads, score_text
from targets.pages.board_form import Grouping
from targets.pages.board_map import board_map_context
from targets.pages.board_reading import group_rows
from targets.pages.board_rows import BoardRow, build_row, sense_of
from targets.pages.board_summary import build_tiles, headline
from targets.pages.public_form import BOARD_CHOICES, LANGUAGE, PublicBoardForm, choose_language
from targets.pages.public_words import PUBLIC_WORDS
from targets.pages.target import TargetDayForm
from targets.pages.target_access import evaluate_for_page
from targets.pages.target_facts import list_facts, short_day
from targets.pages.target_figures import list_figures
from targets.pages.target_words import TARGET_WORDS
from targets.pages.trajectory_plot import build_plot
from targets.pages.words import BOARD_WORDS, FRAME_WORDS
from targets.services.evaluation import explanations
from targets.services.reports import public_board
from targets.services.reports.board import BoardTarget, a_month_before
from targets.services.reports.scorecards import ScorecardQuery
from targets.services.text import status_sentence

MAX_AGE = 300  # seconds that caches keep a page
View = Callable[..., HttpResponse]


def public_page(*choices: str) -> Callable[[View], View]:
    """A page for everyone: counted by address, in the chosen language, kept by caches. Other parameters are refused."""

    def decorate(view: View) -> View:
        @wraps(view)
        def show(request: HttpRequest, **values: str) -> HttpResponse:
            language = choose_language(request)
            with override(language):
                if wait := limiter.take(f"public {client_ip(request)}", settings.PUBLIC_RATE):
                    headers = {"Retry-After": str(int(wait) + 1)}
                    return problem_response(request, "rate-limited", status=429, headers=headers)
                for name in request.GET:
                    if name not in (*choices, LANGUAGE):
                        return error_pages.unknown_parameter(request, name, [*choices, LANGUAGE])
                response = view(request, **values)
            response.headers["Content-Language"] = language
            patch_vary_headers(response, ("Accept-Language",))
            if response.status_code == 200:
                patch_cache_control(response, public=True, max_age=MAX_AGE)
            return response

        return require_safe(show)

    return decorate


@public_page()
def list_plans(request: HttpRequest) -> HttpResponse:
    """The public plans. Where there is none, the address does not exist."""
    plans = list(public_board.list_public_plans())
    if not plans:
        raise Http404
    return _render(request, "pages/public_plans.html", {"title": text("Plans", "Kế hoạch"), "plans": plans})


@public_page(*BOARD_CHOICES)
def show_board(request: HttpRequest, code: str) -> HttpResponse:
    """The board of a public plan as of a day, not later than today."""
    plan, today = _find_plan(code), clock.today()
    targets = public_board.load_public_targets(plan, today)
    form = PublicBoardForm(request, plan, targets, today)
    context: dict[str, Any] = {"title": str(plan), "plan": plan, "form": form}
    if not form.is_valid():
        return _render(request, "pages/public_board.html", context, status=400)
    chosen = form.cleaned_data
    query = ScorecardQuery(plan, chosen["as_of"], today, PUBLIC_READER, section=chosen["section"] or None)
    with gc_pause.gc_paused():
        board = public_board.build_public_board(query, targets, a_month_before(query.as_of))
        targets_by_group = group_rows(board, chosen)
        shown = [row for _, rows in targets_by_group for row in rows]
        context |= {
            "board": board,
            "headline": headline(board),
            "tiles": build_tiles(board.totals["counts"], board.targets),
            "score": score_text(board),
            "heads": [*list_heads(short_day(board.compared_with))[:-1], str(PUBLIC_WORDS["answers_for"])],
            "groups": [
                (group, [_build_row(request, row, board.compared_with, today) for row in rows])
                for group, rows in targets_by_group
            ],
            "row_count": len(shown),
            "several_areas": len({row.evaluation.target.area_id for row in shown}) > 1,
            "as_of": short_day(query.as_of),
            "compared_with": short_day(board.compared_with),
        }
        if chosen["group"] == Grouping.AREA:
            context |= board_map_context(shown, lambda area: _address(request, area=area))
        return _render(request, "pages/public_board.html", context)


@public_page("as_of")
def show_target(request: HttpRequest, code: str, identifier: str) -> HttpResponse:
    """The page of a target of a public plan: its state, trajectory and figures."""
    plan, today = _find_plan(code), clock.today()
    target, form = public_board.find_public_target(plan, identifier, today), TargetDayForm(request.GET)
    if target is None:
        raise Http404
    context: dict[str, Any] = {"title": str(target), "plan": plan, "form": form}
    if not form.is_valid():
        return _render(request, "pages/public_target.html", context, status=400)
    as_of = form.cleaned_data["as_of"]
    context["board_url"] = _link(request, reverse("public-board", args=[plan.code]), as_of, today)
    if not public_board.keep_adopted([target], as_of):
        return _render(request, "pages/public_target.html", context | {"not_announced": True})
    targets = public_board.load_public_targets(plan, as_of)
    evaluation = evaluate_for_page(target, as_of, PUBLIC_READER, targets).target
    status = public_board.without_people(explanations.status_document(evaluation))
    context |= {
        "sense": sense_of(evaluation),
        "sentence": status_sentence.explain_status(status),
        "facts": list_facts(evaluation, status),
        "plot": build_plot(evaluation, status),
        "figures": list_figures(status),
        "lead": str(target.answers_for or "–"),
        "as_of": short_day(as_of),
    }
    return _render(request, "pages/public_target.html", context)


def _find_plan(code: str) -> Plan:
    plan = public_board.list_public_plans().filter(code=code).first()
    if plan is None:
        raise Http404
    return plan


def _build_row(request: HttpRequest, row: BoardTarget, compared_with: date, today: date) -> BoardRow:
    target = row.evaluation.target
    address = reverse("public-target", args=[target.plan.code, target.identifier])
    address = _link(request, address, row.evaluation.as_of, today)
    return build_row(row, compared_with, today=today)._replace(url=address)


def _link(request: HttpRequest, address: str, as_of: date, today: date) -> str:
    """The address with the day and with the language, where they were chosen."""
    return keep_day(address, as_of, today, **_chosen_language(request))


def _chosen_language(request: HttpRequest) -> dict[str, str]:
    return {LANGUAGE: choose_language(request)} if LANGUAGE in request.GET else {}


def _address(request: HttpRequest, **changes: str) -> str:
    parameters = request.GET.copy()
    for name, value in changes.items():
        parameters[name] = value
    return f"?{parameters.urlencode()}"


def _render(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context["words"] = FRAME_WORDS | TARGET_WORDS | BOARD_WORDS | PUBLIC_WORDS
    chosen = _chosen_language(request)
    context |= {
        "language_name": LANGUAGE,
        "language_chosen": chosen.get(LANGUAGE),
        "language_query": f"?{urlencode(chosen)}" if chosen else "",
    }
    context["languages"] = [(code, name, _address(request, **{LANGUAGE: code})) for code, name in settings.LANGUAGES]
    return render(request, template, context, status=status)
