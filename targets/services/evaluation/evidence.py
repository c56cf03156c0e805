"""The figures behind an assessment, with the source and the note of each."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast
from uuid import UUID

from indicators.domain.provenance import SourceFigure, sort_source_figures
from indicators.domain.rounding import exact_arithmetic
from indicators.models import Revision
from targets.domain.assessment import AssessmentResult
from targets.domain.evidence import collect_sources
from targets.payloads.explanations import ExplanationFigurePayload, ExplanationPartPayload, SourcedFigure
from targets.services.evaluation import payloads

_BATCH_SIZE = 1000
# The (source, note) of each figure, by (figure id, revision number).
Origins = dict[tuple[str, int], tuple[str, str]]
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Evidence(NamedTuple):
    """The figures that an assessment uses, and the other figures that were read."""

    used: Sequence[SourceFigure]
    other: Sequence[SourceFigure]


def collect_evidence(assessment: AssessmentResult) -> Evidence:
    used_figures = set(assessment.figures)
    with exact_arithmetic():
        sources = collect_sources(assessment.basis)
    return Evidence(assessment.figures, sort_source_figures(source for source in sources if source not in used_figures))


def load_origins(evidence: Iterable[Evidence]) -> Origins:
    """The sources of all figures and of their parts; one query per thousand figures."""
    figures = [source.figure for pair in evidence for sources in pair for source in sources]
    posted_figures = [posted for figure in figures for posted in (figure, *(part.figure for part in figure.parts))]
    # A hypothetical figure has no id of a stored figure.
    measurement_ids = sorted({UUID(figure.id) for figure in posted_figures if _UUID.fullmatch(figure.id)})
    origins: Origins = {}
    for start in range(0, len(measurement_ids), _BATCH_SIZE):
        revisions = Revision.objects.filter(measurement__in=measurement_ids[start : start + _BATCH_SIZE])
        for pk, revision, source, note in revisions.values_list("measurement", "number", "source", "note"):
            origins[str(pk), revision] = source, note
    return origins


def explained_figure(source: SourceFigure, origins: Origins) -> ExplanationFigurePayload:
    """A figure with its source and note; a sum over areas also has `parts`, the posted figures that it adds up."""
    fields = _sourced_fields(source, origins)
    parts: list[ExplanationPartPayload] = [
        {**_sourced_fields(SourceFigure(source.indicator, part.figure), origins), "area": part.area}
        for part in source.figure.parts
    ]
    return {**fields, "parts": parts} if parts else cast("ExplanationFigurePayload", fields)


def _sourced_fields(source: SourceFigure, origins: Origins) -> SourcedFigure:
    origin, note = origins.get((source.figure.id, source.figure.revision), ("", ""))
    return {**payloads.figure_fields(source), "source": origin, "note": note}
