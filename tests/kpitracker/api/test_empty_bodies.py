"""A write without a body is answered, by every route: never an internal error."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from indicators.importing.readers import FORMATS
from indicators.models import Import, Revision
from tests import factories
from tests.flows.test_openapi_matches_answers import made
from tests.support import Answer, Api, api_of

pytestmark = pytest.mark.django_db
DOCUMENT = json.loads((Path(__file__).parents[3] / "docs" / "openapi-v1.json").read_text())
WRITES = [
    (method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
    if method in ("post", "put", "patch", "delete")
]
TYPES = ("application/json", "", "text/plain")


def send_empty(api: Api, method: str, path: str, media: str, **headers: str) -> Answer:
    """As a client sends it: Django's own test client leaves out both headers of an empty body."""
    sent = api.headers | {name.replace("_", "-"): value for name, value in headers.items()}
    sent |= {"Content-Type": media, "Content-Length": "0"}
    url = path if path.startswith("/") else api.base + path
    return Answer(api.client.generic(method, url, b"", headers=sent))


def fill(path: str, known: dict[str, str]) -> str:
    """The path with what there is in the world."""
    resource = path.split("/")[3]
    return re.sub(
        r"\{(\w+)\}", lambda match: known.get("deliveries" if match[1] == "delivery" else resource, "1"), path
    )


def test_no_write_without_a_body_is_an_internal_error(settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS_DIR = str(tmp_path)
    known = made() | {"alert-rules": "pace-out-of-reach"}
    api = api_of()
    answers = {}
    for method, path in WRITES:
        for media in TYPES:
            answer = send_empty(api, method, fill(path, known), media, If_Match="*")
            answers[method, path, media] = answer.status
    assert len(answers) == len(WRITES) * len(TYPES) >= 150
    assert {key: status for key, status in answers.items() if status >= 500} == {}
    # The paths are those of things that are there, or the bodies were not looked at.
    assert sum(status == 404 for status in answers.values()) < len(answers) / 10


@pytest.mark.parametrize("prefer", ["", "respond-async"])
@pytest.mark.parametrize(("media", "form"), FORMATS.items(), ids=FORMATS.values())
def test_an_empty_batch_cannot_be_read(media: str, form: str, prefer: str, settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS_DIR = str(tmp_path)
    factories.world()
    slug = {"csv": "invalid-csv", "xlsx": "invalid-xlsx"}.get(form, "malformed-json")
    headers = {"Prefer": prefer} if prefer else {}
    send_empty(api_of(), "POST", "measurements/batch/", media, **headers).problem(400, slug)
    assert not Import.objects.exists()
    assert not Revision.objects.exists()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_batch_of_another_type_is_refused_for_its_type() -> None:
    factories.world()
    send_empty(api_of(), "POST", "measurements/batch/", "text/plain").problem(415, "unsupported-media-type")
