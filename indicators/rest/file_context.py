"""What files of figures and targets have beside the columns of their list: names, units, and the days of periods."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from indicators.domain.periods import Period
from indicators.models import Indicator
from indicators.payloads import FileContextPayload
from kpitracker.lib.rest.exports import CHUNK_SIZE, FileContext, FileRow


class _Texts(NamedTuple):
    indicator_name: str
    indicator_name_en: str
    unit: str
    unit_en: str


def _add_values(rows: Iterable[Mapping[str, Any]]) -> Iterator[FileRow]:
    """The rows with the values of `FileContextPayload`. `rows` have an `indicator` and a `period`."""
    iterator, texts_by_code = iter(rows), dict[str, _Texts]()
    while chunk := list(islice(iterator, CHUNK_SIZE)):
        _load_texts(texts_by_code, {row["indicator"] for row in chunk})
        for row in chunk:
            period = Period.parse(row["period"])
            days = {"period_start": period.start.isoformat(), "period_end": period.end.isoformat()}
            yield {**texts_by_code[row["indicator"]]._asdict(), **days, **row}


def _load_texts(texts_by_code: dict[str, _Texts], codes: set[str]) -> None:
    indicators = Indicator.objects.filter(code__in=codes - texts_by_code.keys())
    texts_by_code.update(
        (code, _Texts(*texts)) for code, *texts in indicators.values_list("code", "name", "name_en", "unit", "unit_en")
    )


FILE_CONTEXT = FileContext(FileContextPayload, _add_values)
# Leading columns: what a row is about comes first.
SERIES_COLUMNS = ("indicator", "area", "period")
NAMES_OF_INDICATOR = ("indicator", "indicator_name", "indicator_name_en")
