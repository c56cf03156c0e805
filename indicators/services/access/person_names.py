"""Names of the people and keys behind the stored names of actors: `admin lan` is Nguyễn Thị Lan."""

from contextvars import ContextVar
from typing import Any

from django.core.signals import request_started
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat
from django.dispatch import receiver

from indicators.models import ApiKey, User
from kpitracker.lib.db.search import search_rows

# A list names the same few people in each row: one query for each of them and request.
_names: ContextVar[dict[str, str] | None] = ContextVar("names", default=None)


@receiver(request_started)
def _forget_names(**_: object) -> None:
    _names.set({})


def shown_name(actor: str) -> str:
    """The name of the user, or of the key, that acted; the stored name where there is none."""
    names = _names.get()
    if names is None:
        return _find_name(actor)
    if actor not in names:
        names[actor] = _find_name(actor)
    return names[actor]


def actors_named(word: str) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """Queries of the stored names of the users and of the keys that have this word, normalized, in their names."""
    users = search_rows(User.objects.all(), [word], ("username", "first_name", "last_name"))
    keys = search_rows(ApiKey.objects.all(), [word], ("prefix", "name"))
    return (
        users.annotate(actor=Concat(Value("admin "), "username")).values("actor"),
        keys.annotate(actor=Concat(Value("key "), "prefix")).values("actor"),
    )


def _find_name(actor: str) -> str:
    door, _, identifier = actor.partition(" ")
    name = ""
    if door == "admin":
        user = User.objects.filter(username=identifier).first()
        name = (user.get_full_name() if user else "") or identifier
    elif door == "key":
        name = ApiKey.objects.filter(prefix=identifier).values_list("name", flat=True).first() or ""
    return name or actor
