"""Which entries of the audit an actor may read, in the API, on the page of the audit and in the history of a row."""

from collections.abc import Iterable

from django.db.models import QuerySet

from indicators.models import Department
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.models import AuditEntry

# Their entries tell of figures that wait for approval or were rejected.
_FIGURES = ("indicators.measurement", "indicators.revision", "indicators.approval")


def entries_visible_to(by: Actor) -> QuerySet[AuditEntry]:
    """The entries of the actor's own part: what its department and those below it did; all for the whole organisation."""
    if by.department is None:
        return AuditEntry.objects.all()
    return AuditEntry.objects.filter(department__in=Department.objects.subtree_ids(by.department))


def history_shown_to(by: Actor, entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    """The entries of one row. Of changes by other departments, those who see everything see what and when, not who."""
    own = set() if by.department is None else Department.objects.subtree_ids(by.department)
    reads_all = by.department is None and by.may(Scope.ADMIN)
    shown = []
    for entry in entries:
        if not reads_all and entry.department not in own:
            if not by.sees_everything or entry.kind in _FIGURES:
                continue
            entry.actor, entry.address, entry.request_id = "", "", ""
        shown.append(entry)
    return shown
