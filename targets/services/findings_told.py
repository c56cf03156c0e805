"""What an alert says beyond the status, in the language that is active, from the facts that were stored with it."""

from typing import Any

from kpitracker.lib.texts import text
from targets.domain.alerting import Reason

_CLOSINGS = {
    Reason.SETTLED: text(
        "The result is known and nothing more can be brought about: the alert is closed, with the result as it is.",
        "Đã có kết quả cuối kỳ, không thể tác động thêm: cảnh báo được đóng với kết quả hiện tại.",
    ),
}


def closing(facts: dict[str, Any]) -> str:
    """Why it was closed though what it was about is not over; "" for any other message."""
    closed = facts.get("closed")
    return str(_CLOSINGS[Reason(closed)]) if closed else ""


def ended(facts: dict[str, Any]) -> str:
    """The same in a word, for the subject."""
    return str(text("closed", "đóng cảnh báo")) if facts.get("closed") else ""
