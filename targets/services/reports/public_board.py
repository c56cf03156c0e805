"""What everyone may read of a plan that an administrator has made public.

Restricted indicators and all that is computed from them are left out before anything is counted. Alerts, actions, comments,
people and what they wrote by hand are left out of what remains.
"""

from collections.abc import Iterable
from datetime import date
from typing import TypeVar, cast

from django.db.models import QuerySet

from kpitracker.lib.actor import PUBLIC_READER
from targets.domain.choices import VersionState
from targets.models import Plan, Target
from targets.payloads.assessments import ExplainedAssessment
from targets.services.evaluation.target_versions import find_version_in_force
from targets.services.reports.board import Board, BoardTarget, build_board, load_part
from targets.services.reports.scorecards import ScorecardQuery

StatusT = TypeVar("StatusT", bound=ExplainedAssessment)


def list_public_plans() -> QuerySet[Plan]:
    """The public plans, the latest first."""
    return Plan.objects.visible_to(PUBLIC_READER).filter(public=True).order_by("-period_start", "code")


def load_public_targets(plan: Plan, day: date) -> list[Target]:
    """Those that were adopted by a day: drafts are not public."""
    return keep_adopted(load_part(ScorecardQuery(plan, day, day, PUBLIC_READER), None), day)


def keep_adopted(targets: Iterable[Target], day: date) -> list[Target]:
    versions = ((target, find_version_in_force(target, day)) for target in targets)
    return [target for target, version in versions if version and version.state != VersionState.DRAFT]


def find_public_target(plan: Plan, identifier: str, day: date) -> Target | None:
    """A target that was adopted by a day."""
    targets = Target.objects.visible_to(PUBLIC_READER).for_list()
    return next(iter(keep_adopted(targets.filter(plan=plan, identifier=identifier), day)), None)


def build_public_board(query: ScorecardQuery, targets: Iterable[Target], compared_with: date) -> Board:
    """The board of those of these targets that were adopted by the day of the query."""
    board = build_board(query, keep_adopted(targets, query.as_of), compared_with)
    rows = [_make_public(row) for row in board.targets]
    return board._replace(targets=rows)


def _make_public(row: BoardTarget) -> BoardTarget:
    before = None if row.before is not None and row.before.state == VersionState.DRAFT else row.before
    return row._replace(status=without_people(row.status), before=before, alerts=[], actions=[])


def without_people(status: StatusT) -> StatusT:
    """A status without who judged and why, and without who reported that there is no value."""
    explanation = {name: value for name, value in status["explanation"].items() if name != "reporter"}
    if judgement := status["explanation"]["judgement"]:
        explanation["judgement"] = {**judgement, "by": "", "reason": ""}
    return cast(StatusT, {**status, "explanation": explanation})
