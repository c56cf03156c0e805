"""The geometry of an area in the admin: a file is taken, shown as a picture, replaced and removed, or refused with its place."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from indicators.models import Area, AreaShape
from tests import factories
from tests.admin_support import administrator, client_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    factories.area()
    return administrator()


def file_of(content: object) -> SimpleUploadedFile:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return SimpleUploadedFile("area.geojson", body)


def page_of(area: Area) -> str:
    return reverse("admin:indicators_area_change", args=[area.pk])


def save(client: Client, **values: Any) -> Any:
    area = Area.objects.get()
    form = {"name": area.name, "kind": "city", "_row_version": area.row_version, "_save": "1"}
    page = client.get(page_of(area))
    form |= {
        name: field.value() or ""
        for name, field in ((f.name, f) for f in page.context["adminform"].form)
        if name not in values
    }
    form.pop("geometry_file", None)
    return client.post(page_of(area), form | values, headers={"Accept-Language": "en"})


def test_a_file_is_taken_and_shown_as_a_picture(client: Client) -> None:
    assert save(client, geometry_file=file_of(factories.SQUARE)).status_code == 302
    assert AreaShape.objects.get().geometry["coordinates"] == factories.SQUARE["coordinates"]
    page = client.get(page_of(Area.objects.get())).content.decode()
    assert '<path d="M' in page
    assert "5 điểm" in page or "5 points" in page


def test_a_new_area_takes_a_file_too(client: Client) -> None:
    form = {"code": "town", "name": "Town", "kind": "other", "geometry_file": file_of(factories.SQUARE), "_save": "1"}
    assert client.post(reverse("admin:indicators_area_add"), form).status_code == 302
    assert AreaShape.objects.get().area.code == "town"


def test_saving_other_fields_keeps_the_geometry_and_removing_removes_it(client: Client) -> None:
    factories.shape()
    assert save(client, note="a").status_code == 302
    assert AreaShape.objects.count() == 1
    assert save(client, remove_geometry="on").status_code == 302
    assert AreaShape.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        pytest.param({"type": "Polygon", "coordinates": [[[200, 10]] * 5]}, "coordinates[0][0]: longitude 200 is outside", id="no place on earth"),
        pytest.param(b"<svg onload=alert(1)>", "Expecting value", id="no JSON"),
        pytest.param(b'{"type": "Polygon", "type": "Polygon"}', "given twice", id="a key twice"),
        pytest.param(b" " * (1 << 20) + b"{}", "larger than 1 MB", id="too large"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_the_field(client: Client, content: Any, detail: str) -> None:
    answer = save(client, geometry_file=file_of(content))
    assert answer.status_code == 200
    assert detail in str(answer.context["adminform"].form.errors["geometry_file"])
    assert AreaShape.objects.count() == 0


def test_those_who_only_read_see_the_picture_and_no_field(client: Client) -> None:
    factories.shape()
    page = client_of(person("lan")).get(page_of(Area.objects.get())).content.decode()
    assert '<path d="M' in page
    assert "geometry_file" not in page
    assert (
        "geometry"
        in client.get(
            reverse("admin:indicators_area_history", args=[Area.objects.get().pk]), headers={"Accept-Language": "en"}
        ).content.decode()
    )
