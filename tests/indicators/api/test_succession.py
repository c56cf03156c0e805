"""What follows an area or department that ends must exist on the day after: between the two nothing would count."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from indicators.models import Area
from tests import factories
from tests.admin_support import administrator, errors, submit
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

END = "2025-06-30"
KINDS = ["areas", "departments"]


@pytest.fixture
def api() -> Api:
    return api_of()


def create(api: Api, kind: str, code: str, **fields: Any) -> Any:
    named = {"code": code, "name": code.title(), **({"kind": "province"} if kind == "areas" else {})}
    return api.post(f"{kind}/", named | fields)


REFUSED = [
    pytest.param({"valid_from": "2025-07-02"}, {}, "Next begins on 2 July 2025", id="it begins a day late"),
    pytest.param({"valid_from": "2026-01-01"}, {}, "Next begins on 1 January 2026", id="it begins half a year late"),
    pytest.param({"valid_to": "2025-06-30"}, {}, "Next ends on 30 June 2025", id="it ends on the same day"),
    pytest.param({"valid_to": "2024-12-31"}, {}, "Next ends on 31 December 2024", id="it had ended before"),
    pytest.param(
        {"valid_to": "2025-03-31", "successor": "third"}, {"valid_from": "2025-03-01", "valid_to": "2025-05-31"},
        "Third ends on 31 May 2025", id="what follows it had ended, too",
    ),
]  # fmt: skip
ACCEPTED = [
    pytest.param({"valid_from": "2025-07-01"}, {}, id="it begins on the next day"),
    pytest.param({"valid_from": "2020-01-01"}, {}, id="it existed before"),
    pytest.param({}, {}, id="it has no days"),
    pytest.param(
        {"valid_to": "2025-03-31", "successor": "third"}, {"valid_from": "2025-04-01"},
        id="it had ended, and what follows it exists",
    ),
]  # fmt: skip


def make(api: Api, kind: str, following: dict[str, Any], third: dict[str, Any]) -> None:
    create(api, kind, "third", **third).ok(201)
    create(api, kind, "next", **following).ok(201)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("following", "third", "words"), REFUSED)
def test_a_gap_is_refused(api: Api, kind: str, following: dict[str, Any], third: dict[str, Any], words: str) -> None:
    make(api, kind, following, third)
    answer = create(api, kind, "old", valid_to=END, successor="next")
    answer.problem(400, "invalid-date")
    assert answer.pointers == [("/successor", "invalid-date")]
    (error,) = answer.json["errors"]
    assert words in error["detail"]
    assert "Old ends on 30 June 2025" in error["detail"]
    create(api, kind, "old").ok(201)
    changed = api.patch(f"{kind}/old/", {"valid_to": END, "successor": "next"}, If_Match="*")
    assert changed.pointers == [("/successor", "invalid-date")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("following", "third"), ACCEPTED)
def test_what_exists_on_the_next_day_may_follow(
    api: Api, kind: str, following: dict[str, Any], third: dict[str, Any]
) -> None:
    make(api, kind, following, third)
    create(api, kind, "old", valid_to=END, successor="next").ok(201)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param({"valid_from": "2025-08-01"}, "/valid_from", id="it would begin later"),
        pytest.param({"valid_from": None, "valid_to": "2025-06-30"}, "/valid_to", id="it would end before"),
    ],
)
def test_what_follows_another_cannot_be_moved_away_from_it(
    api: Api, kind: str, change: dict[str, Any], pointer: str
) -> None:
    create(api, kind, "next", valid_from="2025-07-01").ok(201)
    create(api, kind, "old", valid_to=END, successor="next").ok(201)
    answer = api.patch(f"{kind}/next/", change, If_Match="*")
    assert answer.pointers == [(pointer, "invalid-date")], answer.json
    assert api.patch(f"{kind}/next/", {"name": "Renamed", "valid_from": "2025-06-01"}, If_Match="*").status == 200
    # Both days may be moved: first so that they overlap.
    api.patch(f"{kind}/old/", {"valid_to": "2025-08-31"}, If_Match="*").ok()
    api.patch(f"{kind}/next/", {"valid_from": "2025-09-01"}, If_Match="*").ok()
    assert api.patch(f"{kind}/old/", {"valid_to": END}, If_Match="*").pointers == [("/valid_to", "invalid-date")]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_follows_itself(api: Api, kind: str) -> None:
    create(api, kind, "old").ok(201)
    create(api, kind, "next", successor="old").ok(201)
    for code in ("old", "next"):
        api.patch(f"{kind}/old/", {"successor": code}, If_Match="*").problem(422, "tree-cycle")


def test_a_gap_that_was_stored_before_hinders_no_other_change(api: Api) -> None:
    later = factories.area("next", valid_from=date(2026, 1, 1))
    factories.area("old")
    Area.objects.filter(code="old").update(valid_to=END, successor=later)
    api.patch("areas/old/", {"name": "Renamed"}, If_Match="*").ok()
    api.patch("areas/next/", {"note": "Renamed"}, If_Match="*").ok()
    api.patch("areas/next/", {"valid_from": "2025-07-01"}, If_Match="*").ok()


def test_the_admin_says_it_at_the_field_in_vietnamese() -> None:
    later = factories.area("next", name="Tỉnh Mới", valid_from=date(2025, 8, 1))
    fields = {"code": "old", "name": "Tỉnh Cũ", "kind": "province", "valid_to": END, "successor": str(later.pk)}
    client = administrator()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "vi"
    answer = submit(client, reverse("admin:indicators_area_add"), fields)
    (message,) = errors(answer)["successor"]
    assert set(errors(answer)) == {"successor"}
    assert "Tỉnh Cũ kết thúc ngày" in message
    assert "Tỉnh Mới chỉ có từ ngày" in message
    assert not Area.objects.filter(code="old").exists()
