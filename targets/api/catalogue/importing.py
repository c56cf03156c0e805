"""Imports a workbook: all of it or nothing. All errors are reported at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError, Invalid, Item
from kpitracker.lib.models import Counter
from kpitracker.lib.spreadsheets.reading import Workbook
from kpitracker.lib.texts import text
from targets.api.catalogue.cells import Header, read_header, read_row
from targets.api.catalogue.kinds import KINDS, Kind, Values, milestones_as_stored

OUTCOMES = ("created", "changed", "unchanged", "rejected")


class Fault(NamedTuple):
    sheet: str
    row: int
    field: str
    slug: str
    detail: str

    def __str__(self) -> str:
        return f"{self.sheet} {self.row} {self.field or '-'} {self.slug}: {self.detail}"


@dataclass
class Report:
    """The number of rows by sheet and outcome. If there are faults, nothing was written."""

    dry_run: bool
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def written(self) -> bool:
        return not self.dry_run and not self.faults

    def count(self, sheet: str, outcome: str) -> None:
        self.counts.setdefault(sheet, dict.fromkeys(OUTCOMES, 0))[outcome] += 1

    def reject(self, sheet: str, row: int, error: DomainError) -> None:
        self.count(sheet, "rejected")
        items = error.items or (Item("", error.slug, error.detail or ""),)
        self.faults += [Fault(sheet, row, item.pointer.strip("/"), item.slug, str(item.detail)) for item in items]


class Row(NamedTuple):
    """A parsed row. `columns`: the fields for which the sheet has a column."""

    number: int
    values: Values
    named: frozenset[str]


def run(*, book: Workbook, by: Actor, now: datetime, dry_run: bool) -> Report:
    """Import all sheets: parents before children and inputs before formulas, whatever their order in the file.

    A stored row with the same content is unchanged, with other content it is changed; nothing is removed. In a stored
    row an empty cell clears its field, and a missing column leaves its field as it is. Raises `Invalid` (invalid-xlsx)
    if no sheet has a known name.
    """
    report = Report(dry_run)
    with transaction.atomic():
        # Lock before any row: other changes of a tree or a formula wait for the import, which never waits halfway.
        Counter.hold("structure")
        kinds = [kind for kind in (make(by, now) for make in KINDS) if kind.name in book.sheets]
        if not kinds:
            names = ", ".join(make(by, now).name for make in KINDS)
            raise Invalid(
                "invalid-xlsx",
                text(f"The workbook has none of the sheets {names}.", f"Không có trang nào trong: {names}."),
                pointer="",
            )
        for kind in kinds:
            _take_sheet(kind, book.rows(kind.name), report)
        if not report.written:
            transaction.set_rollback(True)
    return report


def _take_sheet(kind: Kind, rows: Iterator[list[str]], report: Report) -> None:
    report.counts.setdefault(kind.name, dict.fromkeys(OUTCOMES, 0))
    columns = {column.name for column in kind.columns()}
    fields = {str(name): field for name, field in kind.serializer().fields.items() if name in columns}
    try:
        header = read_header(next(rows, []), fields, kind.model)
    except Invalid as error:
        report.reject(kind.name, 1, error)
        return
    for row in ordered(list(_parsed(kind, rows, header, fields, report)), kind):
        _savepoint(report, kind, row.number, lambda row=row: _take(kind, row, report))  # type: ignore[misc]


def _savepoint(report: Report, kind: Kind, number: int, work: Callable[[], Any]) -> Any:
    try:
        with transaction.atomic():
            return work()
    except DomainError as error:
        report.reject(kind.name, number, error)
        return None


def _parsed(
    kind: Kind, rows: Iterator[list[str]], header: Header, fields: dict[str, Any], report: Report
) -> Iterator[Row]:
    named = frozenset(name for name in header if name)
    seen: set[str] = set()
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        try:
            serializer = kind.serializer(data=read_row(cells, header, fields))
            serializer.is_valid(raise_exception=True)
            values = dict(serializer.validated_data)
            if (label := kind.label(values)) in seen:
                raise Invalid(
                    "already-exists", text("The sheet has this row twice.", "Dòng bị lặp."), pointer=f"/{kind.first[0]}"
                )
        except DomainError as error:
            report.reject(kind.name, number, error)
        else:
            seen.add(label)
            yield Row(number, values, named)


def ordered(rows: list[Row], kind: Kind) -> list[Row]:
    """The rows, each after those that it needs. Rows that need each other keep their order."""
    by_label = {kind.label(row.values): row for row in rows}
    found: dict[str, Row] = {}
    visited: set[str] = set()
    for start in by_label:
        # Without recursion: a chain of parents may be deeper than the recursion limit.
        waiting = [start]
        while waiting:
            label = waiting[-1]
            missing = (
                []
                if label in visited
                else [n for n in kind.needs(by_label[label].values) if n in by_label and n not in visited]
            )
            visited.add(label)
            waiting += missing
            if not missing:
                found.setdefault(waiting.pop(), by_label[label])
    return list(found.values())


def _take(kind: Kind, row: Row, report: Report) -> None:
    existing = kind.find(row.values)
    if existing is None:
        kind.create(dict(row.values))
        report.count(kind.name, "created")
        return
    given = {name: value for name, value in row.values.items() if name in row.named}
    differing = kind.differing(existing, milestones_as_stored(given))
    if differing:
        kind.change(existing, {name: row.values[name] for name in differing})
    report.count(kind.name, "changed" if differing else "unchanged")
