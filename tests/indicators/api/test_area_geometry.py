"""The geometry of an area: what is stored, what is refused and with which place, and what the audit keeps of it."""

import json
from typing import Any

import pytest

from kpitracker.lib.models import AuditEntry
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

PATH = "areas/city/geometry/"
SQUARE: list[list[Any]] = [[106.0, 10.0], [107.0, 10.0], [107.0, 11.0], [106.0, 11.0], [106.0, 10.0]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}
FEATURE = {"type": "Feature", "properties": {"ten": "Quận 1"}, "geometry": POLYGON}


def square_with(place: int, point: object) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[*SQUARE[:place], point, *SQUARE[place + 1 :]]]}


@pytest.fixture
def api() -> Api:
    factories.area()
    return api_of()


TAKEN = [
    pytest.param(POLYGON, POLYGON, id="a polygon"),
    pytest.param({"type": "MultiPolygon", "coordinates": [[SQUARE]]}, {"type": "MultiPolygon", "coordinates": [[SQUARE]]}, id="several polygons"),
    pytest.param(FEATURE, POLYGON, id="a feature"),
    pytest.param({"type": "FeatureCollection", "features": [FEATURE]}, POLYGON, id="a collection of one feature"),
    pytest.param({**POLYGON, "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}, POLYGON, id="WGS 84 by name"),
    pytest.param({"type": "Polygon", "coordinates": [[[*point, 12.5] for point in SQUARE]]}, POLYGON, id="altitudes are dropped"),
    pytest.param(square_with(1, [107.000000049, 10.0]), POLYGON, id="more than seven decimals are rounded"),
    pytest.param({**POLYGON, "bbox": [106, 10, 107, 11]}, POLYGON, id="other members are left out"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "stored"), TAKEN)
def test_a_geometry_is_stored_and_read_back(api: Api, sent: Any, stored: Any) -> None:
    created = api.put(PATH, sent)
    assert created.ok(201) == stored
    read = api.get(PATH)
    assert (read.ok(), read.headers["ETag"]) == (stored, created.headers["ETag"])


REFUSED = [
    pytest.param(square_with(1, [200, 10]), "/coordinates/0/1", "coordinates[0][1]: longitude 200 is outside -180..180", id="a longitude beyond the earth"),
    pytest.param(square_with(2, [10.5, 106.5]), "/coordinates/0/2", "coordinates[0][2]: latitude 106.5 is outside -90..90; longitude comes first", id="latitude first"),
    pytest.param(square_with(2, [586000, 1190000]), "/coordinates/0/2", "degrees of WGS 84 are expected", id="metres of a national grid"),
    pytest.param(square_with(2, ["107", 11]), "/coordinates/0/2/0", "coordinates[0][2][0]: “107” is no number", id="a text"),
    pytest.param(square_with(2, [None, 11]), "/coordinates/0/2/0", "null is no number", id="null"),
    pytest.param(square_with(2, [True, 11]), "/coordinates/0/2/0", "bool is no number", id="a truth value"),
    pytest.param(square_with(2, [float("nan"), 11]), "/coordinates/0/2/0", "“NaN” is no number", id="not a number"),
    pytest.param(square_with(2, [float("inf"), 11]), "/coordinates/0/2/0", "“Infinity” is no number", id="infinity"),
    pytest.param(square_with(2, [107]), "/coordinates/0/2", "A longitude and a latitude are expected", id="one number"),
    pytest.param(square_with(2, [[107, 11], [107, 11]]), "/coordinates/0/2/0", "list is no number", id="lists where numbers are"),
    pytest.param(square_with(2, [107, 11, {"z": 1}]), "/coordinates/0/2/2", "dict is no number", id="an object as altitude"),
    pytest.param(square_with(4, [106, 10.5]), "/coordinates/0", "coordinates[0]: The ring is not closed", id="an open ring"),
    pytest.param({"type": "Polygon", "coordinates": [SQUARE[:2] + SQUARE[:1]]}, "/coordinates/0", "at least 4 points; this one has 3", id="three points"),
    pytest.param({"type": "Polygon", "coordinates": [[SQUARE[0]] * 5]}, "/coordinates/0", "encloses nothing", id="one point repeated"),
    pytest.param({"type": "Polygon", "coordinates": []}, "/coordinates", "A list of rings is expected", id="no ring"),
    pytest.param({"type": "Polygon", "coordinates": "x"}, "/coordinates", "A list of rings is expected", id="a text for rings"),
    pytest.param({"type": "Polygon"}, "/coordinates", "A list of rings is expected", id="nothing but a type"),
    pytest.param({"type": "MultiPolygon", "coordinates": [[SQUARE], [[*SQUARE[:4], [1, 1]]]]}, "/coordinates/1/0", "coordinates[1][0]: The ring is not closed", id="the second of several polygons"),
    pytest.param({"type": "MultiPolygon", "coordinates": [SQUARE]}, "/coordinates/0/0/0", "A longitude and a latitude are expected", id="a polygon that says it is several"),
    pytest.param({"type": "LineString", "coordinates": SQUARE}, "/type", "A Polygon or MultiPolygon is expected, not “LineString”", id="a line"),
    pytest.param({"type": "GeometryCollection", "geometries": [POLYGON]}, "/type", "not “GeometryCollection”", id="a collection of geometries"),
    pytest.param({"coordinates": [SQUARE]}, "/type", "not null", id="no type"),
    pytest.param([POLYGON], "", "A GeoJSON object is expected", id="a list"),
    pytest.param({"type": "Feature", "geometry": None}, "/geometry", "geometry: A geometry is expected", id="a feature without geometry"),
    pytest.param({**FEATURE, "geometry": square_with(0, [200, 10])}, "/geometry/coordinates/0/0", "geometry.coordinates[0][0]: longitude 200", id="inside a feature"),
    pytest.param({"type": "FeatureCollection", "features": [FEATURE, FEATURE]}, "/features", "features: One area has one feature; here are 2", id="two features"),
    pytest.param({"type": "FeatureCollection", "features": [{**FEATURE, "geometry": square_with(0, [200, 10])}]}, "/features/0/geometry/coordinates/0/0", "features[0].geometry.coordinates[0][0]: longitude 200", id="inside a collection"),
    pytest.param({**POLYGON, "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::9210"}}}, "/crs", "Only WGS 84", id="another reference system"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "pointer", "detail"), REFUSED)
def test_what_is_wrong_is_refused_with_its_place(api: Api, sent: Any, pointer: str, detail: str) -> None:
    answer = api.put(PATH, sent)
    answer.problem(400, "invalid-geometry")
    assert answer.pointers == [(pointer, "invalid-geometry")]
    assert detail in answer.json["detail"]
    api.get(PATH).problem(404, "not-found")


def test_at_most_20000_points_over_all_rings(api: Api) -> None:
    ring = [[106 + n / 1_000_000, 10.0] for n in range(9_999)]
    ring = [*ring, [106.0, 11.0], ring[0]]
    answer = api.put(PATH, {"type": "Polygon", "coordinates": [ring, ring]})
    answer.problem(400, "invalid-geometry")
    assert answer.pointers == [("/coordinates/1", "invalid-geometry")]
    assert "More than 20000 points up to here" in answer.json["detail"]
    shorter = [*ring[:9_997], *ring[-3:]]
    assert api.put(PATH, {"type": "Polygon", "coordinates": [shorter, shorter]}).status == 201


def test_lists_nested_like_a_bomb_are_refused(api: Api) -> None:
    bomb = b'{"type": "Polygon", "coordinates": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    api.call("PUT", PATH, raw=bomb).problem(400, "malformed-json")


def test_a_body_over_a_megabyte_is_refused(api: Api) -> None:
    api.call("PUT", PATH, raw=json.dumps(POLYGON).encode() + b" " * (1 << 20)).problem(413, "too-large")


def test_a_stored_geometry_is_replaced_and_removed_with_the_tag_that_was_read(api: Api) -> None:
    tag = api.put(PATH, POLYGON).headers["ETag"]
    api.put(PATH, POLYGON).problem(428, "precondition-required")
    replaced = api.put(PATH, square_with(2, [107, 12]), If_Match=tag)
    assert replaced.status == 200
    api.delete(PATH, If_Match=tag).problem(412, "precondition-failed")
    assert api.delete(PATH, If_Match=replaced.headers["ETag"]).status == 204
    api.get(PATH).problem(404, "not-found")
    api.delete(PATH, If_Match="*").problem(404, "not-found")
    api.put(PATH, POLYGON, If_Match=tag).problem(412, "precondition-failed")


def test_of_an_unknown_area_there_is_none(api: Api) -> None:
    api.get("areas/none/geometry/").problem(404, "not-found")
    api.put("areas/none/geometry/", POLYGON).problem(404, "not-found")


def test_the_audit_names_area_and_size_and_not_the_points(api: Api) -> None:
    tag = api.put(PATH, POLYGON).headers["ETag"]
    api.delete(PATH, If_Match=tag)
    removed, stored = AuditEntry.objects.order_by("-pk")[:2]
    assert (stored.kind, stored.label, stored.verb, stored.before) == (
        "indicators.area",
        "city",
        "changed",
        {"geometry": None},
    )
    assert stored.after["geometry"].startswith("Polygon, 5, sha256 ")
    assert (removed.before, removed.after) == (stored.after, stored.before)


def test_an_area_is_deleted_with_its_geometry(api: Api) -> None:
    api.put(PATH, POLYGON)
    tag = api.get("areas/city/").headers["ETag"]
    assert api.delete("areas/city/", If_Match=tag).status == 204
