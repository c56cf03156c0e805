"""Which version of a target is judged."""

from datetime import date

import pytest

from targets.domain.versions import VersionSummary, original_version, version_in_force


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
]  # fmt: skip


@pytest.mark.parametrize(("rows", "day", "wanted"), RULES)
def test_the_version_in_force(rows: list[VersionSummary], day: str, wanted: int | None) -> None:
    result = version_in_force(rows, date.fromisoformat(day))
    assert (result.number if result else None) == wanted


def test_the_original_is_the_first_adopted_one() -> None:
    result = original_version(DRAFT_THEN_ADOPTED)
    assert result is not None
    assert result.number == 2
    assert original_version(versions(("2024-01-01", "draft"))) is None
