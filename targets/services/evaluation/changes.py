"""Differences between two sets of assessments, target by target."""

from collections.abc import Iterable
from typing import NamedTuple

from targets.domain.choices import VersionState
from targets.payloads.assessments import AssessmentPayload
from targets.payloads.scorecards import AssessmentDifferencePayload, AssessmentSummaryPayload, FrozenTarget
from targets.services.evaluation.evaluate import Evaluation


class AssessmentSummary(NamedTuple):
    """The part of an assessment whose changes are reported; the field names are keys of the payload."""

    target: str
    version: int
    state: str
    status: str
    actual: str | None
    variance: str | None


def summarize_evaluation(evaluation: Evaluation) -> AssessmentSummary:
    return summarize_row(evaluation.payload)


def summarize_row(row: AssessmentPayload | FrozenTarget) -> AssessmentSummary:
    return AssessmentSummary(
        row["target"],
        row["version"],
        # Closings of earlier releases lack it. They have no suspended or withdrawn targets.
        row.get("state", VersionState.ADOPTED.value),
        row["status"],
        row["actual"],
        row["variance"],
    )


def diff_summaries(
    before: Iterable[AssessmentSummary], after: Iterable[AssessmentSummary]
) -> list[AssessmentDifferencePayload]:
    """Each target that differs, with its summary before and after; null where it was not yet announced."""
    old, new = ({summary.target: summary for summary in group} for group in (before, after))
    return [
        {"target": code, "before": _summary_payload(old.get(code)), "after": _summary_payload(new.get(code))}
        for code in sorted({*old, *new})
        if old.get(code) != new.get(code)
    ]


def _summary_payload(summary: AssessmentSummary | None) -> AssessmentSummaryPayload | None:
    if summary is None:
        return None
    return {
        "version": summary.version,
        "state": summary.state,
        "status": summary.status,
        "actual": summary.actual,
        "variance": summary.variance,
    }
