"""Holidays by the API."""

import pytest

from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

DAY = {"day": "2025-02-08", "name": "Làm bù", "name_en": "Worked in exchange", "working": True}


@pytest.fixture
def api() -> Api:
    return api_of()


@pytest.mark.database
def test_a_day_is_entered_changed_and_taken_away(api: Api) -> None:
    assert api.post("holidays/", DAY).ok(201) == DAY
    read = api.get("holidays/2025-02-08/")
    assert read.ok() == DAY
    changed = api.patch("holidays/2025-02-08/", {"working": False}, If_Match=read.headers["ETag"])
    assert changed.ok()["working"] is False
    assert api.delete("holidays/2025-02-08/", If_Match=changed.headers["ETag"]).status == 204
    assert api.rows("holidays/") == []


@pytest.mark.parametrize(
    ("values", "status", "slug", "pointer"),
    [
        pytest.param({"day": "2025-02-07"}, 400, "invalid-date", "/day", id="a Friday is worked anyway"),
        pytest.param({"day": "2025-02-30"}, 400, "invalid-date", "/day", id="no day"),
        pytest.param({"name": ""}, 400, "required", "/name", id="without a name"),
        pytest.param({"name": " "}, 400, "required", "/name", id="a blank name"),
        pytest.param({"weekday": 5}, 400, "unknown-field", "/weekday", id="a field that is none"),
        pytest.param({"day": "2025-01-01", "working": False}, 409, "already-exists", "/day", id="a day that is there"),
    ],
)
def test_what_is_refused(api: Api, values: dict[str, object], status: int, slug: str, pointer: str) -> None:
    api.post("holidays/", {"day": "2025-01-01", "name": "Tết Dương lịch"}).ok(201)
    answer = api.post("holidays/", DAY | values)
    answer.problem(status, slug)
    assert answer.pointers == [(pointer, slug)]


@pytest.mark.parametrize("day", ["2025-01-02", "nonsense", "2025-02-30", "2025-1-1"])
def test_what_is_not_there(api: Api, day: str) -> None:
    api.get(f"holidays/{day}/").problem(404, "not-found")


def test_a_day_does_not_move(api: Api) -> None:
    tag = api.post("holidays/", DAY).headers["ETag"]
    api.patch("holidays/2025-02-08/", {"day": "2025-02-09"}, If_Match=tag).problem(400, "immutable")


def test_the_list_is_asked_by_years_and_by_pages(api: Api) -> None:
    for day in ("2024-12-28", "2025-01-01", "2025-01-29"):
        api.post("holidays/", {"day": day, "name": "x", "working": day.startswith("2024")}).ok(201)
    assert [row["day"] for row in api.rows("holidays/?day__gte=2025-01-01&page_size=1")] == ["2025-01-01", "2025-01-29"]
    assert [row["day"] for row in api.rows("holidays/?working=true")] == ["2024-12-28"]
