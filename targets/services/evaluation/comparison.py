"""Compares the evaluation of a target with its stored assessment: what must be written, and how long it stays valid."""

from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from targets.domain.choices import PROBLEM_STATUSES, VersionState
from targets.payloads.assessments import AssessmentPayload
from targets.services.evaluation.evaluate import Evaluation


class Cause(Enum):
    """Why a target is assessed: figures or judgements that are news, the day alone, or anything else."""

    NEWS = "news"
    TIME = "time"
    OTHER = "other"


class StoredAssessment(NamedTuple):
    """The stored assessment of a target; the field names are its columns."""

    target: int
    status: str
    overdue: bool
    status_since: date
    valid_through: date
    payload: AssessmentPayload
    not_notified: bool = False


class NewAssessment(NamedTuple):
    """An assessment to be written.

    `cause`: whether its change may open alerts. `previously_not_notified`: the previous status worries and came quietly.
    `previously_ended`: the target was suspended or withdrawn.
    """

    evaluation: Evaluation
    payload: AssessmentPayload
    previous_status: str
    previously_overdue: bool
    since: date
    valid_through: date
    previous_version: int | None = None
    cause: Cause = Cause.OTHER
    previously_not_notified: bool = False
    previously_ended: bool = False

    @property
    def not_notified(self) -> bool:
        """Whether the status worries and came quietly: the next news must tell it."""
        if self.status not in PROBLEM_STATUSES or self.cause is Cause.NEWS or self.evaluation.is_ended:
            return False
        is_changed = self.status != self.previous_status
        return self.cause is Cause.OTHER if is_changed else self.previously_not_notified

    @property
    def target(self) -> int:
        return self.evaluation.target.pk

    @property
    def status(self) -> str:
        return self.evaluation.assessment.status.value


def compare_assessment(
    evaluation: Evaluation, stored: StoredAssessment | None, today: date, cause: Cause, *, force: bool = False
) -> NewAssessment | None:
    """The assessment to write, or None when nothing changed and nothing is left to tell.

    What time alone changes is news, as a figure is. Another version, and figures that were posted quietly, are not.
    """
    payload, valid_through = evaluation.payload, last_valid_day(evaluation)
    if stored is None:
        return NewAssessment(evaluation, payload, "", True, today, valid_through, cause=_of_news(cause))
    is_left_to_tell = stored.not_notified and cause is Cause.NEWS
    if stored.payload == payload and stored.valid_through == valid_through and not force and not is_left_to_tell:
        return None
    since = stored.status_since if stored.status == evaluation.assessment.status.value else today
    previous_version = stored.payload.get("version")
    is_amended = previous_version != evaluation.version.number
    return NewAssessment(
        evaluation,
        payload,
        stored.status,
        stored.overdue,
        since,
        valid_through,
        previous_version,
        cause=_of_news(cause) if is_amended else cause,
        previously_not_notified=stored.not_notified,
        previously_ended=VersionState(stored.payload.get("state") or VersionState.ADOPTED).is_ended,
    )


def _of_news(cause: Cause) -> Cause:
    """The cause of a first assessment or of one under another version: the day alone did not change it."""
    return Cause.OTHER if cause is Cause.TIME else cause


def last_valid_day(evaluation: Evaluation) -> date:
    """The last day on which the assessment stays the same while nothing is posted.

    After it a due day has passed, or another version is in force. For a suspended or withdrawn target nothing is due.
    """
    announcement_days = [
        version.announced for version in evaluation.target.all_versions if version.announced > evaluation.as_of
    ]
    last_days = [announced - timedelta(days=1) for announced in announcement_days]
    if evaluation.assessment.unchanged_through is not None:
        last_days.append(evaluation.assessment.unchanged_through)
    return min(last_days, default=date.max)
