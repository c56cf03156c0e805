"""Pages and their files are compressed in every mode; answers of the API are not touched."""

import gzip
from pathlib import Path

import pytest
from django.test import Client, override_settings

from tests import factories
from tests.admin_support import client_of, person
from tests.support import api_of

pytestmark = pytest.mark.django_db
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def body_of(answer: object) -> bytes:
    return answer.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    "address", ["/", "/admin/", "/my-work/", "/static/pages/pages.css", "/static/unfold/js/htmx/htmx.js"]
)
def test_pages_and_their_files_are_compressed(address: str) -> None:
    factories.world()
    client = client_of(person("lan"))
    plain, packed = client.get(address), client.get(address, headers=GZIP)
    assert (plain.status_code, packed.status_code) == (200, 200)
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    text, content = gzip.decompress(body_of(packed)), body_of(plain)
    assert (text == content or b"csrf" in text, len(body_of(packed)) < len(content) / 2) == (True, True)


def test_answers_of_the_api_keep_their_etag_and_length() -> None:
    factories.world()
    api = api_of()
    plain, packed = (api.get("targets/plan:sales:city/", headers=headers) for headers in ({}, GZIP))
    assert "Content-Encoding" not in packed.headers
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert not packed.headers["ETag"].startswith("W/")


def test_what_the_server_keeps_compressed_goes_out_as_it_is(tmp_path: Path) -> None:
    style = tmp_path / "pages"
    style.mkdir()
    (style / "kept.css").write_bytes(b"a { color: red }" * 90)
    (style / "kept.css.gz").write_bytes(gzip.compress(b"a { color: red }" * 90))
    with override_settings(STATIC_ROOT=str(tmp_path), WHITENOISE_USE_FINDERS=False, WHITENOISE_AUTOREFRESH=False):
        answer = Client().get("/static/pages/kept.css", headers=GZIP)
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(body_of(answer)) == b"a { color: red }" * 90
