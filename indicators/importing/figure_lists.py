"""Import figures that the program itself has as a list, such as those of the demo."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from indicators.importing.readers import read_bytes
from indicators.services.batches import imports
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import ProblemItem, Unprocessable


def import_figures(
    figures: Sequence[Mapping[str, str | None]], *, by: Actor, now: datetime, name: str, quiet: bool
) -> int:
    """Import figures, as the API takes them, as one batch: all or none. Return the number of revisions written.

    `name`: shown in the list of imports. Raises `Unprocessable` (batch-rejected) with an item for each figure that is refused.
    """
    rows = read_bytes("json", msgspec.json.encode(figures), by=by, today=clock.local_day(now))
    report = imports.import_rows(
        rows=imports.collect_rows(rows), file_format="json", by=by, now=now, file_name=name, quiet=quiet
    ).report
    if report.rejections:
        raise Unprocessable(
            "batch-rejected",
            items=[
                ProblemItem(
                    rejection.item.pointer,
                    rejection.item.slug,
                    f"{rejection.indicator} {rejection.period}: {rejection.item.detail}",
                )
                for rejection in report.rejections
            ],
        )
    return report.created + report.revised
