"""Which version of a target is judged."""

from datetime import date

import pytest

from targets.domain.versions import VersionSummary, assessed_day, original_version, version_in_force


def versions(*rows: tuple[str, str]) -> list[VersionSummary]:
    return [VersionSummary(number, date.fromisoformat(day), state) for number, (day, state) in enumerate(rows, 1)]


DRAFT_THEN_ADOPTED = versions(("2023-12-06", "draft"), ("2023-12-08", "adopted"), ("2024-08-13", "amended"))

RULES = [
    pytest.param(DRAFT_THEN_ADOPTED, "2023-12-05", None, id="before the first nothing is judged"),
    pytest.param(DRAFT_THEN_ADOPTED, "2023-12-07", 1, id="a draft while nothing adopted is announced"),
    pytest.param(DRAFT_THEN_ADOPTED, "2023-12-08", 2, id="from its own day the adopted one"),
    pytest.param(DRAFT_THEN_ADOPTED, "2024-08-13", 3, id="then the amendment"),
    pytest.param(
        versions(("2024-01-01", "adopted"), ("2024-06-01", "draft")), "2024-07-01", 1,
        id="a draft never takes the place of what is adopted",
    ),
    pytest.param(
        versions(("2024-01-01", "adopted"), ("2024-01-01", "amended")), "2024-07-01", 2,
        id="of two announced on one day the higher number",
    ),
    pytest.param(
        versions(("2024-06-01", "adopted"), ("2024-03-01", "amended")), "2024-07-01", 1,
        id="the day of announcement decides, not the number",
    ),
    pytest.param(
        versions(("2024-01-01", "adopted"), ("2024-06-01", "suspended"), ("2024-09-01", "adopted")), "2024-10-01", 3,
        id="a suspended target may be adopted again",
    ),
    pytest.param(
        versions(("2024-01-01", "adopted"), ("2024-09-01", "amended"), ("2024-06-01", "withdrawn")), "2024-10-01", 3,
        id="after a withdrawal no version comes into force, not even one that was announced later",
    ),
    pytest.param(
        versions(("2024-01-01", "adopted"), ("2024-09-01", "amended"), ("2024-06-01", "suspended")), "2024-10-01", 3,
        id="an amendment that was recorded before does not take up a suspended target",
    ),
    pytest.param(
        versions(("2024-01-01", "adopted"), ("2024-09-01", "amended"), ("2024-06-01", "suspended"), ("2024-08-01", "adopted")),
        "2024-10-01", 2, id="but counts once the target was adopted again before it",
    ),
    pytest.param(
        versions(("2024-01-01", "adopted"), ("2024-06-01", "amended"), ("2024-06-01", "suspended")), "2024-06-01", 3,
        id="a suspension on the day of an amendment",
    ),
]  # fmt: skip

SUSPENDED = ("2024-06-01", "suspended")
DAYS = [
    pytest.param(versions(("2024-01-01", "adopted")), "2024-07-01", "2024-07-01", id="the day itself while it counts"),
    pytest.param(versions(("2024-01-01", "adopted"), SUSPENDED), "2024-05-31", "2024-05-31", id="the past stays"),
    pytest.param(versions(("2024-01-01", "adopted"), SUSPENDED), "2024-06-01", "2024-05-31", id="from its day on the day before"),
    pytest.param(versions(("2024-01-01", "adopted"), SUSPENDED), "2025-01-01", "2024-05-31", id="and for good"),
    pytest.param(
        versions(("2024-01-01", "adopted"), SUSPENDED, ("2024-08-01", "suspended"), ("2024-09-01", "withdrawn")),
        "2024-10-01", "2024-05-31", id="the day before the first of several",
    ),
    pytest.param(
        versions(("2024-01-01", "adopted"), SUSPENDED, ("2024-08-01", "adopted"), ("2024-09-01", "withdrawn")),
        "2024-10-01", "2024-08-31", id="the day before the last, when it was adopted in between",
    ),
    pytest.param(
        versions(("2024-01-01", "adopted"), SUSPENDED, ("2024-08-01", "adopted")), "2024-08-01", "2024-08-01",
        id="the day itself when it was adopted again",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "day", "wanted"), DAYS)
def test_the_day_as_of_which_a_target_is_assessed(rows: list[VersionSummary], day: str, wanted: str) -> None:
    assert assessed_day(rows, date.fromisoformat(day)).isoformat() == wanted


@pytest.mark.parametrize(("rows", "day", "wanted"), RULES)
def test_the_version_in_force(rows: list[VersionSummary], day: str, wanted: int | None) -> None:
    result = version_in_force(rows, date.fromisoformat(day))
    assert (result.number if result else None) == wanted


def test_the_original_is_the_first_adopted_one() -> None:
    result = original_version(DRAFT_THEN_ADOPTED)
    assert result is not None
    assert result.number == 2
    assert original_version(versions(("2024-01-01", "draft"))) is None
