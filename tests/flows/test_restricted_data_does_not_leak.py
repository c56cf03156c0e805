"""Two services that differ only in what department B may not see answer B with the same bytes.

Request ids and times are masked; ids (which are made of times and chance) are replaced by the order in which they
appear, so that a row too many or in another place still shows.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import BytesIO
from itertools import islice
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.db import transaction
from python_calamine import CalamineWorkbook

from indicators.importing.readers import read_bytes
from indicators.models import Department, Indicator
from indicators.services.access import api_keys
from indicators.services.batches import imports
from indicators.services.catalogue import indicators, reporting_duties
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Actor, Scope
from kpitracker.lib.models import CommitSequence
from kpitracker.lib.rest import etags
from kpitracker.lib.rest.pagination import _cursor_signer
from targets.models import Delivery, Plan, Target
from targets.services.alerting import silences
from targets.services.assessment import assess
from targets.services.notifications import webhook_payload
from targets.services.planning import period_locks, targets
from targets.services.reports import closings
from tests import factories
from tests.example_counts import amount
from tests.support import Answer, Api

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SEED = 20261122
# On both databases the same questions; what differs between them shows in fewer.
QUERIES = amount(150, 60, full=1000)
HIDDEN = ["secret-a", "secret-b", "from-secret", "twice-removed"]
INDICATORS = ["sales", "jobs", "ratio", "growth", "own-secret", *HIDDEN, "nothing"]
AREAS = ["city", "north", "nowhere"]
DEPARTMENTS = ["a", "b", "leaders", "nobody"]
DAYS = ["2023-12-31", "2024-02-15", "2024-06-30", "2024-12-31", "2025-03-01"]


def figures(of: str, area: str, months: int, *, until: int = 5) -> None:
    """With something said about the last of them."""
    for month in range(1, months + 1):
        factories.figure(of, f"2024-{month:02}", 10 * month, area=area, published=f"2024-{month + 1:02}-10")
    last = factories.figure(of, "2024-01", until, area=area)
    factories.comment(measurement=last.measurement.pk)


def act_on(made: Any, number: int) -> None:
    """Something is done about each target, one part of it late; B is told of its own."""
    for due in ("2024-03-31", "2035-03-31"):
        action = factories.action(made, due, text=f"Bán nhiều hơn {number}", department="a" if number % 2 else "b")
        factories.comment(action=action)
    factories.comment(target=made)
    until = clock.now() + timedelta(days=9)
    silences.create_silence(by=factories.BY, now=clock.now(), target=made, ends_at=until, reason="Audit")


def secret(code: str, **values: Any) -> None:
    factories.indicator(code, restricted=True, department="a", name=f"Mật {code}", **values)


def target(of: str, **values: Any) -> Any:
    made = factories.target(of, lower=1000, upper=1500, section="economy", **values)
    targets.amend_target(
        target=made,
        by=factories.BY,
        now=clock.now(),
        announced=clock.today().replace(year=2024),
        lower=made.weight * 900,
    )
    return made


def house() -> None:
    """Two areas, two departments below their leaders, and whoever is told of what a key of his could read."""
    for code in ("city", "north"):
        factories.area(code, **({"parent": "city"} if code == "north" else {}))
    factories.department("leaders")
    for code in ("a", "b"):
        factories.department(code, parent="leaders", email=f"{code}@example.org")
    factories.webhook(name="leaders", department="leaders")
    factories.webhook(name="b", department="b")
    factories.contact("a@example.org", department="leaders")
    factories.contact("b@example.org", department="b")


def build(*, secrets: bool) -> Api:
    """The same service with and without A's restricted rows, in between those that B sees."""
    house()
    if secrets:
        secret("secret-a")
    factories.indicator("sales", department="a", name="Bán lẻ")
    if secrets:
        secret("secret-b", accumulation="last")
        factories.indicator("from-secret", formula="2 * secret-a", department="a")
    factories.indicator("jobs", department="b", name="Việc làm")
    factories.indicator("ratio", formula="100 * sales / jobs", department="b")
    factories.indicator("own-secret", department="b", restricted=True)
    if secrets:
        factories.indicator("twice-removed", formula="from-secret + sales", department="b")
    factories.indicator("growth", formula="yoy(sales)", kind="rate", department="b")
    part_codes = ["jobs", "own-secret", *(["secret-a"] if secrets else [])]
    indicators.update_indicator(
        indicator=Indicator.objects.get(code="sales"), by=factories.BY, now=clock.now(), parts=part_codes
    )
    plan = factories.plan("plan", department="a")
    for number, of in enumerate(
        ["sales", "secret-a", "jobs", "secret-b", "from-secret", "ratio", "twice-removed", "own-secret", "growth"]
    ):
        if secrets or of not in HIDDEN:
            made = target(of, area="north" if number % 3 == 2 else "city", department="a" if number % 2 else None)
            act_on(made, number)
    # One heading with parts that B does not see between those that it does.
    for part in Target.objects.exclude(identifier="plan:sales:city"):
        targets.update_target(target=part, by=factories.BY, now=clock.now(), heading="plan:sales:city")
    for of in ("secret-a", "sales", "jobs", "secret-b", "own-secret"):
        if secrets or of not in HIDDEN:
            figures(of, "city", 4)
            figures(of, "north", 2)
            factories.figure(of, "2023-01", 4, area="north", published="2023-02-10")
            reporting_duties.create_duty(
                by=factories.BY, indicator=of, area="north", department="a" if of in HIDDEN else "b"
            )
            until = clock.now().replace(year=clock.today().year + 1)
            period_locks.grant_exception(
                plan=plan, by=factories.BY, now=clock.now(), reason="books", until=until, indicator=of
            )
            while assess.process_series_changes(now=clock.now()):
                pass
    if secrets:
        factories.figure("secret-a", "2024", 3)
        assess.process_series_changes(now=clock.now())
        # Batches of A are nothing that B sees either.
        post_batch("secret-a", "a")
    post_batch("own-secret", "b")
    for day in (date(2024, 6, 30), date(2025, 1, 31)):
        closings.close_plan(plan=plan, by=factories.BY, now=clock.now(), reason="books", as_of=day)
    department = Department.objects.get(code="b")
    scopes = ["read", "figures:write", "figures:history", "plans:write"]
    issued = api_keys.issue_key(scopes=scopes, by=factories.BY, now=clock.now(), department=department, rate=0)
    return Api(issued.secret)


def post_batch(of: str, department: str) -> None:
    by = Actor("batches", Department.objects.get(code=department).pk, ALL_SCOPES - {Scope.ADMIN})
    body = f'[{{"indicator":"{of}","area":"city","period":"2024-04","value":"40","published":"2024-05-10"}},{{}}]'
    rows = list(read_bytes("json", body.encode(), by=by, today=clock.today()))
    imports.import_rows(rows=rows, file_format="json", by=by, now=clock.now(), atomic=False)


Query = tuple[str, str, Any]


def queries(count: int) -> list[Query]:
    chance = random.Random(SEED)  # noqa: S311 (nothing is kept secret by it)
    return [make(chance) for make in chance.choices([a_list, a_detail, a_write], [60, 30, 10], k=count)]


LISTS: dict[str, dict[str, list[str]]] = {
    "areas/": {"search": ["north", "mat"], "ordering": ["code", "-name"]},
    "departments/": {"parent": DEPARTMENTS},
    "indicators/": {
        "search": ["mat", "ban le", "secret", "viec"], "department": DEPARTMENTS, "formula__isnull": ["true", "false"],
        "code": INDICATORS, "code__in": [",".join(INDICATORS)], "ordering": ["name", "-code"],
    },
    "reporting/duties/": {"indicator": INDICATORS, "department": DEPARTMENTS, "area": AREAS},
    "measurements/": {
        "indicator": INDICATORS, "indicator__in": [",".join(INDICATORS)], "area": AREAS, "department": DEPARTMENTS,
        "as_of": DAYS, "include_history": ["true"], "ordering": ["-recorded_at", "period_end", "-period_start"],
        "period": ["2024-01", "2024"], "published__gte": DAYS,
    },
    "reporting/due/": {
        "department": DEPARTMENTS, "indicator": INDICATORS, "area": AREAS, "since": DAYS, "due_before": DAYS, "as_of": DAYS,
    },
    "reporting/completeness/": {"department": DEPARTMENTS, "from": DAYS, "to": DAYS, "as_of": DAYS},
    "holidays/": {"day__gte": DAYS, "working": ["true"]},
    "plans/": {"search": ["plan"]},
    "plans/plan/targets/": {},
    "plans/plan/exceptions/": {},
    "targets/": {"indicator": INDICATORS, "department": DEPARTMENTS, "ordering": ["-id", "period_end"]},
    "statuses/": {
        "indicator": INDICATORS, "department": DEPARTMENTS, "ordering": ["-target", "change", "-change"],
        "status__in": ["missed,off_track", "no_data"], "updated_after": ["0", "1500000000000000", "7500000000000000"],
    },
    "actions/": {
        "search": ["ban nhieu"], "department": DEPARTMENTS, "target": [f"plan:{code}:city" for code in INDICATORS],
        "overdue": ["true", "false"], "due_day__lte": DAYS, "ordering": ["-due_day", "created_at"], "state": ["open"],
    },
    "comments/": {"target": [f"plan:{code}:city" for code in INDICATORS], "ordering": ["-created_at"]},
    "silences/": {"target": [f"plan:{code}:city" for code in INDICATORS], "ordering": ["created_at"]},
    "imports/": {"ordering": ["created_at"], "state": ["done"]},
    "alerts/": {"target": [f"plan:{code}:city" for code in INDICATORS], "ordering": ["opened_at"], "department": DEPARTMENTS},
}  # fmt: skip


def a_list(chance: random.Random) -> Query:
    path = chance.choice(list(LISTS))
    existing = {
        **LISTS[path],
        "page_size": ["1", "2", "3", "100"],
        "cursor": ["nonsense"],
        "typo": ["1"],
        "format": ["csv"],
    }
    rare = {"cursor": 0.05, "typo": 0.05, "format": 0.15}
    names = [name for name in existing if chance.random() < rare.get(name, 0.35)]
    requested = "&".join(f"{name}={quote(chance.choice(existing[name]))}" for name in names)
    return "GET", f"{path}?{requested}" if requested else path, None


def a_detail(chance: random.Random) -> Query:
    indicator, area, day = chance.choice(INDICATORS), chance.choice(AREAS), chance.choice(DAYS)
    target = f"targets/plan:{indicator}:{area}/"
    path = chance.choice([
        f"indicators/{indicator}/", f"indicators/{indicator}/series/?area={area}&as_of={day}",
        f"indicators/{indicator}/series/?area={area}", target, f"{target}status/", f"{target}status/?as_of={day}",
        f"{target}status/?version=original", f"{target}history/?page_size=1", f"{target}amendments/?page_size=1", f"{target}judgements/", f"{target}actions/",
        f"{target}history/?day__gte={day}", "plans/plan/closings/", "plans/plan/closings/1/",
        f"plans/plan/closings/{chance.choice('12')}/comparison/?as_of={day}", "measurements/template/?plan=plan",
        "plans/plan/", "plans/plan/scorecard/", f"plans/plan/scorecard/?as_of={day}",
        f"plans/plan/backtest/?as_of={day}", "plans/plan/backtest/?from=2023&format=csv", f"{target}backtest/?from=2023",
        f"{target}contributions/?as_of={day}", f"{target}contributions/?parts_by=areas&format=csv",
        f"areas/{area}/", f"departments/{chance.choice(DEPARTMENTS)}/", "me/", "keys/", "audit/", "webhooks/", "contacts/",
    ])  # fmt: skip
    return "GET", path, None


def a_write(chance: random.Random) -> Query:
    """What B is refused, and figures of its own."""
    indicator, area = chance.choice(INDICATORS), chance.choice(AREAS)
    figure: dict[str, Any] = {
        "indicator": indicator,
        "area": area,
        "period": chance.choice(["2024-11", "2024"]),
        "value": "7",
    }
    return chance.choice([
        ("POST", "measurements/", figure),
        ("POST", "measurements/", figure | {"published": chance.choice(DAYS)}),
        ("POST", f"measurements/batch/?atomic={chance.choice(['true', 'false'])}&verbose=true", [figure, figure | {"value": "x"}]),
        ("POST", "measurements/batch/?dry_run=true", [figure]),
        ("POST", "targets/", {"plan": "plan", "indicator": indicator, "goal": "at_least", "lower": "1"}),
        ("PATCH", f"targets/plan:jobs:{area}/", {"heading": f"plan:{indicator}:{area}"}),
        ("POST", f"targets/plan:{indicator}:{area}/amendments/", {"lower": "1", "announced": "2024-05-01"}),
        ("POST", "comments/", {"target": f"plan:{indicator}:{area}", "text": "x"}),
        ("POST", "silences/", {"target": f"plan:{indicator}:{area}", "ends_at": "2099-01-01T00:00:00Z", "reason": "x"}),
        ("POST", "silences/", {"indicator": indicator, "ends_at": "2099-01-01T00:00:00Z", "reason": "x"}),
        ("POST", "actions/", {"target": f"plan:{indicator}:{area}", "text": "x", "due_day": "2024-05-01"}),
        ("POST", f"targets/plan:{indicator}:{area}/judgements/", {"status": "met", "reason": "x"}),
        ("PATCH", f"targets/plan:{indicator}:{area}/", {"weight": "2"}),
        ("PATCH", f"indicators/{indicator}/", {"name": "x"}),
        ("DELETE", f"targets/plan:{indicator}:{area}/", None),
        ("POST", "plans/plan/what-if/", {"figures": [{"indicator": indicator, "period": "2024-12", "value": "9"}]}),
        ("POST", "plans/plan/what-if/", {"bands": {f"plan:{indicator}:{area}": {"lower": "5"}}}),
        ("POST", f"targets/plan:{indicator}:{area}/what-if/", {"figures": [{"period": "2024-12", "value": "9"}]}),
        ("POST", "plans/plan/exceptions/", {"reason": "x", "until": "2030-01-01T00:00:00Z", "indicator": indicator}),
    ])  # fmt: skip


UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)")
CHANGE = re.compile(r"\b1\d{15}\b")  # a time, too: change numbers are microseconds
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")  # of a closing, with times in it; its content is compared
REQUEST = re.compile(r'"request_id":"[^"]*"|"request_id": "[^"]*"')
CURSOR = re.compile(r'cursor=([^&"]+)')


class Mask:
    """Times and ids as what they are here: the how-manieth."""

    def __init__(self, prefix: str) -> None:
        self.prefix, self.ids = prefix, dict[str, str]()

    def __call__(self, text: str) -> str:
        text = DIGEST.sub("<digest>", CHANGE.sub("<time>", TIME.sub("<time>", text)))
        text = REQUEST.sub("", text).replace(self.prefix, "<key>")
        return UUID.sub(lambda found: self.ids.setdefault(found[0], f"<id {len(self.ids)}>"), text)


def answers(api: Api, asked: list[Query]) -> Iterator[str]:
    """What each query gets, with up to three pages more."""
    mask = Mask(api.headers["Authorization"].split("_")[1])
    for method, path, body in asked:
        answer = api.call(method, path, body, If_Match="*")
        pages = [told(answer)]
        while len(pages) < 4 and (following := next_page(answer)):
            answer = api.get(following)
            pages.append(told(answer))
        yield mask(f"{method} {path}\n" + "\n".join(pages))


def next_page(answer: Answer) -> str:
    result = answer.json.get("next") if isinstance(answer.json, dict) and answer.status == 200 else None
    return str(result or "").partition("http://testserver")[2]


def told(answer: Answer) -> str:
    """Everything that the caller gets, the places told by cursors in plain text.

    A tag that is made of the body says nothing more than the body does, but with ids and times in it, which differ.
    """
    headers = {name: value for name, value in answer.headers.items() if name not in ("X-Request-ID", "Content-Length")}
    if re.fullmatch(r'(W/)?"[0-9a-f]{32}"', headers.get("ETag", "")):
        del headers["ETag"]
    elif "ETag" in headers:
        # Of a row that can be changed: its version, and a tag of random numbers.
        headers["ETag"] = re.sub(r"\.[0-9a-f]{32}", "", headers["ETag"])
    text = cells_of(answer.raw) if "spreadsheetml" in headers.get("Content-Type", "") else answer.raw.decode()
    body = CURSOR.sub(lambda found: f"cursor={decoded(found[1])}", text)
    return f"{answer.status} {sorted(headers.items())} {body}"


def cells_of(workbook: bytes) -> str:
    """All cells of all sheets, hidden ones too."""
    book = CalamineWorkbook.from_filelike(BytesIO(workbook))
    return "\n".join(f"{name}: {book.get_sheet_by_name(name).to_python()}" for name in book.sheet_names)


def decoded(cursor: str) -> str:
    return str(_cursor_signer().unsign_object(unquote(cursor)))


def pointed() -> list[Query]:
    """Few queries at the places where something shows if it does: what is hidden by name, and every list by pages."""
    hidden = [
        f"{kind}{code}{rest}" for code in HIDDEN for kind, rest in (("indicators/", "/"), ("targets/plan:", ":city/"))
    ]
    lists = [f"{path}?page_size={size}" for path in LISTS for size in (1, 3, 100)]
    lists += [f"{path}?format=csv" for path in LISTS]
    seen = [f"indicators/{code}/" for code in INDICATORS] + ["plans/plan/", "plans/plan/scorecard/"]
    seen += ["plans/plan/closings/", "plans/plan/closings/2/", "plans/plan/closings/1/comparison/"]
    seen += ["measurements/template/?plan=plan"]
    seen += [f"targets/plan:growth:north/contributions/?as_of=2024-03-31{form}" for form in ("", "&format=csv")]
    figure = {"indicator": "sales", "period": "2024-12", "value": "9"}
    tried: list[Query] = [
        ("POST", "plans/plan/what-if/", {"figures": [figure]}),
        ("POST", "targets/plan:sales:city/what-if/", {"figures": [{"period": "2024-12", "value": "9"}]}),
        *(("POST", "plans/plan/what-if/", {"figures": [figure | {"indicator": code}]}) for code in HIDDEN),
        *(("POST", f"targets/plan:{code}:city/what-if/", {"figures": []}) for code in HIDDEN),
    ]
    return [*(("GET", path, None) for path in (*hidden, *lists, *seen)), *tried]


def differences(asked: list[Query], *, most: int | None = None) -> list[str]:
    """The queries whose answers differ between the two services; `most`: asks no more once there are so many."""
    with transaction.atomic():
        first = list(answers(build(secrets=True), asked))
        transaction.set_rollback(True)
    with transaction.atomic():
        both = zip(first, answers(build(secrets=False), asked), strict=True)
        results = list(islice((f"{one}\n---\n{two}" for one, two in both if one != two), most))
        transaction.set_rollback(True)
    return results


def test_generated_queries_have_the_same_answers() -> None:
    assert differences([*pointed(), *queries(QUERIES)]) == []


def told_to_b() -> list[str]:
    """What the webhook of B is sent."""
    rows = Delivery.objects.filter(webhook__name="b").order_by("pk")
    mask = Mask("no key")
    # The row's number within the admin, as in e-mails; the API has none.
    return [re.sub(r"/target/\d+/", "/", mask(json.dumps(webhook_payload.build_payload(row)))) for row in rows]


def both_told_to_b() -> tuple[list[str], list[str]]:
    results = []
    for secrets in (True, False):
        with transaction.atomic():
            build(secrets=secrets)
            plan, until = Plan.objects.get(), clock.now() + timedelta(days=1)
            period_locks.grant_exception(plan=plan, by=factories.BY, now=clock.now(), reason="books", until=until)
            for value in Target.objects.all():
                targets.update_target(target=value, by=factories.BY, now=clock.now(), cooperating=["b"])
            for code in ("secret-a", "sales", "jobs", "secret-b", "own-secret"):
                if secrets or code not in HIDDEN:
                    factories.figure(code, "2024", 3)
            while assess.process_series_changes(now=clock.now()):
                pass
            results.append(told_to_b())
            transaction.set_rollback(True)
    return results[0], results[1]


def test_a_webhook_is_sent_the_same_bytes() -> None:
    with_secrets, without = both_told_to_b()
    assert with_secrets == without
    assert len(without) > 1


def test_the_control_finds_what_a_webhook_is_told_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    leak_rows(monkeypatch)
    with_secrets, without = both_told_to_b()
    assert with_secrets != without


def leak_rows(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(type(Indicator.objects.all()), "hidden_from", lambda self, by, restricted=None: set())


def leak_what_is_computed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(type(Indicator.objects.all()), "computed_from", lambda self, ids: set(ids))


def leak_by_change_numbers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CommitSequence, "next_timestamps", lambda name, count, now: CommitSequence.next_values(name, count))


def leak_by_serial_numbers_in_tags(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(etags, "etag_for", lambda row, shown="": f'"{row.pk}-{row.row_version}"')


def leak_by_cursors(patch: pytest.MonkeyPatch) -> None:
    from indicators.api.v1.views import IndicatorViewSet

    patch.setattr(IndicatorViewSet, "tie_breaker", "pk")


@pytest.mark.parametrize(
    ("leak", "place"),
    [
        (leak_rows, "indicators/"),
        (leak_what_is_computed, "indicators/"),
        (leak_by_change_numbers, "statuses/"),
        (leak_by_serial_numbers_in_tags, "indicators/"),
        (leak_by_cursors, "indicators/?"),
    ],
)
def test_the_control_finds_a_planted_leak(
    leak: Callable[[pytest.MonkeyPatch], None], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked only at the place where it shows: other leaks are asked for everywhere by the generated queries."""
    leak(monkeypatch)
    assert differences([query for query in pointed() if query[1].startswith(place)], most=1) != []
