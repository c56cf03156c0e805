"""Convert stored versions into domain terms, and choose the version to evaluate."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format

from kpitracker.lib.errors import NotFound
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.query_parameters import invalid_parameter
from targets.domain.choices import Goal, Profile, VersionState
from targets.domain.terms import Milestone, TargetTerms
from targets.domain.versions import VersionSummary, assessed_day, original_version, version_in_force
from targets.models import Target, TargetVersion
from targets.payloads.explanations import MilestonePayload


def to_target_terms(target: Target, version: TargetVersion) -> TargetTerms:
    return TargetTerms(
        period=target.period,
        goal=Goal(target.goal) if target.goal else None,
        lower=version.lower,
        upper=version.upper,
        lower_open=version.lower_open,
        upper_open=version.upper_open,
        profile=Profile(version.profile) if version.profile else None,
        milestones=tuple(_to_milestone(milestone) for milestone in version.milestones),
        baseline=version.baseline,
        baseline_date=version.baseline_date,
        tolerance=version.tolerance,
        tolerance_percent=version.tolerance_percent,
        result_due=target.result_due,
        qualitative=target.qualitative,
        area=target.area.validity,
    )


def _to_milestone(raw: dict[str, str | None]) -> Milestone:
    def parse_edge(name: str) -> Decimal | None:
        value = raw.get(name)
        return None if value is None else Decimal(value)

    return Milestone(date.fromisoformat(str(raw["date"])), parse_edge("lower"), parse_edge("upper"))


def serialize_milestones(milestones: Sequence[dict[str, Any]]) -> list[MilestonePayload]:
    """Milestones as the column stores them: exact decimals as strings."""
    return [
        {
            "date": milestone["date"].isoformat(),
            "lower": None if milestone.get("lower") is None else format(milestone["lower"], "f"),
            "upper": None if milestone.get("upper") is None else format(milestone["upper"], "f"),
        }
        for milestone in milestones
    ]


def effective_version(
    target: Target, as_of: date, requested: str | None = None, recorded_by: datetime | None = None
) -> TargetVersion:
    """The version in force on a day, or the requested one (a number, or `original`).

    Raises `NotFound` (not-announced) before the first announcement, `ValidationProblem` for a version that does not exist.
    """
    versions = {version.number: version for version in _recorded_versions(target, recorded_by)}
    if requested is None or not versions:
        current = find_version_in_force(target, as_of, recorded_by)
        if current is None:
            first_day = min(version.announced for version in target.all_versions)
            raise NotFound(
                "not-announced",
                text(
                    f"It was announced on {date_format(first_day)}.",
                    f"Chỉ tiêu được ban hành ngày {date_format(first_day)}.",
                ),
            )
        return current
    candidates = _summarize_versions(versions.values())
    if requested == "original":
        chosen = original_version(candidates)
    else:
        number = int(requested) if requested.isascii() and requested.isdigit() and len(requested) < 6 else 0
        chosen = next((candidate for candidate in candidates if candidate.number == number), None)
    if chosen is None:
        raise invalid_parameter(
            "version", text("Give a version number, or original.", "Cần số phiên bản hoặc original.")
        )
    return versions[chosen.number]


def find_version_in_force(target: Target, as_of: date, recorded_by: datetime | None = None) -> TargetVersion | None:
    """The version in force on a day; None before the first one was announced and recorded."""
    versions = _recorded_versions(target, recorded_by)
    chosen = version_in_force(_summarize_versions(versions), as_of)
    return None if chosen is None else next(version for version in versions if version.number == chosen.number)


def find_assessed_day(target: Target, as_of: date, recorded_by: datetime | None = None) -> date:
    """The day as of which a target is assessed: of a suspended or withdrawn one, the day before that."""
    return assessed_day(_summarize_versions(_recorded_versions(target, recorded_by)), as_of)


def load_end_days(as_of: date, recorded_by: datetime | None = None) -> dict[int, date]:
    """By target id, the first day on which a target that is suspended or withdrawn on a day no longer counted."""
    ended_states = [state.value for state in VersionState if state.is_ended]
    ended = TargetVersion.objects.filter(state__in=ended_states, announced__lte=as_of)
    targets = Target.objects.filter(pk__in=ended.values("target")).with_versions()
    days = {target.pk: find_assessed_day(target, as_of, recorded_by) for target in targets}
    return {pk: day + timedelta(days=1) for pk, day in days.items() if day != as_of}


def _summarize_versions(versions: Iterable[TargetVersion]) -> list[VersionSummary]:
    return [VersionSummary(version.number, version.announced, version.state) for version in versions]


def _recorded_versions(target: Target, recorded_by: datetime | None) -> list[TargetVersion]:
    return [version for version in target.all_versions if recorded_by is None or version.recorded_at <= recorded_by]
