"""Recording many figures in one transaction: gather, decide, write, each for all of them at once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from indicators.domain.recording import Outcome
from indicators.models import Indicator
from indicators.services import history, measurements
from indicators.services.batches import deciding, tables
from indicators.services.batches.deciding import Decided
from indicators.services.batches.references import References
from indicators.services.batches.rows import Rejection, Report, Result, Row
from indicators.services.batches.tables import Author, Key, Known, Meanwhile, Past, Writes
from indicators.services.doubts import Change
from kpitracker.lib import bulk, clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Item
from kpitracker.lib.ids import uuid7s
from kpitracker.lib.texts import text

TRIES = 10
_CHANGES = (Outcome.CREATED, Outcome.REVISED)
Group = tuple[Indicator, list[Row]]

DUPLICATE = Item(
    "",
    "duplicate-row",
    text("An earlier row is about the same figure and the same day.", "Dòng trước đã nêu cùng số liệu và cùng ngày."),
)


class Written:
    """What a batch did: its report, and what the audit says of its revisions."""

    def __init__(self, report: Report, writes: Writes) -> None:
        self.report = report
        self.revisions = writes.revisions
        self.digest = writes.digest()
        self.first, self.last = (writes.first, writes.last) if writes.revisions else ("", "")

    def seal(self) -> dict[str, Any]:
        """What the audit says of the revisions: see `digests`."""
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
    """Record figures, well-formed or rejected already, in the order of their days. `origin`: the id of the batch. `today`: the day on which it was sent.

    Each row gets what `measurements.record` would answer to it alone, but that a second row for one figure and day is
    rejected. `atomic`: all or none; `dry_run`: nothing is written, and the report says what would be. The caller
    writes the audit row.
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
            # A single post came between the look and the write: look again.
            if not left:
                raise
        else:
            break
    return Written(batch.report(atomic=atomic, results=results), writes)


class _Batch:
    def __init__(self, rows: Sequence[Row | Rejection], by: Actor, now: datetime, origin: str, today: date) -> None:
        self.by, self.now, self.origin = by, now, origin
        self.today, self.moment = today, bulk.moment(now)
        self.fresh: dict[Key, str] = {}
        self.count = len(rows)
        self.rejections = [row for row in rows if isinstance(row, Rejection)]
        self.rows = [row for row in rows if isinstance(row, Row)]
        self.decided: list[tuple[Key, Decided]] = []
        self.known: dict[Key, Known] = {}
        self.contested: set[tuple[int, int, date]] = set()
        self.pasts: dict[str, Past] = {}
        self.warnings: dict[int, list[Item]] = {}
        self.indicators: dict[int, Indicator] = {}
        self.quiet: dict[Any, bool] = {}

    def reject(self, row: Row, item: Item) -> None:
        self.rejections.append(Rejection(row.number, item, row.indicator, str(row.period)))

    def decide(self) -> None:
        groups = self._grouped(References(self.rows, self.by, self.today))
        self.known, self.contested = tables.existing(groups, self.now)
        unclear: dict[Key, list[Row]] = {}
        for key, rows in groups.items():
            known = self.known.get(key)
            quick = None
            if len(rows) == 1 and not self.indicators[key[0]].needs_approval:
                quick = deciding.by_one_look(rows[0], known)
            if quick is None:
                unclear[key] = rows
            else:
                self.decided.append((key, quick))
        self._read_histories(unclear)
        self._refuse_closed()
        self._warn()

    def _grouped(self, references: References) -> dict[Key, list[Row]]:
        """Rows by figure, in the order of their days, undated ones first."""
        groups: dict[Key, list[Row]] = defaultdict(list)
        several = []
        for row in self.rows:
            place, quiet = references.place(row), references.quiet(row.published)
            if isinstance(place, Item) or isinstance(quiet, Item):
                # The day first, as a single post is looked at.
                self.reject(row, quiet if isinstance(quiet, Item) else place)  # type: ignore[arg-type]
                continue
            indicator, area = place
            self.indicators[indicator.pk], self.quiet[row.published] = indicator, quiet
            group = groups[indicator.pk, area, row.period.start, row.period.end]
            group.append(row)
            if len(group) == 2:
                several.append(group)
        for group in several:
            group[:] = self._once_a_day(group)
        return groups

    def _once_a_day(self, group: list[Row]) -> list[Row]:
        first: dict[Any, Row] = {}
        for row in group:
            if row.published in first:
                self.reject(row, DUPLICATE)
            else:
                first[row.published] = row
        return sorted(first.values(), key=lambda row: (row.published is not None, row.published))

    def _read_histories(self, unclear: dict[Key, list[Row]]) -> None:
        self.pasts = tables.histories([self.known[key].id for key in unclear if key in self.known])
        for key, rows in unclear.items():
            past = self.pasts.get(self.known[key].id) if key in self.known else None
            waits = self.indicators[key[0]].needs_approval
            for each in deciding.one_after_the_other(rows, past, waits=waits, today=self.today):
                self.decided.append((key, each))

    def _refuse_closed(self) -> None:
        """Rows that would change a closed period; what is unchanged changes nothing."""
        changing = self._changing()
        refused = measurements.closed([self._change(*each) for each in changing], by=self.by, now=self.now)
        closed = {changing[position][0]: item for position, item in refused.items()}
        decided, self.decided = self.decided, []
        for key, each in decided:
            found = self._alone(key, each) if key in closed else each
            if found.decision.outcome is Outcome.STAGE_REGRESSION:
                known = found.decision.previous.content.stage if found.decision.previous else ""
                error = measurements.stage_regression(found.row.stage, known)
                self.reject(found.row, error.items[0])
            elif key in closed and found.decision.outcome is not Outcome.UNCHANGED:
                self.reject(found.row, closed[key])
            else:
                self.decided.append((key, found))

    def _alone(self, key: Key, each: Decided) -> Decided:
        """What becomes of a row where those before it, of the same figure, are refused."""
        known = self.known.get(key)
        if known is not None and known.id not in self.pasts:
            return each
        past, waits = self.pasts[known.id] if known else None, self.indicators[key[0]].needs_approval
        return deciding.one_after_the_other([each.row], past, waits=waits, today=self.today)[0]

    def _changing(self) -> list[tuple[Key, Decided]]:
        return [pair for pair in self.decided if pair[1].decision.outcome in _CHANGES]

    def _change(self, key: Key, each: Decided) -> Change:
        value = each.row.value
        return Change(self.indicators[key[0]], key[1], each.row.period, Decimal(value) if value else None)

    def _warn(self) -> None:
        changing = self._changing()
        found = measurements.warnings_of([self._change(*each) for each in changing], self.today, self.contested)
        for position, (_, each) in enumerate(changing):
            warnings = [*found.get(position, ()), *measurements.repeats(each.decision)]
            if warnings:
                self.warnings[each.row.number] = warnings

    def writes(self) -> Writes:
        """The rows of the tables that say what was decided."""
        writes, changing = Writes(Author(self.by.name, self.origin)), self._changing()
        keys = {key for key, _ in changing}
        new = [key for key in keys if key not in self.known]
        self.fresh = dict(zip(new, uuid7s(len(new)), strict=True))
        ids = iter(uuid7s(len(changing)))
        if len(keys) == len(changing):
            for key, each in changing:
                self._write_figure(writes, key, (each,), ids)
            return writes
        figures = defaultdict[Key, list[Decided]](list)
        for key, each in changing:
            figures[key].append(each)
        for key, group in figures.items():
            self._write_figure(writes, key, group, ids)
        return writes

    def _write_figure(self, writes: Writes, key: Key, group: Sequence[Decided], ids: Iterator[str]) -> None:
        known, indicator = self.known.get(key), self.indicators[key[0]]
        pk, was = (known.id, known.revisions) if known else (self.fresh[key], 0)
        recorded_at, department = self._recorded_at(known), self.by.department or indicator.department_id
        current, place = None, (1, tables.NOWHERE)
        for row, decision, number in group:
            revision, said = next(ids), writes.said(row, recorded_at, department)
            warnings = self.warnings.get(row.number)
            stored = tables.stored(warnings) if warnings else "[]"
            writes.add_revision(revision, pk, number, row, self.quiet[row.published], stored, said)
            if indicator.needs_approval:
                writes.wait(revision)
            elif decision.becomes_current:
                current, place = said, (number, revision)
        count = group[-1].number
        if known is None:
            writes.add_figure(pk, key, (count, *place), current or writes.nothing(recorded_at, department))
        elif current:
            writes.change_figure(pk, was, (count, *place), current)
        else:
            writes.count_revisions(pk, was, count)

    def _recorded_at(self, known: Known | None) -> str:
        # Who waited for his turn may have looked at the clock before the one that he waited for.
        past = self.pasts.get(known.id) if known else None
        return bulk.moment(past.recorded_at) if past and past.recorded_at > self.now else self.moment

    def mark(self) -> None:
        """Ask for the assessment of what hangs on these series, but for what waits for approval."""
        marked: dict[bool, set[tuple[int, int]]] = defaultdict(set)
        for key, each in self._changing():
            if not self.indicators[key[0]].needs_approval:
                marked[self.quiet[each.row.published]].add(key[:2])
        for quiet, pairs in marked.items():
            history.mark(pairs, quiet=quiet, now=self.now)

    def report(self, *, atomic: bool, results: bool) -> Report:
        report = Report(rows=self.count, rejections=sorted(self.rejections, key=lambda each: each.number))
        if atomic and self.rejections:
            report.unchanged = self.count - len(self.rejections)
            return report
        for _, each in self.decided:
            name = each.decision.outcome.value
            setattr(report, name, getattr(report, name) + 1)
        report.warnings = sum(len(each) for each in self.warnings.values())
        if results:
            report.results = {each.row.number: self._result(key, each) for key, each in self.decided}
        return report

    def _result(self, key: Key, each: Decided) -> Result:
        known = self.known.get(key)
        pk = known.id if known else self.fresh.get(key)
        return Result(each.decision.outcome, pk, each.number, self.warnings.get(each.row.number, ()))
