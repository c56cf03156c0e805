"""The parts of a heading with their statuses, and the heading of a part."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from targets.models import Target
from targets.pages.addresses import target_address
from targets.pages.board_rows import sense_of
from targets.services.evaluation import explanations
from targets.services.evaluation.evaluate import Evaluation
from targets.services.planning import part_scopes
from targets.services.text import status_sentence


class PartRow(NamedTuple):
    """A part of a heading: its page, and how it stands in words. `sense` names a style class."""

    name: str
    url: str
    label: str
    sense: str
    sentence: str


def list_part_rows(parts: Iterable[Evaluation]) -> list[PartRow]:
    rows = []
    for evaluation in parts:
        status = explanations.status_document(evaluation)
        rows.append(
            PartRow(
                str(evaluation.target),
                target_address(evaluation.target, evaluation.as_of, clock.today()),
                status_sentence.label_status(status),
                sense_of(evaluation),
                status_sentence.explain_reason(status),
            )
        )
    return rows


def find_heading(target: Target, by: Actor, as_of: date) -> tuple[str, str] | None:
    """Name and address of the heading of a target, if the reader may see it."""
    if target.heading_id is None:
        return None
    heading = part_scopes.own_targets(by).for_list().filter(pk=target.heading_id).first()
    return None if heading is None else (str(heading), target_address(heading, as_of, clock.today()))
