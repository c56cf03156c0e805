"""The report for a meeting: the board of today beside that of the last closing. The page and the mail read it here."""

from collections.abc import Collection
from typing import NamedTuple

from targets.models import Closing
from targets.services.reports.board import Board, a_month_before, build_board, load_part
from targets.services.reports.scorecards import ScorecardQuery


class MeetingReport(NamedTuple):
    """`closing`: the last one of the plan; None: the board is compared with the day a month before."""

    board: Board
    closing: Closing | None


def build_meeting_report(query: ScorecardQuery, department_ids: Collection[int] | None) -> MeetingReport:
    """Evaluate the part of these departments as of today; None: the whole plan."""
    closing: Closing | None = query.plan.closings.order_by("-number").first()
    compared_with = closing.as_of if closing else a_month_before(query.today)
    return MeetingReport(build_board(query, load_part(query, department_ids), compared_with), closing)
