"""The figures behind an assessment, with the source and the note of each."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple, cast
from uuid import UUID

from indicators.domain.provenance import SourceFigure, sort_source_figures
from indicators.domain.rounding import exact_arithmetic
from indicators.models import Revision
from targets.domain.assessment import AssessmentResult
from targets.domain.source_figures import collect_sources
from targets.payloads.explanations import ExplanationFigurePayload, ExplanationPartPayload, SourcedFigure
from targets.services.evaluation import payloads

_BATCH_SIZE = 1000
# The (source, note) that was posted with each figure, by (figure id, revision number).
SourceNotes = dict[tuple[str, int], tuple[str, str]]
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class AssessmentFigures(NamedTuple):
    """The figures that an assessment uses, and the other figures that could have changed it.

    The others are those after a gap, those at milestones and those of earlier years.
    """

    used: Sequence[SourceFigure]
    other: Sequence[SourceFigure]


def collect_figures(assessment: AssessmentResult) -> AssessmentFigures:
    used_figures = set(assessment.figures)
    with exact_arithmetic():
        all_figures = collect_sources(assessment.inputs)
    other_figures = sort_source_figures(figure for figure in all_figures if figure not in used_figures)
    return AssessmentFigures(assessment.figures, other_figures)


def load_source_notes(figures_read: Iterable[AssessmentFigures]) -> SourceNotes:
    """The source and the note of all figures and of their parts; one query per thousand figures."""
    source_figures = chain.from_iterable((*figures.used, *figures.other) for figures in figures_read)
    figures = [source_figure.figure for source_figure in source_figures]
    posted_figures = [posted for figure in figures for posted in (figure, *(part.figure for part in figure.parts))]
    # Hypothetical figures and sums have no id of a stored figure.
    measurement_ids = sorted({UUID(figure.id) for figure in posted_figures if _UUID.fullmatch(figure.id)})
    source_notes: SourceNotes = {}
    for start in range(0, len(measurement_ids), _BATCH_SIZE):
        revisions = Revision.objects.filter(measurement__in=measurement_ids[start : start + _BATCH_SIZE])
        for pk, revision, source, note in revisions.values_list("measurement", "number", "source", "note"):
            source_notes[str(pk), revision] = source, note
    return source_notes


def explained_figure(source_figure: SourceFigure, source_notes: SourceNotes) -> ExplanationFigurePayload:
    """A figure with its source and note; a sum over areas also has `parts`, the posted figures that it adds up."""
    fields = _sourced_fields(source_figure, source_notes)
    parts: list[ExplanationPartPayload] = [
        {**_sourced_fields(SourceFigure(source_figure.indicator, part.figure), source_notes), "area": part.area}
        for part in source_figure.figure.parts
    ]
    return {**fields, "parts": parts} if parts else cast("ExplanationFigurePayload", fields)


def _sourced_fields(source_figure: SourceFigure, source_notes: SourceNotes) -> SourcedFigure:
    source, note = source_notes.get((source_figure.figure.id, source_figure.figure.revision), ("", ""))
    return {**payloads.figure_fields(source_figure), "source": source, "note": note}
