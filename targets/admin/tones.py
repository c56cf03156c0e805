"""Which results are good and which are bad, for the colours of the admin."""

from collections.abc import Mapping
from typing import Any

from kpitracker.lib.admin.tones import Tone
from targets.domain.choices import Status
from targets.models import Assessment, Target

STATUS_TONES: Mapping[str, Tone] = {
    Status.EXCEEDED: Tone.GOOD,
    Status.MET: Tone.GOOD,
    Status.ON_TRACK: Tone.GOOD,
    Status.AT_RISK: Tone.WARNING,
    Status.OFF_TRACK: Tone.BAD,
    Status.MISSED: Tone.BAD,
    Status.NOT_DUE: Tone.NEUTRAL,
    Status.NO_DATA: Tone.NEUTRAL,
}


def status_tone(row: Target | Assessment) -> Tone | None:
    assessment = _assessment_of(row)
    return STATUS_TONES.get(assessment.status) if assessment else None


def variance_tone(row: Target | Assessment) -> Tone | None:
    """Good without a shortfall, whatever the sign: less is better where the goal is at most."""
    assessment = _assessment_of(row)
    return payload_tone(assessment.payload) if assessment else None


def overdue_tone(row: Assessment) -> Tone | None:
    return Tone.BAD if row.overdue else None


def payload_tone(payload: Mapping[str, Any]) -> Tone | None:
    if payload["variance"] is None:
        return None
    return Tone.BAD if payload["shortfall"] not in (None, "0") else Tone.GOOD


def _assessment_of(row: Target | Assessment) -> Assessment | None:
    return row if isinstance(row, Assessment) else getattr(row, "assessment", None)
