"""Compares the evaluation of a target with its stored assessment: what must be written, and how long it stays valid."""

from datetime import date, timedelta
from typing import NamedTuple

from targets.payloads.assessments import AssessmentPayload
from targets.services.evaluation.evaluate import Evaluation


class StoredAssessment(NamedTuple):
    """The stored assessment of a target; the field names are its columns."""

    target: int
    status: str
    overdue: bool
    status_since: date
    valid_through: date
    payload: AssessmentPayload


class NewAssessment(NamedTuple):
    """An assessment to be written."""

    evaluation: Evaluation
    payload: AssessmentPayload
    previous_status: str
    previously_overdue: bool
    since: date
    valid_through: date
    previous_version: int | None = None

    @property
    def target(self) -> int:
        return self.evaluation.target.pk

    @property
    def status(self) -> str:
        return self.evaluation.assessment.status.value


def compare_assessment(
    evaluation: Evaluation, stored: StoredAssessment | None, today: date, *, force: bool = False
) -> NewAssessment | None:
    """The assessment to write, or None when nothing changed."""
    payload, valid_through = evaluation.payload, last_valid_day(evaluation)
    if stored is None:
        return NewAssessment(evaluation, payload, "", True, today, valid_through)
    if stored.payload == payload and stored.valid_through == valid_through and not force:
        return None
    since = stored.status_since if stored.status == evaluation.assessment.status.value else today
    return NewAssessment(
        evaluation, payload, stored.status, stored.overdue, since, valid_through, stored.payload.get("version")
    )


def last_valid_day(evaluation: Evaluation) -> date:
    """The last day on which the assessment stays the same while nothing is posted.

    After it a due day has passed, or another version is in force.
    """
    announcement_days = [
        version.announced for version in evaluation.target.all_versions if version.announced > evaluation.as_of
    ]
    last_days = [announced - timedelta(days=1) for announced in announcement_days]
    if evaluation.assessment.next_due is not None:
        last_days.append(evaluation.assessment.next_due)
    return min(last_days, default=date.max)
