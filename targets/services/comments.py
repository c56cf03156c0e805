"""Create and withdraw comments."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import QuerySet

from indicators.models import Revision
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Invalid, NotPermitted, Unfit
from kpitracker.lib.texts import text
from targets.models import Action, Alert, Comment, Target
from targets.models.comment import ABOUT

# Users who may write something may also comment; the others have read-only access.
WRITERS = (Scope.FIGURES_WRITE, Scope.PLANS_WRITE, Scope.ALERTS_WRITE)


@transaction.atomic
def create(*, by: Actor, now: datetime, **values: Any) -> Comment:
    """Create a comment about one object, named by its id.

    Raises `Invalid` (required) unless exactly one object is named and the text is not empty, `Unfit` (unknown-target,
    unknown-figure, unknown-alert, unknown-action) for an object that the author may not see, `NotPermitted`.
    """
    if not any(by.may(scope) for scope in WRITERS):
        raise NotPermitted("insufficient-scope", text("Read-only users may not comment.", "Chỉ có quyền xem."))
    named = {name: values[name] for name in ABOUT if values.get(name) is not None}
    if len(named) != 1:
        known = ", ".join(ABOUT)
        raise Invalid("required", text(f"One of: {known}.", f"Cần đúng một trong: {known}."), pointer="")
    if not str(values["text"]).strip():
        raise Invalid("required", text("The text is empty.", "Hãy nhập nội dung."), pointer="/text")
    row = Comment(text=values["text"], author=by.name, created_at=now, **_found(named, by))
    return writing.insert(row, by=by, pointer="")


@transaction.atomic
def withdraw(*, comment: Comment, by: Actor, now: datetime) -> Comment:
    """Remove the text; the author and administrators may. Raises `NotPermitted` (not-your-comment)."""
    if comment.author != by.name and not by.may(Scope.ADMIN):
        raise NotPermitted("not-your-comment", text("Another user wrote it.", "Ý kiến của người khác."))
    locked: Comment = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if locked.withdrawn_at is not None:
        return locked
    return writing.change(locked, {"text": "", "withdrawn_at": now}, by=by, verb="revoked")


def _found(named: Mapping[str, Any], by: Actor) -> dict[str, models.Model]:
    ((name, given),) = named.items()
    if isinstance(given, models.Model):
        given = given.pk if name != "target" else getattr(given, "identifier", given.pk)
    try:
        found = _FIND[name](by, given)
    except ValidationError:  # not even an id
        found = None
    if found is None:
        noun, vietnamese = _NOUNS[name]
        detail = text(f"There is no such {noun}.", f"Không có {vietnamese} này.")
        raise Unfit(f"unknown-{noun}", detail, pointer=f"/{name}")
    return {name: found}


def _figure(by: Actor, pk: Any) -> models.Model | None:
    # A figure without an approved revision does not count yet.
    known = Revision.objects.visible_to(by).valid().filter(measurement=pk).select_related("measurement")
    revision = known.first()
    return revision.measurement if revision else None


def _seen(rows: Callable[[], QuerySet[Any]], key: str) -> Callable[[Actor, Any], models.Model | None]:
    return lambda by, given: rows().visible_to(by).filter(**{key: given}).first()  # type: ignore[attr-defined]


_FIND: dict[str, Callable[[Actor, Any], models.Model | None]] = {
    "target": _seen(Target.objects.all, "identifier"),
    "measurement": _figure,
    "alert": _seen(Alert.objects.all, "pk"),
    "action": _seen(Action.objects.all, "pk"),
}
_NOUNS = {
    "target": ("target", "chỉ tiêu kế hoạch"),
    "measurement": ("figure", "số liệu"),
    "alert": ("alert", "cảnh báo"),
    "action": ("action", "biện pháp"),
}
