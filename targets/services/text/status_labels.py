"""The word for a status, in the active language: it depends on the direction of the target."""

from kpitracker.lib.i18n.text import translate
from targets.domain.choices import RESULT_STATUSES, VersionState
from targets.models.assessment import status_word
from targets.models.target import VERSION_STATE_LABELS
from targets.payloads.assessments import AssessmentPayload
from targets.services.text import formatting


def status_label(
    status: str, goal: str = "", *, is_rank: bool = False, provisional: bool = False, is_below: bool = False
) -> str:
    """Return the word for a status of a target with this goal.

    `provisional`: some figures are not official, which is said of final statuses only. `is_below`: the actual value lies
    below what is expected.
    """
    word = status_word(status, goal, is_rank=is_rank, is_below=is_below)
    if provisional and status in RESULT_STATUSES:
        return translate(f"{word} (provisional)", f"dự kiến {word}")
    return word


def label_assessment(assessment: AssessmentPayload, goal: str) -> str:
    """Return the word for the status of an assessment of a target with this goal."""
    is_below = (assessment.get("variance") or "").startswith("-")
    return status_label(
        assessment["status"],
        goal,
        is_rank=formatting.is_rank(assessment),
        provisional=assessment.get("provisional", False),
        is_below=is_below,
    )


def label_standing(assessment: AssessmentPayload, goal: str) -> str:
    """Return how a target stands now: suspended or withdrawn, else the word for its status."""
    state = VersionState(assessment.get("state") or VersionState.ADOPTED)
    return str(VERSION_STATE_LABELS[state]) if state.is_ended else label_assessment(assessment, goal)
