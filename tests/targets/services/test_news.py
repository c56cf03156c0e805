"""Everything that is recorded is news, unless it was posted quietly. What came quietly is told with the next news."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from indicators.domain.periods import Period
from indicators.models import Approval, Department, Import, Indicator, Revision, User
from indicators.services.batches import import_undo, imports
from indicators.services.batches.rows import FigureRow
from indicators.services.figures import approvals
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Actor
from kpitracker.lib.errors import Forbidden
from targets.models import Alert, Assessment, Delivery, StatusChange, Target
from targets.services.alerting import user_responses
from targets.services.assessment import assess, daily
from targets.services.planning import targets
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]

BY = factories.BY
YEAR = clock.today().year
# With 105 in January the target is on track, with 98 at risk, with 50 off track.
JANUARY = f"{YEAR}-01"


def look() -> None:
    assess.process_series_changes(now=clock.now())


def record(
    value: object, *, days_ago: int | None = 0, indicator: str = "sales", period: str = JANUARY, **values: Any
) -> None:
    """Post a figure of `days_ago` (None: of an unknown day) that is loud unless it says otherwise."""
    published = None if days_ago is None else clock.today() - timedelta(days=days_ago)
    factories.figure(indicator, period, value, published=published, **{"quiet": False, **values})


def post(value: object, **values: Any) -> None:
    record(value, **values)
    look()


def amend(lower: int) -> None:
    target = Target.objects.get(indicator__code="sales")
    targets.amend_target(target=target, by=BY, now=clock.now(), announced=clock.today(), act="7", lower=lower)


def resolve() -> None:
    user_responses.resolve_alert(alert=Alert.objects.get(state="firing"), by=BY, now=clock.now(), reason="Known")


def messages() -> list[str]:
    rows = Delivery.objects.filter(alert__rule__code="status-worrying", channel="email").order_by("pk")
    return [f"{event} {status}" for event, status in rows.values_list("event", "status")]


@pytest.fixture(autouse=True)
def world() -> None:
    factories.area()
    factories.department(email="statistics@example.org")
    factories.indicator(department="statistics")
    factories.plan(period=str(YEAR))
    factories.target()
    post(105, days_ago=20)
    assert messages() == []


Steps = list[Callable[[], None]]
HISTORIES: dict[str, tuple[Steps, list[str]]] = {
    "a figure of today": ([lambda: post(50)], ["opened off_track"]),
    "a figure of yesterday": ([lambda: post(50, days_ago=1)], ["opened off_track"]),
    "a figure of some weeks ago": ([lambda: post(50, days_ago=19)], ["opened off_track"]),
    "a figure of an unknown day does not become current": ([lambda: post(50, days_ago=None)], []),
    "a quiet figure": ([lambda: post(50, quiet=True)], []),
    "a quiet figure of yesterday": ([lambda: post(50, days_ago=1, quiet=True)], []),
    "it came quietly, and the next figure leaves the status": (
        [lambda: post(50, quiet=True), lambda: post(51)],
        ["opened off_track"],
    ),
    "and the next figure changes nothing at all": (
        [lambda: post(50, quiet=True), lambda: post(7, period=f"{YEAR - 3}-05")],
        ["opened off_track"],
    ),
    "and the next figure is of yesterday": (
        [lambda: post(50, days_ago=2, quiet=True), lambda: post(51, days_ago=1)],
        ["opened off_track"],
    ),
    "and the next figure is better, yet not well": (
        [lambda: post(50, quiet=True), lambda: post(98)],
        ["opened at_risk"],
    ),
    "and the next figure is well": ([lambda: post(50, quiet=True), lambda: post(105)], []),
    "and the next figure is quiet too": ([lambda: post(50, quiet=True), lambda: post(51, quiet=True)], []),
    "twice quiet, then news": (
        [lambda: post(98, quiet=True), lambda: post(50, quiet=True), lambda: post(51)],
        ["opened off_track"],
    ),
    "told once, not with each figure": (
        [lambda: post(50, quiet=True), lambda: post(51), lambda: post(52), lambda: post(53)],
        ["opened off_track"],
    ),
    "quiet and loud in one job, the quiet one first": (
        [lambda: record(50, quiet=True), lambda: post(51)],
        ["opened off_track"],
    ),
    "loud and quiet in one job, the loud one first": (
        [lambda: record(50), lambda: post(51, quiet=True)],
        ["opened off_track"],
    ),
    "it became worse quietly": ([lambda: post(98), lambda: post(50, quiet=True)], ["opened at_risk"]),
    "it became worse quietly, and the next figure tells it": (
        [lambda: post(98), lambda: post(50, quiet=True), lambda: post(51)],
        ["opened at_risk", "worse off_track"],
    ),
    "the end of an alert is told also when it came quietly": (
        [lambda: post(50), lambda: post(105, quiet=True)],
        ["opened off_track", "resolved on_track"],
    ),
    "what a person closed stays closed while the status stays": (
        [lambda: post(50), resolve, lambda: post(51)],
        ["opened off_track", "resolved off_track"],
    ),
    "an amendment tells it with the next figure": (
        [lambda: amend(2400), lambda: post(101)],
        ["opened off_track"],
    ),
    "an amendment alone tells nobody": ([lambda: amend(2400)], []),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "expected"), HISTORIES.values(), ids=HISTORIES)
def test_who_is_told(steps: Steps, expected: list[str]) -> None:
    for step in steps:
        step()
    assert messages() == expected
    assert Alert.objects.filter(rule__code="status-worrying").count() <= 1


BEFORE: dict[str, tuple[Steps, str]] = {
    "the status of the last message, not the one that came quietly": (
        [lambda: post(98), lambda: post(50, quiet=True), lambda: post(51)],
        "at_risk",
    ),
    "the status of the last message, at the end too": (
        [lambda: post(50), lambda: post(98, quiet=True), lambda: post(105)],
        "off_track",
    ),
    "of the first message, the status of the target before": ([lambda: post(105), lambda: post(50)], "on_track"),
}


@pytest.mark.parametrize(("steps", "before"), BEFORE.values(), ids=BEFORE)
def test_what_a_message_names_as_before(steps: Steps, before: str) -> None:
    for step in steps:
        step()
    assert Delivery.objects.filter(channel="email").latest("pk").snapshot["before"] == before


def test_the_input_of_a_formula_tells_it() -> None:
    factories.indicator("trade", department="statistics")
    factories.indicator("share", formula="100 * sales / trade", kind="rate", department="statistics")
    factories.target("share", lower=90)
    for indicator in ("sales", "trade"):
        record(100, indicator=indicator, period=f"{YEAR - 2}-05", quiet=True)
    post(200, indicator="trade", quiet=True)
    assert Assessment.objects.get(target__indicator__code="share").not_notified
    post(100, indicator="trade", period=f"{YEAR - 2}-06")
    assert [alert.target.indicator.code for alert in Alert.objects.all()] == ["share"]


def test_a_later_approval_keeps_what_the_post_said() -> None:
    Indicator.objects.update(needs_approval=True)
    user = User.objects.create_user("second")
    second = Actor("admin second", Department.objects.get().pk, ALL_SCOPES, person=user.pk)

    def approve() -> None:
        waiting = Approval.objects.filter(state="pending").values_list("pk", flat=True)
        approvals.decide_approvals(revisions=list(waiting), approve=True, by=second, now=clock.now())
        look()

    post(50, quiet=True)
    approve()
    assert (Assessment.objects.get().status, messages()) == ("off_track", [])
    post(51)
    assert messages() == []
    approve()
    assert messages() == ["opened off_track"]


def send_batch(value: int, *, quiet: bool = False) -> Import:
    row = FigureRow(1, "sales", "city", Period.parse(JANUARY), clock.today(), str(value), *[""] * 5)
    batch = imports.import_rows(rows=[row], file_format="csv", by=BY, now=clock.now(), quiet=quiet).batch
    assert batch is not None
    look()
    return batch


@pytest.mark.parametrize(
    ("quiet", "expected"),
    [
        pytest.param(False, ["opened off_track"], id="an undo is news"),
        pytest.param(True, [], id="a quiet undo is none"),
    ],
)
def test_what_an_undo_brings_back(quiet: bool, expected: list[str]) -> None:
    post(50, quiet=True)
    batch = send_batch(110, quiet=True)
    undone = import_undo.undo_batch(batch=batch, by=BY, now=clock.now(), quiet=quiet)
    look()
    assert messages() == expected
    assert undone.undo is not None
    assert undone.undo["quiet"] is quiet
    assert Revision.objects.latest("number").quiet is quiet


def test_a_batch_is_news_unless_it_is_quiet() -> None:
    batch = send_batch(50, quiet=True)
    assert (batch.quiet, messages()) == (True, [])
    batch = send_batch(51)
    assert (batch.quiet, messages()) == (False, ["opened off_track"])
    assert list(Revision.objects.order_by("number").values_list("quiet", flat=True)) == [False, True, False]


def test_who_may_not_load_history_may_not_be_quiet() -> None:
    batch, by = send_batch(98), BY._replace(scopes=frozenset({"figures:write"}))
    row = FigureRow(1, "sales", "city", Period.parse(JANUARY), clock.today(), "50", *[""] * 5)
    attempts: list[Callable[[], object]] = [
        lambda: imports.import_rows(rows=[row], file_format="csv", by=by, now=clock.now(), quiet=True),
        lambda: imports.queue_import(pk=batch.pk, file_format="csv", by=by, now=clock.now(), size=1, quiet=True),
        lambda: import_undo.undo_batch(batch=batch, by=by, now=clock.now(), quiet=True),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden):
            attempt()
    assert Revision.objects.count() == 2


def test_what_time_alone_changes_is_never_quiet() -> None:
    factories.plan("next", str(YEAR + 1))
    target = factories.target(plan="next")
    later = clock.now() + timedelta(days=500)
    daily.assess_expired(now=later)
    change = StatusChange.objects.filter(target=target).latest("pk")
    assert (change.before, change.after, change.quiet) == ("not_due", "no_data", False)


def test_the_day_alone_is_not_the_cause_where_a_quiet_figure_waits() -> None:
    factories.plan("next", str(YEAR + 1))
    target = factories.target(plan="next")
    tomorrow: datetime = clock.now() + timedelta(days=500)
    factories.figure("sales", f"{YEAR + 1}-01", 5, published=date(YEAR + 1, 2, 9), now=tomorrow, quiet=True)
    daily.assess_expired(now=tomorrow)
    assert StatusChange.objects.filter(target=target).latest("pk").quiet
