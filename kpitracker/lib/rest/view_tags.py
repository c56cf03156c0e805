"""Tags before work: an answer that the caller has already costs one read of version counters.

The tag of a view is made of the counters that its body depends on and the caller may see, the day, the address with
its query, the language, the format, the scopes and department of the caller, and the version of the code. So the same
tag means the same bytes, and what a caller may not see moves none of its tags. Views without a rule keep the hash of
their body.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b, sha256
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from rest_framework.request import Request

from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, get_actor
from kpitracker.lib.db.counter_triggers import MODULUS, UNKNOWN_INDICATOR
from kpitracker.lib.db.version_counters import Counter, CounterSum, read_counters
from kpitracker.lib.db.visible_indicators import visible_indicators

CATALOGUE = "catalogue"  # the topic that also decides which indicators a caller may see

_TAG = re.compile(r'"([^"]*)"')
# Settings that answers of the API depend on.
_SETTINGS = ("ALERT_EMAIL", "HOME_AREA", "LANGUAGE_CODE", "PUBLIC_URL", "TIME_ZONE")


class CountedBy(NamedTuple):
    """A topic that a view depends on; of one object, if the path or the query names it.

    `object_sql` finds its id for the value of the argument `name` of the path, or of the query parameter (`?name`).
    """

    topic: str
    object_sql: str = ""
    name: str = ""

    def counter(self, request: Request, arguments: Mapping[str, object]) -> Counter:
        value = request.query_params.get(self.name[1:]) if self.name.startswith("?") else arguments.get(self.name)
        return Counter(self.topic) if value is None else Counter(self.topic, self.object_sql, str(value))


# What the body of each action depends on, by the name of the action.
TagRules = Mapping[str, Sequence[CountedBy]]


def make_tag(request: Request, rules: Sequence[CountedBy], facts: Sequence[object] = ()) -> str:
    """The tag of what a view with these rules answers now. Call it before the view reads anything.

    `facts`: what the body depends on beside the rows that are counted.
    """
    by, arguments = get_actor(request), (request.parser_context or {}).get("kwargs", {})
    counters = {CountedBy(CATALOGUE).counter(request, arguments)} | {rule.counter(request, arguments) for rule in rules}
    sums = read_counters(sorted(counters))
    catalogue = sum(row.total for row in sums if row.topic == CATALOGUE)
    visible = visible_indicators(by, catalogue)
    return _digest(
        (
            source_version(),
            *(getattr(settings, name) for name in _SETTINGS),
            clock.today(),
            get_language(),
            request.accepted_renderer.format,
            request.scheme,
            request.get_host(),
            request.path,
            request.META.get("QUERY_STRING", ""),
            by.department,
            *sorted(by.scopes),
            visible.digest,
            *_visible_sums(sums, visible.hidden, by),
            *facts,
        )
    )


def _visible_sums(sums: Sequence[CounterSum], hidden: frozenset[int], by: Actor) -> list[tuple[str, int, int]]:
    """Topic, object and total of what the caller may see. Whether rows are folded does not show."""
    totals: dict[tuple[str, int], int] = {}
    for topic, object_id, indicator_id, total in sums:
        if indicator_id in hidden or (indicator_id == UNKNOWN_INDICATOR and by.department is not None):
            continue
        totals[topic, object_id] = totals.get((topic, object_id), 0) + total
    return [(topic, object_id, total % MODULUS) for (topic, object_id), total in sorted(totals.items())]


def _digest(parts: Sequence[object]) -> str:
    # With a secret key: the numbers of the counters cannot be found by trying.
    key = sha256(settings.SECRET_KEY.encode()).digest()
    return blake2b("\0".join(map(str, parts)).encode(), key=key, digest_size=16).hexdigest()


@cache
def source_version() -> str:
    """A digest of the code, the texts and the packages: another release may answer in another way."""
    digest = sha256()
    for package in ("kpitracker", "indicators", "targets"):
        for path in sorted((settings.BASE_DIR / package).rglob("*")):
            if path.suffix in (".py", ".po", ".mo", ".json"):
                digest.update(path.read_bytes())
    digest.update((settings.BASE_DIR / "requirements.lock").read_bytes())
    return digest.hexdigest()[:16]


def not_modified(request: Request, tag: str) -> HttpResponse | None:
    """The response 304 when the caller has the answer with this tag, else None."""
    for entity_tag in _TAG.findall(request.META.get("HTTP_IF_NONE_MATCH", "")):
        if entity_tag == tag or entity_tag.endswith(f".{tag}"):
            return HttpResponseNotModified(headers={"ETag": f'"{entity_tag}"'})
    return None


def set_tag(request: Request, response: HttpResponseBase, tag: str) -> bool:
    """Give a complete answer its tag. That of a row that can be changed keeps the version of the row, for If-Match.

    A caller that sends the tag of a write gets it again, and 304. Returns whether the answer got the tag.
    """
    if response.status_code != 200 or response.streaming:
        return False
    row_tag = response.headers.get("ETag", "")
    if row_tag and row_tag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        return False
    version = row_tag.strip('"').partition(".")[0]
    response.headers["ETag"] = f'"{version}.{tag}"' if version else f'"{tag}"'
    return True


def find_rules(view: Any) -> Sequence[CountedBy] | None:
    """The rules of the requested action; None: its tag is the hash of its body. Files have tags of their own."""
    if view.request.method not in ("GET", "HEAD") or view.wants_file:
        return None
    rules: Sequence[CountedBy] | None = view.tag_rules.get(view.action or "")
    return rules
