"""A list without rows, and a page that there is not: what is said, in both languages."""

import pytest
from django.test import Client

from indicators.models import Indicator
from tests import factories
from tests.admin_support import client_of, person

pytestmark = pytest.mark.django_db
AREAS = "/admin/indicators/area/"
EMPTY = {"en": "There is nothing here yet.", "vi": "Chưa có gì ở đây."}
MAY_ADD = {"en": "There is nothing here yet. Add the first one.", "vi": "Chưa có gì ở đây. Hãy thêm mới."}
FILTERED = {
    "en": "Nothing fits the search and the filters.",
    "vi": "Không có dòng nào khớp với nội dung tìm và bộ lọc.",
}


def text_of(client: Client, address: str, language: str) -> str:
    answer = client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize(
    ("role", "address", "expected"),
    [
        pytest.param("viewer", AREAS, EMPTY, id="nothing is offered to those who may not add"),
        pytest.param("viewer", f"{AREAS}?q=x", FILTERED, id="a search finds nothing"),
        pytest.param("viewer", f"{AREAS}?kind__exact=city", FILTERED, id="a filter leaves nothing"),
        pytest.param("administrator", AREAS, MAY_ADD, id="those who may add are told so"),
        pytest.param("administrator", f"{AREAS}?q=x", FILTERED, id="a search of theirs finds nothing"),
    ],
)
def test_an_empty_list(role: str, address: str, expected: dict[str, str], language: str) -> None:
    page = text_of(client_of(person("lan", role)), address, language)
    assert f"> {expected[language]} <" in page
    assert (f'href="{AREAS}add/' in page) is (role == "administrator")


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize(
    ("number", "last"),
    [
        pytest.param("99999", 2, id="after the last"),
        pytest.param("3", 2, id="right after the last"),
        pytest.param("0", 2, id="before the first"),
        pytest.param("9" * 30, 2, id="a number of thirty digits"),
    ],
)
def test_a_page_that_there_is_not(number: str, last: int, language: str) -> None:
    for position in range(51):
        factories.indicator(f"i{position:02}")
    assert Indicator.objects.count() == 51
    page = text_of(client_of(person("lan", "viewer")), f"/admin/indicators/indicator/?p={number}", language)
    messages = {
        "en": f"There is no page {number[:20]}. The last page is {last}.",
        "vi": f"Không có trang {number[:20]}. Trang cuối là {last}.",
    }
    assert messages[language] in page
    assert ("i50" in page, "i49" in page) == (True, False)
