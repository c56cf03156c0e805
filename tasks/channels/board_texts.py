"""The texts of a board message: made at its first attempt, and kept, so that every copy says the same."""

from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import override

from indicators.models import Indicator
from targets.domain.choices import BoardMessage
from targets.models import Delivery
from targets.pages.mailed_board import MailedBoard, describe_mailed_board
from targets.services.reports import board_messages
from tasks.channels.base import DeliveryError


def board_texts(delivery: Delivery, languages: Sequence[str]) -> dict[str, MailedBoard]:
    """Return the texts by language. They are made again if the contact may not see all of them any more.

    Raises `DeliveryError` without a plan.
    """
    assert delivery.contact is not None
    reader = board_messages.reader_for(delivery.contact)
    snapshot, scope = delivery.snapshot, [reader.department, sorted(reader.scopes)]
    if (
        snapshot.get("scope") == scope
        and set(languages) <= snapshot["texts"].keys()
        and Indicator.objects.hidden_from(reader).isdisjoint(snapshot["indicators"])
    ):
        kept: dict[str, MailedBoard] = snapshot["texts"]
        return kept
    event = BoardMessage(delivery.event)
    mailed = board_messages.load_board_for(delivery.contact, event)
    if mailed is None:
        raise DeliveryError("There is no plan to report on.", permanent=True)
    texts = {}
    for language in languages:
        with override(language):
            texts[language] = describe_mailed_board(mailed, event)
    indicator_ids = sorted({row.evaluation.target.indicator_id for row in mailed.board.targets})
    delivery.snapshot = {"scope": scope, "indicators": indicator_ids, "texts": texts}
    Delivery.objects.filter(pk=delivery.pk).update(snapshot=delivery.snapshot)
    return texts


def render_text(board: MailedBoard) -> str:
    return render_to_string("tasks/board.txt", {"board": board, "table": _align_rows(board)})


def render_html(board: MailedBoard, language: str) -> str:
    return render_to_string("tasks/board.html", {"board": board, "language": language})


def _align_rows(board: MailedBoard) -> list[dict[str, Any]]:
    """The head of the table (without a name), then each target with its numbers in columns of equal width."""
    _, status, numbers, outlook, _ = board["heads"]
    rows = board["rows"]
    cells = [[status, numbers, outlook], *(_cells_of(row) for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(2)]
    lines = ["  ".join([*map(str.ljust, line, widths), line[-1]]).rstrip() for line in cells]
    return [{"numbers": lines[0]}, *({**row, "numbers": line} for row, line in zip(rows, lines[1:], strict=True))]


def _cells_of(row: dict[str, Any]) -> list[str]:
    numbers = f"{row['actual']} / {row['due']}" if row["due"] else row["actual"]
    variance = f"; {row['variance']}" if row["variance"] != "–" else ""
    outlook = f"{row['outlook']} ({row['outlook_range']})" if row["outlook_range"] else row["outlook"]
    return [row["label"], f"{numbers}{variance}", outlook]
