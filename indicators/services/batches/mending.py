"""Mend figures that an earlier version stored from a cell with a line break, which it took for two numbers."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import combinations, product
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from indicators.domain.choices import MissingReason
from indicators.domain.periods import Period
from indicators.models import Measurement, Revision
from indicators.services.batches import digests
from indicators.services.figures import recording, revision_store
from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import log
from kpitracker.lib.db.decimal_columns import decimal_columns
from kpitracker.lib.models.audit import AuditEntry
from kpitracker.lib.numbers import canonical_decimal

_REASON = "The cell held a line break."
_MAX_HASHED_LINES = 5_000_000  # of all attempts to find the cells of one batch


class MendReport(NamedTuple):
    """Labels of figures, and ids of batches whose audit digest shows a change that no line break explains."""

    replaced: list[str]
    withdrawn: list[str]
    unexplained: list[str]


@transaction.atomic
def mend_figures(*, by: Actor, now: datetime) -> MendReport:
    """Replace what cannot be read, and withdraw the figures in force whose number is not the one that was posted.

    A replaced text is kept in the audit. Both mark the series for assessment.
    """
    report = MendReport(_replace_unreadable(by, now), [], [])
    for entry in list(digests.find_broken_entries()):
        misread = _find_misread(entry)
        for revision, cell in misread:
            figure, after = revision.measurement, {"value": str(revision.value), "reason": _REASON}
            label, before = _label(revision), {"value": cell}
            log.write_entry(by=by, verb="changed", row=revision, label=label, before=before, after=after)
            if figure.current_revision == revision.pk:
                recording.withdraw_figure(figure_id=figure.pk, reason=_REASON, by=by, now=now)
                report.withdrawn.append(label)
        if not misread:
            report.unexplained.append(entry.object_id)
    return report


def _replace_unreadable(by: Actor, now: datetime) -> list[str]:
    """On SQLite: the texts in the column that are no numbers. Reading such a row fails, so SQL replaces them in place.

    This is the one exception to append-only.
    """
    columns = {column.table: column for column in decimal_columns([Measurement, Revision], connection)}
    if not columns:
        return []
    reason = MissingReason.WITHDRAWN.value
    texts: dict[UUID, str] = {}
    with connection.cursor() as cursor:
        for table, column in columns.items():
            cursor.execute(f"SELECT id, value FROM {table} WHERE NOT ({column.check})")  # noqa: S608  # nosec B608
            rows = [(UUID(pk), value) for pk, value in cursor.fetchall()]
            if not rows:
                continue
            with _checks_lifted(table):
                statement = f"UPDATE {table} SET value = NULL, missing_reason = %s WHERE NOT ({column.check})"  # noqa: S608  # nosec B608
                cursor.execute(statement, [reason])
            if table == Revision._meta.db_table:
                texts = dict(rows)
    labels = []
    for revision in Revision.objects.filter(pk__in=texts).select_related("measurement__indicator", "measurement__area"):
        figure = revision.measurement
        labels.append(_label(revision))
        before = {"value": texts[revision.pk], "missing_reason": ""}
        after = {"value": None, "missing_reason": reason, "reason": _REASON}
        log.write_entry(by=by, verb="changed", row=revision, label=labels[-1], before=before, after=after)
        revision_store.project_current(figure)
        revision_store.mark_changed_series({(figure.indicator_id, figure.area_id)}, quiet=False, now=now)
    return labels


def _label(revision: Revision) -> str:
    figure = revision.measurement
    period = Period(figure.period_start, figure.period_end)
    return f"{figure.indicator.code} · {figure.area.code} · {period} #{revision.number}"


@contextmanager
def _checks_lifted(table: str) -> Iterator[None]:
    """Within the block a table on SQLite takes updates, and the reason, which it refuses until it is migrated."""
    name = f"{table}_no_update"
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = %s", [name])
        statements = [sql for (sql,) in cursor.fetchall()]
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        yield
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
        for statement in statements:
            cursor.execute(statement)


def _find_misread(entry: AuditEntry) -> list[tuple[Revision, str]]:
    """The revisions of a batch that were posted as a text with a line break, with it: so the digest is right.

    [] when no one or two such texts explain the digest, or the batch is too long to try.
    """
    payload, replaced_texts = entry.after or {}, digests.load_replaced_texts()
    revisions = list(digests.batch_revisions(payload))
    lines = [digests.revision_line(revision, replaced_texts) for revision in revisions]
    choices = {position: list(_possible_texts(revision)) for position, revision in enumerate(revisions)}
    suspects = [position for position, texts in choices.items() if texts]
    tries_left = _MAX_HASHED_LINES // max(len(lines), 1)
    for size in (1, 2):
        for positions in combinations(suspects, size):
            for texts in product(*(choices[position] for position in positions)):
                tries_left -= 1
                if tries_left < 0:
                    return []
                changed = dict(zip(positions, texts, strict=True))
                if _digest(revisions, lines, changed) == payload["sha256"]:
                    return [(revisions[position], text) for position, text in changed.items()]
    return []


def _digest(revisions: Sequence[Revision], lines: Sequence[str], changed: dict[int, str]) -> str:
    texts = (
        digests.revision_line(revisions[position], {}, changed[position]) if position in changed else line
        for position, line in enumerate(lines)
    )
    return hashlib.sha256("".join(texts).encode()).hexdigest()


def _possible_texts(revision: Revision) -> Iterator[str]:
    """The texts with one line break that PostgreSQL was given as this number: four characters made one group of digits."""
    if revision.value is None:
        return
    whole, point, fraction = format(canonical_decimal(revision.value), "f").partition(".")
    sign, digits = whole[: whole.startswith("-")], whole.lstrip("-")
    padded = digits.rjust(-(-len(digits) // 4) * 4, "0")
    groups = [padded[start : start + 4] for start in range(0, len(padded), 4)]
    for place, group in enumerate(groups):
        for broken in (f"{group[1:]}\n", f"\n{group[1:]}") if group[0] == "0" else ():
            parts = [*groups[:place], broken, *groups[place + 1 :]]
            first, _, second = "".join(parts).partition("\n")
            # Zeros in front come from the padding, or were written: the number before the break says only how many.
            for kept in {first, first.lstrip("0")} if second else ():
                if kept:
                    yield f"{sign}{kept}\n{second}{point}{fraction}"
