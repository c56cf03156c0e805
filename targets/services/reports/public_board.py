"""What everyone may read of a plan that an administrator has made public.

Restricted indicators and all that is computed from them are left out before anything is counted. Alerts, actions, comments,
people and what they wrote by hand are left out of what remains.
"""

from datetime import date
from typing import TypeVar, cast

from django.db.models import QuerySet

from kpitracker.lib.actor import PUBLIC_READER
from targets.models import Plan, Target
from targets.payloads.assessments import ExplainedAssessment
from targets.services.reports.board import Board, build_board, load_part
from targets.services.reports.scorecards import ScorecardQuery

StatusT = TypeVar("StatusT", bound=ExplainedAssessment)


def list_public_plans() -> QuerySet[Plan]:
    """The public plans, the latest first."""
    return Plan.objects.visible_to(PUBLIC_READER).filter(public=True).order_by("-period_start", "code")


def load_public_targets(plan: Plan, today: date) -> list[Target]:
    return load_part(ScorecardQuery(plan, today, today, PUBLIC_READER), None)


def find_public_target(plan: Plan, identifier: str) -> Target | None:
    targets = Target.objects.visible_to(PUBLIC_READER).for_list()
    return targets.filter(plan=plan, identifier=identifier).first()


def build_public_board(query: ScorecardQuery, targets: list[Target], compared_with: date) -> Board:
    """The board of `load_public_targets`."""
    board = build_board(query, targets, compared_with)
    rows = [row._replace(status=without_people(row.status), alerts=[], actions=[]) for row in board.targets]
    return board._replace(targets=rows)


def without_people(status: StatusT) -> StatusT:
    """A status without who judged and why, and without who reported that there is no value."""
    explanation = {name: value for name, value in status["explanation"].items() if name != "reporter"}
    if judgement := status["explanation"]["judgement"]:
        explanation["judgement"] = {**judgement, "by": "", "reason": ""}
    return cast(StatusT, {**status, "explanation": explanation})
