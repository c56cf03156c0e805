"""Pages for users who went wrong: in both languages, with a way back, and with no word about what is hidden."""

import pytest
from django.test import Client

from tests.admin_support import administrator, client_of, person

pytestmark = pytest.mark.django_db

BACK = 'href="/admin/"'
CASES = {
    "an address that does not exist": ("/nothing/", 404, "Không tìm thấy trang", "The page was not found"),
    "a page of the admin that does not exist": ("/admin/x/y/", 404, "Không tìm thấy trang", "The page was not found"),
    "a page that the role may not open": ("/admin/indicators/apikey/add/", 403, "Không được phép", "Not allowed"),
    "a report that the role may not open": ("/admin/indicators/import/upload/", 403, "Không được phép", "Not allowed"),
}


@pytest.fixture
def viewer() -> Client:
    return client_of(person("lan", "viewer", None))


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("case", CASES)
def test_the_page_says_it_in_both_languages_and_leads_back(viewer: Client, case: str, language: str) -> None:
    path, status, vietnamese, english = CASES[case]
    answer = viewer.get(path, headers={"Accept": "text/html", "Accept-Language": language})
    page = answer.content.decode()
    assert answer.status_code == status
    assert vietnamese in page
    assert english in page
    assert BACK in page


def test_what_is_hidden_and_what_does_not_exist_are_the_same_bytes() -> None:
    client = administrator()
    pages = [client.get(path, headers={"Accept": "text/html"}).content for path in ("/a/", "/admin/b/c/")]
    assert pages[0] == pages[1]


def test_programs_still_get_a_problem(viewer: Client) -> None:
    answer = viewer.get("/api/v1/nothing/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
