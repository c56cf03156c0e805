"""Convert stored versions into domain terms, and choose the version to evaluate."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kpitracker.lib.errors import Missing
from kpitracker.lib.parameters import refuse
from kpitracker.lib.texts import text
from targets.domain.terms import Milestone, TargetTerms
from targets.domain.versions import Announced, original, version_at
from targets.domain.vocabulary import Goal, Profile
from targets.models import Target, TargetVersion


def of_version(target: Target, version: TargetVersion) -> TargetTerms:
    return TargetTerms(
        period=target.period,
        goal=Goal(target.goal) if target.goal else None,
        lower=version.lower,
        upper=version.upper,
        lower_open=version.lower_open,
        upper_open=version.upper_open,
        profile=Profile(version.profile) if version.profile else None,
        milestones=tuple(_milestone(each) for each in version.milestones),
        baseline=version.baseline,
        baseline_date=version.baseline_date,
        tolerance=version.tolerance,
        tolerance_percent=version.tolerance_percent,
        result_due=target.result_due,
        qualitative=target.qualitative,
    )


def _milestone(stored: dict[str, str | None]) -> Milestone:
    def number(name: str) -> Decimal | None:
        value = stored.get(name)
        return None if value is None else Decimal(value)

    return Milestone(date.fromisoformat(str(stored["date"])), number("lower"), number("upper"))


def stored_milestones(milestones: Sequence[dict[str, Any]]) -> list[dict[str, str | None]]:
    """Milestones as the column stores them: exact decimals as strings."""
    return [
        {
            "date": each["date"].isoformat(),
            "lower": None if each.get("lower") is None else format(each["lower"], "f"),
            "upper": None if each.get("upper") is None else format(each["upper"], "f"),
        }
        for each in milestones
    ]


def judged_version(
    target: Target, as_of: date, wanted: str | None = None, recorded_by: datetime | None = None
) -> TargetVersion:
    """The version in force on a day, or the requested one (a number, or `original`).

    Raises `Missing` (not-announced) before the first announcement, `Invalid` for a version that does not exist.
    """
    versions = {version.number: version for version in _known(target, recorded_by)}
    if wanted is None or not versions:
        found = version_in_force(target, as_of, recorded_by)
        if found is None:
            first = min(version.announced for version in target.all_versions)
            raise Missing(
                "not-announced", text(f"It was announced on {first}.", f"Chỉ tiêu được ban hành ngày {first}.")
            )
        return found
    announced = [Announced(v.number, v.announced, v.state) for v in versions.values()]
    if wanted == "original":
        chosen = original(announced)
    else:
        number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 0
        chosen = next((each for each in announced if each.number == number), None)
    if chosen is None:
        raise refuse("version", text("Give a version number, or original.", "Cần số phiên bản hoặc original."))
    return versions[chosen.number]


def version_in_force(target: Target, as_of: date, recorded_by: datetime | None = None) -> TargetVersion | None:
    """The version in force on a day; None before the first one was announced and recorded."""
    known = _known(target, recorded_by)
    chosen = version_at([Announced(v.number, v.announced, v.state) for v in known], as_of)
    return None if chosen is None else next(v for v in known if v.number == chosen.number)


def _known(target: Target, recorded_by: datetime | None) -> list[TargetVersion]:
    return [v for v in target.all_versions if recorded_by is None or v.recorded_at <= recorded_by]
