"""Evaluate targets as of a day: load the figures once, then call the pure core. Nothing is stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from indicators.domain.book import Book
from indicators.services.books import gather
from targets.domain import assessment as core
from targets.domain.judgements import Judgement
from targets.models import Target, TargetVersion
from targets.services import judgements, rows, terms


@dataclass(frozen=True, slots=True)
class Judged:
    """The assessment of a target under one of its versions as of a day."""

    target: Target
    version: TargetVersion
    as_of: date
    assessment: core.Assessment

    @property
    def body(self) -> dict[str, Any]:
        return rows.body(self.target, self.version, self.assessment)


def judge(
    target: Target, version: TargetVersion, book: Book, as_of: date, judgement: Judgement | None = None
) -> Judged:
    verdict = core.assess(
        terms=terms.of_version(target, version),
        indicator=target.indicator.code,
        book=book,
        as_of=as_of,
        judgement=judgement,
    )
    return Judged(target, version, as_of, verdict)


def judge_one(
    *, target: Target, as_of: date, today: date, version: str | None = None, recorded_by: datetime | None = None
) -> Judged:
    """Evaluate one target as of a day, from what was known then.

    Raises `Missing` (not-announced), `Invalid` for a version that does not exist.
    """
    chosen = terms.judged_version(target, as_of, version, recorded_by)
    book = gather({(target.indicator_id, target.area_id)}, as_of, today, recorded_by)[target.area_id]
    found = judgements.in_force([target], as_of, recorded_by)
    return judge(target, chosen, book, as_of, found.get(target.pk))


def judge_many(
    *, targets: Iterable[Target], as_of: date, today: date, recorded_by: datetime | None = None
) -> list[Judged]:
    """Evaluate many targets in a fixed number of queries. Targets not yet announced are left out."""
    targets = list(targets)
    books = gather({(each.indicator_id, each.area_id) for each in targets}, as_of, today, recorded_by)
    found = judgements.in_force(targets, as_of, recorded_by)
    return [
        judge(target, version, books[target.area_id], as_of, found.get(target.pk))
        for target in targets
        if (version := terms.version_in_force(target, as_of, recorded_by))
    ]
