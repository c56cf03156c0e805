"""Read a GeoJSON Polygon or MultiPolygon in WGS 84. Every error names the place in the file."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple, NoReturn

from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.numbers import NumberText
from kpitracker.lib.text_validation import visible_preview

MAX_POINTS = 20_000
_DECIMALS = 7  # of a degree: one centimetre
_WGS_84 = ("CRS84", "EPSG::4326", "EPSG:4326")
Ring = list[list[float]]  # closed; each point is longitude, latitude


class Geometry(NamedTuple):
    """`polygons`: of each the outer ring, then its holes."""

    kind: str
    polygons: list[list[Ring]]

    @property
    def point_count(self) -> int:
        return sum(len(ring) for polygon in self.polygons for ring in polygon)

    def to_json(self) -> dict[str, object]:
        return {"type": self.kind, "coordinates": self.polygons if self.kind == "MultiPolygon" else self.polygons[0]}


def read_geometry(document: object) -> Geometry:
    """Read what `strict_json.parse_json` returned: a geometry, a Feature, or a FeatureCollection of one.

    Altitudes are dropped, coordinates rounded to seven decimals. Raises `ValidationProblem` (invalid-geometry).
    """
    geometry, place = _unwrap(document, "")
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        _refuse(
            f"{place}type",
            text(
                f"A Polygon or MultiPolygon is expected, not {_preview(kind)}.",
                f"Cần Polygon hoặc MultiPolygon, không phải {_preview(kind)}.",
            ),
        )
    place = f"{place}coordinates"
    coordinates = geometry.get("coordinates")
    reader = _Reader()
    if kind == "Polygon":
        return Geometry(kind, [reader.polygon(coordinates, place)])
    parts = _list_of(coordinates, place, text("polygons", "đa giác"))
    return Geometry("MultiPolygon", [reader.polygon(part, f"{place}[{n}]") for n, part in enumerate(parts)])


def _unwrap(document: object, place: str) -> tuple[dict[str, object], str]:
    """The geometry inside a Feature or a FeatureCollection of one, with the beginning of its place."""
    if not isinstance(document, dict):
        _refuse(place.rstrip("."), text("A GeoJSON object is expected.", "Cần một đối tượng GeoJSON."))
    _check_reference_system(document.get("crs"), place)
    if document.get("type") == "FeatureCollection":
        features = document.get("features")
        count = len(features) if isinstance(features, list) else 0
        if not isinstance(features, list) or count != 1:
            _refuse(
                f"{place}features",
                text(f"One area has one feature; here are {count}.", f"Mỗi địa bàn một feature; ở đây có {count}."),
            )
        return _unwrap_feature(features[0], f"{place}features[0].")
    return _unwrap_feature(document, place)


def _unwrap_feature(document: object, place: str) -> tuple[dict[str, object], str]:
    if isinstance(document, dict) and document.get("type") == "Feature":
        document, place = document.get("geometry"), f"{place}geometry."
    if not isinstance(document, dict):
        _refuse(place.rstrip("."), text("A geometry is expected.", "Cần một geometry."))
    return document, place


def _check_reference_system(crs: object, place: str) -> None:
    """WGS 84 needs no `crs`. Files of older programs name it; any other system is refused."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else crs
    if crs is not None and not (isinstance(name, str) and name.endswith(_WGS_84)):
        _refuse(f"{place}crs", text("Only WGS 84 (EPSG:4326) is taken.", "Chỉ nhận WGS 84 (EPSG:4326)."))


class _Reader:
    """Reads rings and counts their points, which are limited over all rings."""

    def __init__(self) -> None:
        self._count = 0

    def polygon(self, value: object, place: str) -> list[Ring]:
        rings = _list_of(value, place, text("rings", "vòng"))
        return [self._ring(ring, f"{place}[{number}]") for number, ring in enumerate(rings)]

    def _ring(self, value: object, place: str) -> Ring:
        points = _list_of(value, place, text("points", "điểm"))
        self._count += len(points)
        if self._count > MAX_POINTS:
            _refuse(
                place,
                text(
                    f"More than {MAX_POINTS} points up to here. Simplify the outline.",
                    f"Đến đây đã hơn {MAX_POINTS} điểm. Hãy giản lược đường ranh giới.",
                ),
            )
        ring = [_read_point(point, f"{place}[{number}]") for number, point in enumerate(points)]
        if len(ring) < 4:
            _refuse(
                place,
                text(
                    f"A ring has at least 4 points; this one has {len(ring)}.",
                    f"Mỗi vòng có ít nhất 4 điểm; vòng này có {len(ring)}.",
                ),
            )
        if ring[0] != ring[-1]:
            _refuse(
                place,
                text(
                    "The ring is not closed: its last point must be its first one.",
                    "Vòng chưa khép kín: điểm cuối phải trùng điểm đầu.",
                ),
            )
        if len({tuple(point) for point in ring}) < 3:
            _refuse(place, text("The ring encloses nothing.", "Vòng không bao quanh diện tích nào."))
        return ring


def _list_of(value: object, place: str, what: str) -> Sequence[object]:
    if not isinstance(value, list) or not value:
        _refuse(place, text(f"A list of {what} is expected.", f"Cần danh sách {what}."))
    return value


def _read_point(value: object, place: str) -> list[float]:
    if not isinstance(value, list) or not 2 <= len(value) <= 4:
        _refuse(place, text("A longitude and a latitude are expected.", "Cần kinh độ và vĩ độ."))
    longitude, latitude, *_ = list(_read_numbers(value, place))
    if not -180 <= longitude <= 180:
        _refuse(
            place,
            text(
                f"longitude {value[0]} is outside -180..180; degrees of WGS 84 are expected.",
                f"kinh độ {value[0]} nằm ngoài -180..180; cần độ theo WGS 84.",
            ),
        )
    if not -90 <= latitude <= 90:
        _refuse(
            place,
            text(
                f"latitude {value[1]} is outside -90..90; longitude comes first.",
                f"vĩ độ {value[1]} nằm ngoài -90..90; kinh độ đứng trước.",
            ),
        )
    return [round(longitude, _DECIMALS), round(latitude, _DECIMALS)]


def _read_numbers(values: Sequence[object], place: str) -> Iterator[float]:
    for number, value in enumerate(values):
        if not isinstance(value, NumberText) or not math.isfinite(float(value)):
            preview = _preview(value)
            _refuse(f"{place}[{number}]", text(f"{preview} is no number.", f"{preview} không phải là số."))
        yield float(value)


def _preview(value: object) -> str:
    if value is None:
        return "null"
    return f"“{visible_preview(value)}”" if isinstance(value, str) else type(value).__name__


def _refuse(place: str, detail: str) -> NoReturn:
    """The detail begins with the place as programs write it; the pointer is the same place as JSON pointer."""
    pointer = "".join(f"/{part}" for part in place.replace("[", ".").replace("]", "").split(".") if part)
    raise ValidationProblem("invalid-geometry", f"{place}: {detail}" if place else detail, pointer=pointer)
