"""What moved between the two days of the board, in words: each target with the figures that moved it."""

from datetime import date
from typing import NamedTuple

from kpitracker.lib.i18n.text import translate, translate_name
from targets.pages.addresses import target_address
from targets.pages.board_rows import label_of, sense_of
from targets.services.evaluation.evaluate import Evaluation
from targets.services.reports.board import Board
from targets.services.reports.board_changes import Movement, MovingFigure, list_movements
from targets.services.text import formatting
from targets.services.text.explanation_report import STAGE_LABELS


class MovementRow(NamedTuple):
    """A target that moved. `causes`: the figures, or what else moved it."""

    name: str
    url: str
    sense: str
    before: str
    now: str
    causes: list[str]


def list_movement_rows(board: Board) -> list[MovementRow]:
    return [_movement_row(movement, board.query.today) for movement in list_movements(board)]


def _movement_row(movement: Movement, today: date) -> MovementRow:
    row = movement.row
    return MovementRow(
        str(row.evaluation.target.indicator),
        target_address(row.evaluation.target, row.evaluation.as_of, today),
        sense_of(row.evaluation),
        _state_text(row.before) if row.before else translate("not announced", "chưa ban hành"),
        _state_text(row.evaluation),
        _list_causes(movement),
    )


def _state_text(evaluation: Evaluation) -> str:
    indicator, payload = evaluation.target.indicator, evaluation.payload
    variance = formatting.format_variance(payload, indicator.decimals, indicator.kind)
    numbers = [
        formatting.format_actual(payload, indicator.decimals, indicator.kind),
        *([variance] if variance != "–" else []),
    ]
    return f"{label_of(evaluation)} ({'; '.join(numbers)})" if payload["actual"] is not None else label_of(evaluation)


def _list_causes(movement: Movement) -> list[str]:
    causes = [_figure_text(movement, moving) for moving in movement.figures]
    if movement.row.before is None:
        causes.append(translate("the target was announced", "chỉ tiêu được ban hành"))
    elif movement.is_amended:
        act = movement.row.evaluation.version.act
        causes.append(translate(f"the target was amended {act}", f"chỉ tiêu được điều chỉnh {act}").strip())
    no_figure = translate("no other figure: time has passed", "không có số liệu khác: do thời gian trôi qua")
    return causes or [no_figure]


def _figure_text(movement: Movement, moving: MovingFigure) -> str:
    """Such as `CPI, June 2024: 0.41 (was 0.4), official, published on 5 July 2024, General Statistics Office`."""
    figure = moving.figure
    name, period = _indicator_name(movement, figure["indicator"]), formatting.format_period(figure["period"])
    value = formatting.format_number(figure["value"])
    if moving.is_gone:
        return translate(
            f"{name}, {period}: {value} is not used any more", f"{name}, {period}: {value} không còn được dùng"
        )
    if moving.was is not None:
        was = formatting.format_number(moving.was)
        value = translate(f"{value} (was {was})", f"{value} (trước: {was})")
    stage = str(STAGE_LABELS[figure["stage"]]) if figure["stage"] else ""
    day = figure["published"]
    published = "" if day == "unknown" else formatting.format_short_day(day)
    published = translate(f"published {published}", f"công bố {published}") if published else ""
    return ", ".join(part for part in (f"{name}, {period}: {value}", stage, published, moving.source) if part)


def _indicator_name(movement: Movement, code: str) -> str:
    for indicator in movement.row.status["explanation"]["indicators"]:
        if indicator["code"] == code:
            return translate_name(indicator["name"], indicator["name_en"])
    return code
