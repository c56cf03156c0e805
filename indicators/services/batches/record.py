"""Record many figures in one transaction: load, decide and write, each step for all rows together."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction

from indicators.domain.recording import Outcome
from indicators.services import history, measurements
from indicators.services.batches import tables
from indicators.services.batches.deciding import NEW, OTHER, SAME, Decided, one_after_the_other
from indicators.services.batches.references import References
from indicators.services.batches.rows import Rejection, Report, Result, Row
from indicators.services.batches.tables import Author, Existing, Key, Known, Look, Meanwhile, Past, Said, Start, Writes
from indicators.services.doubts import Change
from kpitracker.lib import bulk, clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Item
from kpitracker.lib.ids import uuid7s
from kpitracker.lib.texts import text

TRIES = 10

DUPLICATE = Item(
    "",
    "duplicate-row",
    text("An earlier row is about the same figure and the same day.", "Dòng trước đã nêu cùng số liệu và cùng ngày."),
)


class Written:
    """The result of a batch: its report, and the data about its revisions for the audit log."""

    def __init__(self, report: Report, writes: Writes) -> None:
        self.report = report
        self.revisions, self.digest = len(writes.revisions), writes.digest
        ids = sorted(each.id for each in writes.revisions)
        self.first, self.last = (ids[0], ids[-1]) if ids else ("", "")

    def seal(self) -> dict[str, Any]:
        """What the audit log keeps of the revisions, to verify them later."""
        return {"revisions": self.revisions, "sha256": self.digest, "first": self.first, "last": self.last}


@transaction.atomic
def record_many(
    *,
    rows: Sequence[Row | Rejection],
    by: Actor,
    now: datetime,
    origin: str,
    today: date | None = None,
    atomic: bool = True,
    dry_run: bool = False,
    results: bool = False,
) -> Written:
    """Record well-formed rows in the order of their days; rejected rows only go into the report.

    Each row has the same outcome as a single post, except that a second row for one figure and day is rejected.
    `origin`: the id of the batch. `today`: the day on which the batch was sent. `atomic`: store all rows or none.
    `dry_run`: store nothing and report what would happen. `results`: report the result of each row. The caller writes
    the audit entry.
    """
    for left in reversed(range(TRIES)):
        batch = _Batch(rows, by, now, origin, today or clock.local_day(now))
        batch.decide()
        wanted = not dry_run and not (atomic and batch.rejections)
        writes = batch.writes() if wanted else Writes(Author("", ""))
        try:
            if wanted:
                with transaction.atomic():
                    writes.save()
                    batch.mark()
        except (Meanwhile, IntegrityError):
            # Another transaction wrote one of the figures between our read and our write: start again.
            if not left:
                raise
        else:
            break
    return Written(batch.report(atomic=atomic, results=results), writes)


class _Batch:
    def __init__(self, rows: Sequence[Row | Rejection], by: Actor, now: datetime, origin: str, today: date) -> None:
        self.by, self.now, self.origin = by, now, origin
        self.today, self.moment = today, bulk.moment(now)
        self.count = len(rows)
        self.rejections = [row for row in rows if type(row) is Rejection]
        self.rows = [row for row in rows if type(row) is Row]
        self.references = References(self.rows, by, today)
        self.indicators = {each.pk: each for each in self.references.indicators.values()}
        self.waiting = {pk for pk, each in self.indicators.items() if each.needs_approval}
        self.changing: list[Decided] = []
        self.unchanged: list[Decided] = []
        self.pasts: dict[str, Past] = {}
        self.warnings: dict[int, list[Item]] = {}
        self.ids: dict[Key, str] = {}  # of new figures
        self.several: dict[Key, tuple[list[Row], Callable[[list[Row]], list[Decided]]]] = {}

    def reject(self, row: Row, item: Item) -> None:
        self.rejections.append(Rejection(row.number, item, row.indicator, str(row.period)))

    def decide(self) -> None:
        groups = self._grouped()
        existing, unclear = Existing(groups, self.now), dict[Key, list[Row]]()
        known: dict[Key, Known] = {}
        of_several: list[tuple[Key, Row, Known, bool]] = []
        for key, found in existing:
            row = groups.get(key)
            if row is None:
                existing.contested.add(key[:3])
                continue
            stored = known[key] = Known(found[4], found[5], found[6])
            usual = type(row) is Row and key[0] not in self.waiting
            look = existing.look(found, row) if usual else Look.UNCLEAR  # type: ignore[arg-type]
            if look is Look.SAME:
                self.unchanged.append(Decided(row, SAME, stored.revision, key, stored))  # type: ignore[arg-type]
            elif look is Look.OTHER:
                self.changing.append(Decided(row, OTHER, 2, key, stored))  # type: ignore[arg-type]
            elif look is Look.OTHER_OF_SEVERAL:
                of_several.append((key, row, stored, existing.same_value(found, row)))  # type: ignore[arg-type]
            else:
                unclear[key] = self._once_a_day(row)
        for key, row in groups.items() if len(known) < len(groups) else ():
            if key in known:
                continue
            if type(row) is Row and key[0] not in self.waiting:
                self.changing.append(Decided(row, NEW, 1, key, None))
            else:
                unclear[key] = self._once_a_day(row)
        unclear |= self._decide_of_several(of_several)
        self._read_histories(unclear, known)
        changes = self._changes(existing.contested)
        if refused := measurements.closed(changes, by=self.by, now=self.now):
            self._refuse(refused)
            changes = self._changes(existing.contested)
        self._warn(changes, existing.contested)

    def _decide_of_several(self, changes: list[tuple[Key, Row, Known, bool]]) -> dict[Key, list[Row]]:
        """Decide rows of figures with several revisions. Returns the rows whose history must be read."""
        if not changes:
            return {}
        said = ((stored.id, row[5], same) for _, row, stored, same in changes)
        left = tables.needing_history(said, self.now)
        for key, row, stored, _ in changes:
            if stored.id not in left:
                self.changing.append(Decided(row, OTHER, stored.revisions + 1, key, stored))
        return {key: self._once_a_day(row) for key, row, stored, _ in changes if stored.id in left}

    def _grouped(self) -> dict[Key, Row | list[Row]]:
        """By figure, its row or its list of rows. Rejects rows with invalid references or days."""
        groups: dict[Key, Row | list[Row]] = {}
        places, days = self.references.places, self.references.days
        for row in self.rows:
            place, quiet = places[row[1:3]], days[row[4]]
            if type(place) is Item or type(quiet) is Item:
                # The error of the day comes first, as for a single post.
                self.reject(row, quiet if type(quiet) is Item else place)
                continue
            key = place + row[3]
            other = groups.setdefault(key, row)
            if other is not row:
                if type(other) is list:
                    other.append(row)
                else:
                    groups[key] = [other, row]  # type: ignore[list-item]
        return groups

    def _once_a_day(self, group: Row | list[Row]) -> list[Row]:
        """The rows of one figure, sorted by day, undated ones first. Rejects further rows of the same day."""
        first: dict[Any, Row] = {}
        rows: list[Row] = group if type(group) is list else [group]  # type: ignore[list-item]
        for row in rows:
            if row.published in first:
                self.reject(row, DUPLICATE)
            else:
                first[row.published] = row
        return sorted(first.values(), key=lambda row: row.published or date.min)

    def _read_histories(self, unclear: dict[Key, list[Row]], known: dict[Key, Known]) -> None:
        self.pasts = tables.histories([known[key].id for key in unclear if key in known])
        for key, rows in unclear.items():
            stored = known.get(key)
            past = self.pasts.get(stored.id) if stored else None
            decide = partial(
                one_after_the_other, key=key, known=stored, past=past, waits=key[0] in self.waiting, today=self.today
            )
            if len(rows) > 1:
                self.several[key] = rows, decide
            for each in decide(rows):
                self._take(each)

    def _take(self, each: Decided) -> None:
        outcome = each.decision.outcome
        if outcome is Outcome.STAGE_REGRESSION:
            known = each.decision.previous.content.stage if each.decision.previous else ""
            self.reject(each.row, measurements.stage_regression(each.row.stage, known).items[0])
        elif outcome is Outcome.UNCHANGED:
            self.unchanged.append(each)
        else:
            self.changing.append(each)
            if warnings := measurements.repeats(each.decision):
                self.warnings[each.row.number] = warnings

    def _changes(self, contested: set[Start]) -> list[Change]:
        """The changed figures. Values are filled in only where a plausibility check can apply."""
        every = any(each.check_formula for each in self.indicators.values())
        doubtful = {pk for pk, each in self.indicators.items() if every or each.has_usual_range}
        found = []
        for row, _, _, key, _ in self.changing:
            asked = row[5] and (key[0] in doubtful or (contested and key[:3] in contested))
            found.append(Change(self.indicators[key[0]], key[1], row[3], Decimal(row[5]) if asked else None))
        return found

    def _refuse(self, refused: dict[int, Item]) -> None:
        """Reject rows that would change a locked period. Decide the other rows of these figures without them."""
        closed = {self.changing[position].key: item for position, item in refused.items()}
        again = {key: self.several[key] for key in closed if key in self.several}
        gone = {row.number for rows, _ in again.values() for row in rows}
        left = [each for each in self.changing if each.key in closed and each.row.number not in gone]
        self.changing = [each for each in self.changing if each.key not in closed]
        self.unchanged = [each for each in self.unchanged if each.row.number not in gone]
        self.rejections = [each for each in self.rejections if each.number not in gone]
        left += [each for rows, decide in again.values() for row in rows for each in decide([row])]
        for each in left:
            self.warnings.pop(each.row.number, None)
            if each.decision.outcome in (Outcome.CREATED, Outcome.REVISED):
                self.reject(each.row, closed[each.key])
            else:
                self._take(each)

    def _warn(self, changes: list[Change], contested: set[Start]) -> None:
        for position, items in measurements.warnings_of(changes, self.today, contested).items():
            number = self.changing[position].row.number
            self.warnings[number] = [*items, *self.warnings.get(number, ())]

    def writes(self) -> Writes:
        """A writer with the rows to store."""
        writes = Writes(Author(self.by.name, self.origin))
        if not (self.several or self.waiting or self.pasts):
            self._write_plainly(writes)
            return writes
        figures: dict[Key, list[Decided]] = {}
        for each in self.changing:
            figures.setdefault(each.key, []).append(each)
        fresh, ids = iter(uuid7s(len(figures))), iter(uuid7s(len(self.changing)))
        for key, group in figures.items():
            known = group[0].known
            pk = self.ids[key] = known.id if known else next(fresh)
            self._write_figure(writes, key, pk, known, group, ids)
        return writes

    def _write_plainly(self, writes: Writes) -> None:
        """A faster `_write_figure`, for batches in which every figure has one row and that row becomes current."""
        ids, fresh = uuid7s(len(self.changing)), iter(uuid7s(len(self.changing)))
        days, warnings, add = self.references.days, self.warnings, writes.revisions.append
        recorded_at, departments = self.moment, {pk: each.department_id for pk, each in self.indicators.items()}
        for pk, (row, _, number, key, known) in zip(ids, self.changing, strict=True):
            stored = tables.stored(warnings[row[0]]) if row[0] in warnings else "[]"
            figure = known.id if known else next(fresh)
            department = self.by.department or departments[key[0]]
            said = Said(pk, figure, number, row, days[row[4]], stored, recorded_at, department)
            add(said)
            if known:
                writes.change_figure(known.revisions, number, said)
            else:
                self.ids[key] = figure
                writes.add_figure(key, number, said)

    def _write_figure(
        self, writes: Writes, key: Key, pk: str, known: Known | None, group: list[Decided], ids: Iterator[str]
    ) -> None:
        recorded_at, days = self._recorded_at(known), self.references.days
        department = self.by.department or self.indicators[key[0]].department_id
        waits, shown = key[0] in self.waiting, None
        for row, decision, number, _, _ in group:
            warnings = self.warnings.get(row[0]) if self.warnings else None
            stored = tables.stored(warnings) if warnings else "[]"
            said = Said(next(ids), pk, number, row, days[row[4]], stored, recorded_at, department)
            writes.revisions.append(said)
            if waits:
                writes.wait(said.id)
            if decision.becomes_current or shown is None:
                shown = said if decision.becomes_current or known is None else None
        count = group[-1].number
        if known is None:
            writes.add_figure(key, count, shown or said)
        elif shown and not waits:
            writes.change_figure(known.revisions, count, shown)
        else:
            writes.count_revisions(pk, known.revisions, count)

    def _recorded_at(self, known: Known | None) -> str:
        # A batch that waited for a lock may have read the clock before the holder of the lock did.
        past = self.pasts.get(known.id) if known and self.pasts else None
        return bulk.moment(past.recorded_at) if past and past.recorded_at > self.now else self.moment

    def mark(self) -> None:
        """Mark the changed series for assessment, except those that need approval."""
        marked = {
            (self.references.days[each.row.published], each.key[:2])
            for each in self.changing
            if each.key[0] not in self.waiting
        }
        for quiet in (False, True):
            if pairs := {pair for said, pair in marked if said is quiet}:
                history.mark(pairs, quiet=quiet, now=self.now)

    def report(self, *, atomic: bool, results: bool) -> Report:
        report = Report(rows=self.count, rejections=sorted(self.rejections, key=lambda each: each.number))
        if atomic and self.rejections:
            report.unchanged = self.count - len(self.rejections)
            return report
        report.created = sum(each.decision.outcome is Outcome.CREATED for each in self.changing)
        report.revised, report.unchanged = len(self.changing) - report.created, len(self.unchanged)
        report.warnings = sum(len(each) for each in self.warnings.values())
        if results:
            report.results = {each.row.number: self._result(each) for each in [*self.changing, *self.unchanged]}
        return report

    def _result(self, each: Decided) -> Result:
        pk = each.known.id if each.known else self.ids.get(each.key)
        return Result(each.decision.outcome, pk, each.number, self.warnings.get(each.row.number, ()))
