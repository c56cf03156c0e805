"""Create and withdraw comments."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import QuerySet

from indicators.models import Revision
from kpitracker.lib import crud
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Forbidden, Unprocessable, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.text_validation import is_blank
from targets.models import Action, Alert, Comment, Target
from targets.models.comment import SUBJECT_FIELDS

# Users who may write something may also comment; the others have read-only access.
COMMENT_SCOPES = (Scope.FIGURES_WRITE, Scope.PLANS_WRITE, Scope.ALERTS_WRITE)


def may_comment(by: Actor) -> bool:
    """Whether the user may write something, and so may comment on what they see."""
    return any(by.may(scope) for scope in COMMENT_SCOPES)


@transaction.atomic
def create_comment(*, by: Actor, now: datetime, **values: Any) -> Comment:
    """Create a comment about one object, named by its id.

    Raises `ValidationProblem` (required) unless exactly one object is named and the text is not empty, `Unprocessable` (unknown-target,
    unknown-figure, unknown-alert, unknown-action) for an object that the author may not see, `Forbidden`.
    """
    if not may_comment(by):
        raise Forbidden("insufficient-scope", text("Read-only users may not comment.", "Chỉ có quyền xem."))
    subjects = {name: values[name] for name in SUBJECT_FIELDS if values.get(name) is not None}
    if len(subjects) != 1:
        allowed_names = ", ".join(SUBJECT_FIELDS)
        raise ValidationProblem(
            "required", text(f"One of: {allowed_names}.", f"Cần đúng một trong: {allowed_names}."), pointer=""
        )
    if is_blank(str(values["text"])):
        raise ValidationProblem("required", text("The text is empty.", "Hãy nhập nội dung."), pointer="/text")
    comment = Comment(text=values["text"], author=by.name, created_at=now, **_resolve_subject(subjects, by))
    return crud.insert_row(comment, by=by, pointer="")


@transaction.atomic
def withdraw_comment(*, comment: Comment, by: Actor, now: datetime) -> Comment:
    """Remove the text; the author and administrators may. Raises `Forbidden` (not-your-comment)."""
    if comment.author != by.name and not by.may(Scope.ADMIN):
        raise Forbidden("not-your-comment", text("Another user wrote it.", "Ý kiến của người khác."))
    locked: Comment = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if locked.withdrawn_at is not None:
        return locked
    return crud.change_row(locked, {"text": "", "withdrawn_at": now}, by=by, verb="revoked")


def _resolve_subject(subjects: Mapping[str, object], by: Actor) -> dict[str, models.Model]:
    ((name, reference),) = subjects.items()
    if isinstance(reference, models.Model):
        reference = reference.pk if name != "target" else getattr(reference, "identifier", reference.pk)
    try:
        subject = _FINDERS[name](by, reference)
    except ValidationError:  # not even an id
        subject = None
    if subject is None:
        noun, vietnamese = _NOUNS[name]
        detail = text(f"There is no such {noun}.", f"Không có {vietnamese} này.")
        raise Unprocessable(f"unknown-{noun}", detail, pointer=f"/{name}")
    return {name: subject}


def _find_measurement(by: Actor, pk: object) -> models.Model | None:
    # A figure without an approved revision does not count yet.
    revisions = Revision.objects.visible_to(by).valid().filter(measurement=pk).select_related("measurement")
    revision = revisions.first()
    return revision.measurement if revision else None


def _make_finder(all_rows: Callable[[], QuerySet[Any]], key: str) -> Callable[[Actor, Any], models.Model | None]:
    return lambda by, value: all_rows().visible_to(by).filter(**{key: value}).first()  # type: ignore[attr-defined]


_FINDERS: dict[str, Callable[[Actor, object], models.Model | None]] = {
    "target": _make_finder(Target.objects.all, "identifier"),
    "measurement": _find_measurement,
    "alert": _make_finder(Alert.objects.all, "pk"),
    "action": _make_finder(Action.objects.all, "pk"),
}
_NOUNS = {
    "target": ("target", "chỉ tiêu"),
    "measurement": ("figure", "số liệu"),
    "alert": ("alert", "cảnh báo"),
    "action": ("action", "biện pháp"),
}
