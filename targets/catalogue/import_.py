"""Imports a workbook: all of it or nothing. All errors are reported at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError, ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import CommitSequence
from kpitracker.lib.spreadsheets.reading import Workbook
from targets.catalogue.cells import Fields, Header, read_header, read_row
from targets.catalogue.resources import SHEET_CLASSES, AnySheet, Values, milestones_as_stored
from targets.services.text.formatting import format_number, format_short_day

OUTCOMES = ("created", "changed", "unchanged", "rejected")
MAX_FAULTS = 1000  # that the report names; all rejected rows are counted
MAX_CHANGES = 1000  # that the report names, in fields; all changed rows are counted


class CatalogueFault(NamedTuple):
    sheet: str
    row: int
    field: str
    slug: str
    detail: str

    def __str__(self) -> str:
        return f"{self.sheet} {self.row} {self.field or '-'} {self.slug}: {self.detail}"


class CatalogueChange(NamedTuple):
    """A field of a stored row that the file changes; of a new row there is one entry without a field and values."""

    sheet: str
    label: str
    field: str
    before: str
    after: str


@dataclass
class CatalogueReport:
    """The number of rows by sheet and outcome. If there are faults, nothing was written.

    `changes`: what is new or changed, field by field, of the rows that were not rejected; at most `MAX_CHANGES`.
    """

    dry_run: bool
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    faults: list[CatalogueFault] = field(default_factory=list)
    unnamed_faults: int = 0  # beyond `MAX_FAULTS`
    changes: list[CatalogueChange] = field(default_factory=list)
    unnamed_changes: int = 0  # beyond `MAX_CHANGES`

    @property
    def written(self) -> bool:
        return not self.dry_run and not self.faults

    def add_outcome(self, sheet: str, outcome: str) -> None:
        self.counts.setdefault(sheet, dict.fromkeys(OUTCOMES, 0))[outcome] += 1

    def add_faults(self, sheet: str, row: int, error: DomainError) -> None:
        self.add_outcome(sheet, "rejected")
        items = error.items or (ProblemItem("", error.slug, error.detail or ""),)
        named = items[: MAX_FAULTS - len(self.faults)]
        self.unnamed_faults += len(items) - len(named)
        self.faults += [
            CatalogueFault(sheet, row, item.pointer.strip("/"), item.slug, str(item.detail)) for item in named
        ]

    def add_changes(self, changes: Sequence[CatalogueChange]) -> None:
        named = changes[: MAX_CHANGES - len(self.changes)]
        self.changes += named
        self.unnamed_changes += len(changes) - len(named)


class CatalogueRow(NamedTuple):
    """A parsed row. `columns`: the fields for which the sheet has a column."""

    number: int
    values: Values
    columns: frozenset[str]


def import_workbook(*, workbook: Workbook, by: Actor, now: datetime, dry_run: bool) -> CatalogueReport:
    """Import all sheets: parents before children and inputs before formulas, whatever their order in the file.

    A stored row with the same content is unchanged, with other content it is changed; nothing is removed. In a stored
    row an empty cell clears its field, and a missing column leaves its field as it is. Raises `ValidationProblem` (invalid-xlsx)
    if no sheet has a known name.
    """
    report = CatalogueReport(dry_run)
    with transaction.atomic():
        # Lock before any row: other changes of a tree or a formula wait for the import, which never waits halfway.
        CommitSequence.lock("structure")
        sheets = [
            sheet for sheet in (sheet_class(by, now) for sheet_class in SHEET_CLASSES) if sheet.name in workbook.sheets
        ]
        if not sheets:
            names = ", ".join(sheet_class(by, now).name for sheet_class in SHEET_CLASSES)
            raise ValidationProblem(
                "invalid-xlsx",
                text(f"The workbook has none of the sheets {names}.", f"Không có trang nào trong: {names}."),
                pointer="",
            )
        for sheet in sheets:
            _import_sheet(sheet, workbook.rows(sheet.name), report)
        if not report.written:
            transaction.set_rollback(True)
    return report


def _import_sheet(sheet: AnySheet, rows: Iterator[list[str]], report: CatalogueReport) -> None:
    report.counts.setdefault(sheet.name, dict.fromkeys(OUTCOMES, 0))
    columns = {column.name for column in sheet.columns()}
    fields = {str(name): field for name, field in sheet.serializer().fields.items() if name in columns}
    try:
        header = read_header(next(rows, []), fields, sheet.model)
    except ValidationProblem as error:
        report.add_faults(sheet.name, 1, error)
        return
    for row in sort_by_dependency(list(_parsed_rows(sheet, rows, header, fields, report)), sheet):
        _run_in_savepoint(report, sheet, row.number, lambda row=row: _import_row(sheet, row, report))  # type: ignore[misc]


def _run_in_savepoint(report: CatalogueReport, sheet: AnySheet, number: int, function: Callable[[], object]) -> None:
    try:
        with transaction.atomic():
            function()
    except DomainError as error:
        report.add_faults(sheet.name, number, error)


def _parsed_rows(
    sheet: AnySheet, rows: Iterator[list[str]], header: Header, fields: Fields, report: CatalogueReport
) -> Iterator[CatalogueRow]:
    columns = frozenset(name for name in header if name)
    labels: set[str] = set()
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        try:
            serializer = sheet.serializer(data=read_row(cells, header, fields))
            serializer.is_valid(raise_exception=True)
            values = dict(serializer.validated_data)
            if (label := sheet.label(values)) in labels:
                raise ValidationProblem(
                    "already-exists",
                    text("The sheet has this row twice.", "Dòng bị lặp."),
                    pointer=f"/{sheet.leading_columns[0]}",
                )
        except DomainError as error:
            report.add_faults(sheet.name, number, error)
        else:
            labels.add(label)
            yield CatalogueRow(number, values, columns)


def sort_by_dependency(rows: list[CatalogueRow], sheet: AnySheet) -> list[CatalogueRow]:
    """The rows, each after those that it needs. Rows that need each other keep their order."""
    by_label = {sheet.label(row.values): row for row in rows}
    ordered_rows: dict[str, CatalogueRow] = {}
    visited: set[str] = set()
    for start in by_label:
        # Without recursion: a chain of parents may be deeper than the recursion limit.
        stack = [start]
        while stack:
            label = stack[-1]
            missing = (
                []
                if label in visited
                else [
                    needed
                    for needed in sheet.dependencies(by_label[label].values)
                    if needed in by_label and needed not in visited
                ]
            )
            visited.add(label)
            stack += missing
            if not missing:
                ordered_rows.setdefault(stack.pop(), by_label[label])
    return list(ordered_rows.values())


def _import_row(sheet: AnySheet, row: CatalogueRow, report: CatalogueReport) -> None:
    existing = sheet.find(row.values)
    if existing is None:
        sheet.create(dict(row.values))
        report.add_outcome(sheet.name, "created")
        report.add_changes([CatalogueChange(sheet.name, sheet.label(row.values), "", "", "")])
        return
    values = {name: value for name, value in row.values.items() if name in row.columns}
    changes = sheet.changed_values(existing, milestones_as_stored(values))
    before = {name: _in_words(sheet.current_value(existing, name)) for name in changes}
    if changes:
        sheet.change(existing, {name: row.values[name] for name in changes})
    report.add_outcome(sheet.name, "changed" if changes else "unchanged")
    label = sheet.label(row.values)
    report.add_changes(
        [CatalogueChange(sheet.name, label, name, before[name], _in_words(value)) for name, value in changes.items()]
    )


def _in_words(value: object) -> str:
    """A value as the workbook writes it; days and numbers as the page does."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(text("yes", "có") if value else text("no", "không"))
    if isinstance(value, date):
        return format_short_day(value.isoformat())
    if isinstance(value, Decimal):
        return format_number(format(value, "f"))
    return ", ".join(map(str, value)) or "–" if isinstance(value, list | tuple | set) else str(value)
