"""Recording many figures in one transaction: gather, decide, write, each for all of them at once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from indicators.domain.recording import Outcome
from indicators.models import Indicator
from indicators.services import history, measurements
from indicators.services.batches import deciding, tables
from indicators.services.batches.deciding import Decided
from indicators.services.batches.references import References
from indicators.services.batches.rows import Rejection, Report, Result, Row
from indicators.services.batches.tables import Key, Known, Meanwhile, Past, Writes
from indicators.services.measurements import Change
from kpitracker.lib import bulk, clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Item
from kpitracker.lib.ids import uuid7s
from kpitracker.lib.texts import text

TRIES = 10
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
        self.revisions = len(writes.revisions)
        self.digest = writes.digest() if writes.revisions else ""
        self.first = writes.revisions[0][0] if writes.revisions else None
        self.last = writes.revisions[-1][0] if writes.revisions else None


@transaction.atomic
def record_many(
    *,
    rows: Sequence[Row | Rejection],
    by: Actor,
    now: datetime,
    origin: str,
    atomic: bool = True,
    dry_run: bool = False,
    results: bool = False,
) -> Written:
    """Record figures, well-formed or rejected already, in the order of their days. `origin`: the id of the batch.

    Each row gets what `measurements.record` would answer to it alone, but that a second row for one figure and day is
    rejected. `atomic`: all or none; `dry_run`: nothing is written, and the report says what would be. The caller
    writes the audit row.
    """
    for left in reversed(range(TRIES)):
        batch = _Batch(rows, by, now, origin)
        batch.decide()
        wanted = not dry_run and not (atomic and batch.rejections)
        writes = batch.writes() if wanted or not (atomic and batch.rejections) else Writes()
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
    def __init__(self, rows: Sequence[Row | Rejection], by: Actor, now: datetime, origin: str) -> None:
        self.by, self.now, self.origin = by, now, origin
        self.today = clock.local_day(now)
        self.count = len(rows)
        self.rejections = [row for row in rows if isinstance(row, Rejection)]
        self.rows = [row for row in rows if isinstance(row, Row)]
        self.decided: list[tuple[Key, Decided]] = []
        self.known: dict[Key, Known] = {}
        self.pasts: dict[str, Past] = {}
        self.warnings: dict[int, list[Item]] = {}
        self.results: dict[int, Result] = {}
        self.indicators: dict[int, Indicator] = {}
        self.quiet: dict[Any, bool] = {}

    def reject(self, row: Row, item: Item) -> None:
        self.rejections.append(Rejection(row.number, item, row.indicator, str(row.period)))

    def decide(self) -> None:
        groups = self._grouped(References(self.rows, self.by, self.today))
        self.known = tables.existing(groups, self.now)
        unclear: dict[Key, list[Row]] = {}
        for key, rows in groups.items():
            known = self.known.get(key)
            quick = None
            if len(rows) == 1 and not self.indicators[key[0]].needs_approval:
                quick = deciding.by_one_look(rows[0], known)
            if quick is None:
                unclear[key] = rows
            else:
                self._take(key, quick)
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
                self.reject(row, place if isinstance(place, Item) else quiet)  # type: ignore[arg-type]
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
                self._take(key, each)

    def _take(self, key: Key, each: Decided) -> None:
        if each.decision.outcome is Outcome.STAGE_REGRESSION:
            known = each.decision.previous.content.stage if each.decision.previous else ""
            error = measurements.stage_regression(each.row.stage, known)
            self.reject(each.row, error.items[0])
        else:
            self.decided.append((key, each))

    def _refuse_closed(self) -> None:
        """Rows that would change a closed period; what is unchanged changes nothing."""
        changing = self._changing()
        refused = measurements.closed([self._change(*each) for each in changing], by=self.by, now=self.now)
        if not refused:
            return
        closed = {changing[position][0]: item for position, item in refused.items()}
        left = []
        for key, each in self.decided:
            known = self.known.get(key)
            # Also what is unchanged only beside a row that is refused.
            if key in closed and each.number > (known.revisions if known else 0):
                self.reject(each.row, closed[key])
            else:
                left.append((key, each))
        self.decided = left

    def _changing(self) -> list[tuple[Key, Decided]]:
        return [pair for pair in self.decided if pair[1].decision.outcome is not Outcome.UNCHANGED]

    def _change(self, key: Key, each: Decided) -> Change:
        return Change(self.indicators[key[0]], key[1], each.row.period, each.row.content.value)

    def _warn(self) -> None:
        changing = self._changing()
        found = measurements.doubts([self._change(*each) for each in changing], self.today)
        for position, (_, each) in enumerate(changing):
            warnings = [*found.get(position, ()), *measurements.repeats(each.decision)]
            if warnings:
                self.warnings[each.row.number] = warnings

    def writes(self) -> Writes:
        """The rows of the tables that say what was decided."""
        writes, figures = Writes(), defaultdict[Key, list[Decided]](list)
        for key, each in self.decided:
            figures[key].append(each)
        fresh = sum(key not in self.known for key in figures)
        ids = iter(uuid7s(fresh + sum(len(group) for group in figures.values())))
        new = {key: next(ids) for key in figures if key not in self.known}
        for key, group in figures.items():
            self._write_figure(writes, key, group, new.get(key), ids)
        writes.revisions.sort()
        return writes

    def _write_figure(self, writes: Writes, key: Key, group: list[Decided], fresh: str | None, ids: Any) -> None:
        known = self.known.get(key)
        pk = fresh or (known.id if known else "")
        waits = self.indicators[key[0]].needs_approval
        said: Any = None
        place: tuple[int, str] | None = None
        count = known.revisions if known else 0
        recorded_at = self._recorded_at(known)
        for each in group:
            self.results[each.row.number] = Result(
                each.decision.outcome, pk, each.number, self.warnings.get(each.row.number, ())
            )
            if each.decision.outcome is Outcome.UNCHANGED:
                continue
            columns = self._said(key, each.row, recorded_at)
            revision = next(ids)
            warnings = self.warnings.get(each.row.number)
            stored = tables.stored(warnings) if warnings else "[]"
            quiet = self.quiet[each.row.published]
            writes.revisions.append((revision, pk, each.number, quiet, stored, self.origin, *columns))
            count = each.number
            if waits:
                writes.waiting.append(revision)
            elif each.decision.becomes_current:
                said, place = columns, (each.number, revision)
        if fresh:
            current = (count, *place) if place else (count, 1, tables.NOWHERE)
            writes.figures.append(tables.figure_row(pk, key, current, said or self._nothing(key, group[0].row)))
        elif place:
            writes.now_current.append((pk, known.revisions if known else 0, count, *place, *said))
        elif known and count != known.revisions:
            writes.only_counted.append((pk, known.revisions, count))

    def _recorded_at(self, known: Known | None) -> str:
        # Who waited for his turn may have looked at the clock before the one that he waited for.
        past = self.pasts.get(known.id) if known else None
        return bulk.moment(max(self.now, past.recorded_at) if past else self.now)

    def _said(self, key: Key, row: Row, recorded_at: str) -> tuple[Any, ...]:
        department = self.by.department or self.indicators[key[0]].department_id
        published = row.published.isoformat() if row.published else None
        return (row.value or None, *row[6:], published, recorded_at, department, self.by.name)

    def _nothing(self, key: Key, row: Row) -> tuple[Any, ...]:
        """A new figure of which nothing is in force yet."""
        department = self.by.department or self.indicators[key[0]].department_id
        none = history.NOTHING
        return (None, none["missing_reason"], "", "", "", "", None, bulk.moment(self.now), department, self.by.name)

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
            report.results = self.results
        return report
