"""The figures that an assessment uses, as a table in words for the page of a target."""

from typing import NamedTuple

from kpitracker.lib.i18n.text import translate
from targets.payloads.assessments import ExplainedAssessment
from targets.services.text import explanation_report, formatting


class UsedFigure(NamedTuple):
    """One figure. `url`: the address of its source, if the source is one; texts that are no http address are no links."""

    indicator: str
    period: str
    value: str
    stage: str
    published: str
    revision: str
    source: str
    url: str


def list_figures(status: ExplainedAssessment) -> list[UsedFigure]:
    """The figures in the order of the explanation, with names and periods in words."""
    explanation = status["explanation"]
    names = {row["code"]: translate(row["name_en"] or row["name"], row["name"]) for row in explanation["indicators"]}
    rows = []
    for figure, cells in zip(explanation["figures"], explanation_report.figure_rows(explanation)[1:], strict=True):
        code, _, value, stage, published, revision, source = cells
        period = formatting.format_period(figure["period"])
        url = source if source.startswith(("http://", "https://")) and " " not in source.strip() else ""
        rows.append(UsedFigure(names.get(code, code), period, value, stage, published, revision, source, url))
    return rows
