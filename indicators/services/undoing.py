"""Undo a batch: write for each of its figures a revision with the content that was in force before."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from indicators.domain.periods import Period
from indicators.domain.recording import Content, Entry, current_of, standing
from indicators.models import Approval, Area, Import, Indicator, Revision
from indicators.services import history, imports, measurements
from indicators.services.batches import tables
from indicators.services.batches.record import Written
from indicators.services.batches.references import References
from indicators.services.batches.rows import Rejection, Report, Row
from indicators.services.batches.tables import Author, Past, Said, Writes
from indicators.services.doubts import Change
from kpitracker.lib import bulk, clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Conflict, Item, NotPermitted
from kpitracker.lib.ids import uuid7, uuid7s
from kpitracker.lib.texts import both, text

NEWER = Item("", "newer-revision", text("There is a newer revision.", "Đã có lần sửa mới hơn."))
APPROVED = Item("", "approved-meanwhile", text("It was approved.", "Số liệu đã được duyệt."))
WITHDRAWN = Content(None, "not_available", "", "", "", "")


class _Own(NamedTuple):
    """A figure that the batch wrote. `batch_numbers`: the numbers of the revisions of the batch."""

    pk: str
    indicator: Indicator
    area: Area
    period: Period
    past: Past
    numbers: frozenset[int]

    @property
    def states(self) -> set[str]:
        """The states of the revisions of the batch, also when the indicator needs no approval any more."""
        return {state for entry, state in self.past.entries if entry.number in self.numbers}


@transaction.atomic
def undo(*, batch: Import, by: Actor, now: datetime) -> Import:
    """Withdraw each figure of a batch on the day of its revision, unless the figure has a newer revision.

    For every `as_of` day the former content is in force again; reads with `recorded_by` still show the undone content.
    `Import.undo` lists what could not be withdrawn. Raises `NotPermitted` (insufficient-scope), `Conflict`
    (not-undoable) for a batch that wrote nothing or was undone before.
    """
    locked = Import.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if not by.may(Scope.FIGURES_WRITE):
        raise NotPermitted("insufficient-scope")
    if not locked.is_undoable:
        raise Conflict(
            "not-undoable",
            text(f"There is nothing to undo: {locked.state}.", f"Không có gì để hoàn tác: {locked.state}."),
            pointer="",
        )
    own = _gather(locked)
    refused = _refused(own, by, now)
    writes = Writes(Author(by.name, uuid7().hex))
    withdrawn = [each for each in own if each.pk not in refused]
    ids = iter(uuid7s(sum(len(each.numbers) for each in withdrawn)))
    for each in withdrawn:
        _withdraw(writes, each, ids, now)
    _reject_pending(locked, withdrawn, by, now)
    writes.save()
    history.mark({(each.indicator.pk, each.area.pk) for each in withdrawn}, quiet=False, now=now)
    errors = [
        Rejection(number, refused[each.pk], each.indicator.code, str(each.period))
        for number, each in enumerate(own, 1)
        if each.pk in refused
    ]
    return _note(locked, Written(Report(rows=len(own), revised=len(withdrawn)), writes), errors, by, now)


def _reject_pending(batch: Import, withdrawn: Sequence[_Own], by: Actor, now: datetime) -> None:
    """Reject the pending approvals of the batch: these revisions were never in force."""
    figures = [UUID(each.pk) for each in withdrawn if "pending" in each.states]
    waiting = Approval.objects.filter(revision__batch=batch.pk, revision__measurement__in=figures, state="pending")
    waiting.update(state="rejected", decided_at=now, decided_by=by.name, reason=f"undo {batch.pk}")


def _gather(batch: Import) -> list[_Own]:
    revisions = Revision.objects.filter(batch=batch.pk).select_related("measurement")
    numbers: dict[str, set[int]] = {}
    places = {}
    for revision in revisions.iterator(chunk_size=5000):
        measurement = revision.measurement
        numbers.setdefault(measurement.pk.hex, set()).add(revision.number)
        places[measurement.pk.hex] = measurement
    indicators = Indicator.objects.in_bulk({each.indicator_id for each in places.values()})
    areas = Area.objects.in_bulk({each.area_id for each in places.values()})
    pasts = tables.histories(list(places))
    return [
        _Own(
            pk,
            indicators[each.indicator_id],
            areas[each.area_id],
            Period(each.period_start, each.period_end),
            pasts[pk],
            frozenset(numbers[pk]),
        )
        for pk, each in sorted(places.items())
    ]


def _refused(own: Sequence[_Own], by: Actor, now: datetime) -> dict[str, Item]:
    """By figure id, the reason why the figure cannot be withdrawn."""
    today = clock.local_day(now)
    rows = [
        Row(n, each.indicator.code, each.area.code, each.period, today, "", "", "", "", "", "")
        for n, each in enumerate(own)
    ]
    references = References(rows, by, today)
    found: dict[str, Item] = {}
    for each, row in zip(own, rows, strict=True):
        place = references.places[row[1:3]]
        if isinstance(place, Item):
            found[each.pk] = place
        elif any(
            entry.number > min(each.numbers) and entry.number not in each.numbers for entry, _ in each.past.entries
        ):
            found[each.pk] = NEWER
        elif "approved" in each.states:
            found[each.pk] = APPROVED
    changes = [Change(each.indicator, each.area.pk, each.period, None) for each in own]
    for position, item in measurements.closed(changes, by=by, now=now).items():
        found.setdefault(own[position].pk, item)
    return found


def _withdraw(writes: Writes, each: _Own, ids: Iterator[str], now: datetime) -> None:
    """For each revision of the batch, append a revision on the same day with the content in force without the batch."""
    valid = [entry for entry, state in each.past.entries if state in ("valid", "approved")]
    others = [entry for entry in valid if entry.number not in each.numbers]
    own = [entry for entry in valid if entry.number in each.numbers]
    was = number = each.past.entries[-1][0].number
    recorded_at, today = bulk.moment(max(now, each.past.recorded_at)), clock.local_day(now)
    added: dict[int, Said] = {}
    for entry in own:
        # An undated revision never replaces a dated one, so its content must be repeated with the day.
        before = standing(entry.published, others) or standing(None, others)
        number += 1
        fresh = Entry(number, before.content if before else WITHDRAWN, entry.published, today)
        quiet, row = entry.published != today, _row(each, fresh)
        said = Said(next(ids), each.pk, number, row, quiet, "[]", recorded_at, each.indicator.department_id)
        writes.revisions.append(said)
        valid.append(fresh)
        added[number] = said
    right = current_of(valid)
    if right is not None and right.number in added:
        writes.change_figure(was, number, added[right.number])
    elif added:
        writes.count_revisions(each.pk, was, number)


def _row(each: _Own, entry: Entry) -> Row:
    value = "" if entry.content.value is None else format(entry.content.value, "f")
    said = (value, *entry.content[1:])
    return Row(entry.number, each.indicator.code, each.area.code, each.period, entry.published, *said)


def _note(batch: Import, written: Written, errors: list[Rejection], by: Actor, now: datetime) -> Import:
    left = [
        {"row": number, "slug": item.slug, "detail": both(item.detail), "indicator": indicator, "period": period}
        for number, item, indicator, period in errors[:1000]
    ]
    batch.state = "undone"
    batch.undo = {"withdrawn": written.report.revised, "left": len(errors), "errors": left}
    batch.save(update_fields=["state", "undo"])
    imports.note_undo(batch, written, by=by)
    return batch
