"""The days of the board: a slider over the plan's publications, the one before and the one after."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.http import HttpRequest, QueryDict

from targets.services.text import formatting


class DayLink(NamedTuple):
    day: str
    address: str


class PublicationSlider(NamedTuple):
    """`place`: of the last publication by the day of the board, from 1 to `most`. `kept`: the choices, for its form."""

    place: int
    most: int
    day: str
    first_day: str
    last_day: str
    before: DayLink | None
    after: DayLink | None
    kept: list[tuple[str, str]]


def build_slider(request: HttpRequest, days: Sequence[date], as_of: date) -> PublicationSlider | None:
    """Return nothing where there are not two days to choose from."""
    if len(days) < 2:
        return None
    place = sum(day <= as_of for day in days)
    earlier, later = [day for day in days if day < as_of], [day for day in days if day > as_of]
    kept = [(name, str(value)) for name, value in request.GET.items() if value and name != "publication"]
    return PublicationSlider(
        max(place, 1),
        len(days),
        _short(as_of),
        _short(days[0]),
        _short(days[-1]),
        DayLink(_short(earlier[-1]), address_on(request, earlier[-1])) if earlier else None,
        DayLink(_short(later[0]), address_on(request, later[0])) if later else None,
        kept,
    )


def address_on(request: HttpRequest, day: date) -> str:
    """The address of the page as of another day, with the other choices. An earlier day that is not earlier is left out."""
    choices: QueryDict = request.GET.copy()
    choices.pop("publication", None)
    choices["as_of"] = day.isoformat()
    if choices.get("compare", "") > day.isoformat():
        del choices["compare"]
    return f"?{choices.urlencode()}"


def _short(day: date) -> str:
    return formatting.format_short_day(day.isoformat())
