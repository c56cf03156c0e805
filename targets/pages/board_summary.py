"""The board in short: one sentence, and one tile for each status."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from kpitracker.lib.i18n.text import translate
from targets.domain.choices import WORST_FIRST, Status
from targets.domain.rollup import TotalsPayload
from targets.models.assessment import STATUS_LABELS
from targets.pages.board_rows import BAD, SENSE_BY_STATUS, sense_of
from targets.services.reports.board import Board, BoardTarget
from targets.services.text import side_by_side, status_labels, status_sentence


class StatusTile(NamedTuple):
    """How many targets have a status. `status`: the value of the filter."""

    status: str
    label: str
    number: int
    sense: str


def build_tiles(counts: dict[str, int], rows: Sequence[BoardTarget] = ()) -> list[StatusTile]:
    """One tile for each status that some target has, worst first. `rows`: the targets, whose words for it the tile takes."""
    words = _words_by_status(rows)
    return [
        StatusTile(
            status.value,
            _either(words.get(status) or [str(STATUS_LABELS[status])]),
            counts[status.value],
            SENSE_BY_STATUS[status],
        )
        for status in WORST_FIRST
        if counts[status.value]
    ]


def _words_by_status(rows: Sequence[BoardTarget]) -> dict[Status, list[str]]:
    """What the targets with a status are called: a ceiling that is broken is beyond the limit, not off track."""
    words: dict[Status, dict[str, None]] = defaultdict(dict)
    for row in rows:
        if row.evaluation.is_ended:
            continue
        payload, goal = row.evaluation.payload, row.evaluation.target.goal
        label = status_labels.label_assessment({**payload, "provisional": False}, goal)
        words[row.evaluation.assessment.status][label] = None
    return {status: list(labels) for status, labels in words.items()}


def _either(words: Sequence[str]) -> str:
    """`missed, off track or beyond the limit`."""
    first = ", ".join(words[:-1])
    return translate(f"{first} or {words[-1]}", f"{first} hoặc {words[-1]}") if first else words[-1]


class Headline(NamedTuple):
    """`counts`: how many targets are on the way. `reasons`: why the worst one is not, and what is hardest to reach."""

    counts: str
    reasons: str


def headline(board: Board) -> Headline:
    """Where the plan stands in a few sentences."""
    if not board.totals["targets"]:
        return Headline(
            translate("The plan has no targets that count.", "Kế hoạch chưa có chỉ tiêu nào được tính."), ""
        )
    worst = next((row for row in board.targets if sense_of(row.evaluation) == BAD), None)
    sentences = []
    if worst is not None:
        sentences.append(f"{worst.evaluation.target.indicator}: {status_sentence.explain_reason(worst.status)}.")
    sentences.append(_pace_text(board.targets))
    return Headline(
        _counts_sentence(board.totals, board.targets), " ".join(sentence for sentence in sentences if sentence)
    )


def _counts_sentence(totals: TotalsPayload, rows: Sequence[BoardTarget]) -> str:
    counts, targets = totals["counts"], totals["targets"]
    on_the_way = counts[Status.MET] + counts[Status.EXCEEDED] + counts[Status.ON_TRACK]
    behind = counts[Status.MISSED] + counts[Status.OFF_TRACK]
    words = _words_by_status(rows)
    bad_words = _either(
        [word for status in (Status.MISSED, Status.OFF_TRACK) if counts[status] for word in words.get(status, ())]
        or [str(STATUS_LABELS[Status.MISSED]), str(STATUS_LABELS[Status.OFF_TRACK])]
    )
    at_risk, silent = counts[Status.AT_RISK], counts[Status.NO_DATA]
    parts = [
        translate(f"{on_the_way} of {targets} targets are met or on track", f"{on_the_way}/{targets} chỉ tiêu đạt hoặc đúng tiến độ"),
        f"{behind} {bad_words}" if behind else "",
        translate(f"{at_risk} at risk", f"{at_risk} có nguy cơ") if at_risk else "",
        translate(f"{silent} without data", f"{silent} chưa có kết quả") if silent else "",
    ]  # fmt: skip
    return f"{', '.join(part for part in parts if part)}."


def _pace_text(rows: Sequence[BoardTarget]) -> str:
    """The first target that needs more than was ever seen, and how many others do."""
    sentences = [(row, sentence) for row in rows if (sentence := _pace_sentence(row))]
    if not sentences:
        return ""
    row, sentence = sentences[0]
    others = len(sentences) - 1
    text = f"{row.evaluation.target.indicator}: {sentence[:1].lower()}{sentence[1:]}"
    if not others:
        return text
    return f"{text} " + translate(f"So do {others} others.", f"Còn {others} chỉ tiêu khác cũng như vậy.")


def _pace_sentence(row: BoardTarget) -> str:
    target = row.evaluation.target
    if row.evaluation.is_ended:
        return ""
    return side_by_side.pace_sentence(row.status, target.goal, target.indicator.decimals)
