"""Read stored figures as domain figures.

Days, times and ids come as texts, of which few differ: each is converted once. Conversion by Django and by the drivers
took longer than everything else that reads figures.
"""

from collections import defaultdict
from datetime import UTC, date, datetime

from django.db import connection
from django.db.models import Expression, F, Model, QuerySet, TextField
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from indicators.domain.figures import Figure
from kpitracker.lib import clock

_SQLITE = "sqlite"


class _Days(dict[str, date]):
    """Days by their text."""

    def __missing__(self, text: str) -> date:
        day = self[text] = date.fromisoformat(text)
        return day


class _LocalDays(dict[str, date]):
    """The local days of moments by their text in UTC."""

    def __missing__(self, text: str) -> date:
        day = self[text] = clock.local_day(datetime.fromisoformat(text).replace(tzinfo=UTC))
        return day


def load_figures(
    rows: QuerySet[Model], identity: tuple[str, ...], content: tuple[str, ...], order: str
) -> dict[tuple[int, int], list[Figure]]:
    """The figures by indicator id and area id.

    `identity`: the paths of indicator, area, id, revision and of the first and the last day. `content`: of value,
    the reason why there is none, qualifier, stage and day of publication. `order`: of the UUIDv7 of the revision; as an integer it grows in the order
    of recording.
    """
    is_sqlite = connection.vendor == _SQLITE
    # PostgreSQL computes the local day. SQLite would call Python for each row.
    recorded = "recorded_at" if is_sqlite else TruncDate("recorded_at", tzinfo=timezone.get_default_timezone())
    indicator, area, pk, revision, *span = identity
    *content_fields, published = content
    columns: list[str | Cast] = [indicator, area, _text(pk), revision, *map(_text, span), *content_fields]
    columns += [_text(published), _text(order), _text(recorded)]
    days, recorded_days = _Days(), _LocalDays() if is_sqlite else _Days()
    figures: dict[tuple[int, int], list[Figure]] = defaultdict(list)
    for row in rows.values_list(*columns).iterator(chunk_size=5000):
        indicator_id, area_id, figure_id, number, first_day, last_day = row[:6]
        value, missing_reason, qualifier, stage, publication_day, revision_id, moment = row[6:]
        figures[indicator_id, area_id].append(
            Figure(
                _dashed(figure_id),
                number,
                days[first_day],
                days[last_day],
                value,
                qualifier,
                stage,
                days[publication_day] if publication_day else None,
                int(revision_id.replace("-", ""), 16),
                recorded_days[moment],
                (),
                missing_reason,
            )
        )
    return figures


def _text(path: str | Expression) -> Cast:
    return Cast(F(path) if isinstance(path, str) else path, TextField())


def _dashed(uuid_text: str) -> str:
    """The id as PostgreSQL writes it; SQLite stores it without dashes."""
    if "-" in uuid_text:
        return uuid_text
    return f"{uuid_text[:8]}-{uuid_text[8:12]}-{uuid_text[12:16]}-{uuid_text[16:20]}-{uuid_text[20:]}"
