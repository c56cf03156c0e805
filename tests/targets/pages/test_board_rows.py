"""What a row of the board says beside its numbers: the change, what is open, and why; and the sentence on top."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from indicators.models import Department
from targets.models import Alert, AlertRule, Target
from tests import factories
from tests.targets.pages.board_world import PAST, reader_of_two_targets, row_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return reader_of_two_targets()


@pytest.mark.parametrize(
    ("name", "compare", "expected"),
    [
        pytest.param("Roads", "2024-01-15", "off track worse, before: not due yet", id="a status that judged nothing"),
        pytest.param("Roads", "2024-06-15", "off track worse, before: −14.92 km", id="the same status, further behind"),
        pytest.param("Trees", "2024-06-15", "on track before: +2.62", id="on track both times"),
        pytest.param("Trees", "2024-07-14", "on track unchanged", id="nothing happened"),
        pytest.param("Sales", "2024-06-15", "no data unchanged", id="no data both times"),
        pytest.param("Roads", "2023-12-01", "off track not announced on 1 December 2023", id="not announced then"),
    ],
)
def test_a_row_says_how_the_target_stood_on_the_earlier_day(
    client: Client, name: str, compare: str, expected: str
) -> None:
    assert expected in row_of(client.get(f"{PAST}&compare={compare}"), name)


def test_a_better_and_a_worse_status_are_named(client: Client) -> None:
    factories.figure("roads", "2024-07", 40, published="2024-08-10")
    factories.figure("trees", "2024-07", -40, published="2024-08-10")
    answer = client.get("/?plan=plan&as_of=2024-08-15&compare=2024-07-15")
    assert "better, before: off track, −17.84 km" in row_of(answer, "Roads")
    assert "worse, before: on track" in row_of(answer, "Trees")
    assert "kém hơn, trước: đúng tiến độ" in row_of(
        client.get("/?plan=plan&as_of=2024-08-15&compare=2024-07-15", headers={"Accept-Language": "vi"}), "Trees"
    )


def test_open_actions_say_who_does_what_by_when(client: Client) -> None:
    factories.department("builders")
    roads = Target.objects.get(identifier="plan:roads:city")
    factories.action(roads, "2024-09-30", text="Ask the ministry")
    factories.action(roads, "2024-07-01", text="Open two more lanes", person="Lan", department="builders")
    moment = datetime(2024, 6, 1, tzinfo=UTC)
    roads.actions.update(created_at=moment)
    answer = client.get(PAST)
    row = row_of(answer, "Roads")
    assert "Open two more lanes Lan, Builders, due 1 July 2024, late; 1 more" in row
    assert 'href="/targets/plan:roads:city/?as_of=2024-07-15#actions"' in answer.content.decode()
    roads.actions.update(created_at=datetime(2024, 8, 1, tzinfo=UTC))
    assert "lanes" not in row_of(client.get(PAST), "Roads")  # planned later


@pytest.mark.parametrize(
    ("acknowledged", "resolved", "expected"),
    [
        pytest.param(None, None, "alert of 3 July 2024 not acknowledged", id="open"),
        pytest.param("2024-07-04", None, "alert of 3 July 2024 acknowledged", id="acknowledged by then"),
        pytest.param("2024-08-01", None, "alert of 3 July 2024 not acknowledged", id="acknowledged later"),
        pytest.param(None, "2024-08-01", "alert of 3 July 2024 not acknowledged", id="resolved later"),
        pytest.param(None, "2024-07-10", "", id="resolved before"),
    ],
)
def test_open_alerts_are_those_of_the_day(
    client: Client, acknowledged: str | None, resolved: str | None, expected: str
) -> None:
    rule = AlertRule.objects.order_by("pk")[0]
    Alert.objects.create(
        rule=rule,
        target=Target.objects.get(identifier="plan:roads:city"),
        status="off_track",
        severity="warning",
        state="resolved" if resolved else "acknowledged" if acknowledged else "firing",
        opened_at=datetime(2024, 7, 3, 3, tzinfo=UTC),
        acknowledged_at=datetime.fromisoformat(f"{acknowledged}T03:00Z") if acknowledged else None,
        resolved_at=datetime.fromisoformat(f"{resolved}T03:00Z") if resolved else None,
    )
    row = row_of(client.get(PAST), "Roads")
    assert expected in row
    assert ("alert" in row) is bool(expected)


def test_a_note_stands_only_where_the_numbers_do_not_say_it(client: Client) -> None:
    page = text_of(client.get(PAST))
    table = page[page.index("what is open") :]
    assert "nothing was reported, the first figure was due on 20 February 2024" in table
    assert "due by then" not in table
    late = text_of(client.get("/?plan=plan&as_of=2024-09-15"))
    assert "a newer figure was due on 20 August 2024" in late


def test_more_than_was_ever_seen_stands_in_the_sentence_on_top(client: Client) -> None:
    for month in range(1, 13):
        factories.figure("roads", f"2023-{month:02}", 2, published="2024-01-10")
    text = text_of(client.get(PAST))
    assert "Roads: more is needed than ever seen: 8 km a month; the most was 2 km, in" in text
    assert text.index("1 of 3 targets") < text.index("Roads: 12 km in the first") < text.index("Roads: more is needed")


def test_the_sentence_on_top_is_of_the_worst_target_in_every_order_and_filter(client: Client) -> None:
    for choice in ("", "&sort=name", "&status=on_track", "&group=section"):
        assert "Roads: 12 km in the first 6 months of 2024" in text_of(client.get(PAST + choice)), choice


def test_links_keep_the_day_unless_it_is_today(client: Client) -> None:
    assert 'href="/targets/plan:roads:city/?as_of=2024-07-15"' in client.get(PAST).content.decode()
    assert 'href="/targets/plan:roads:city/"' in client.get("/?plan=plan").content.decode()


def test_the_variance_has_its_sign_and_says_whether_it_is_good(client: Client) -> None:
    factories.indicator("waste")
    factories.target("waste", goal="at_most", upper=120)
    for month in range(1, 7):
        factories.figure("waste", f"2024-{month:02}", 5, published=f"2024-{month + 1:02}-10")
    answer = client.get(PAST)
    assert "−17.84 km bad" in row_of(answer, "Roads")
    assert "+3.25 good" in row_of(answer, "Trees")
    assert "−29.67 good" in row_of(answer, "Waste")


def test_areas_are_named_where_there_are_several(client: Client) -> None:
    assert "City" not in row_of(client.get(PAST), "Roads")
    factories.area("district")
    factories.target("roads", area="district", lower=5)
    assert "Roads City" in row_of(client.get(PAST), "Roads")


def test_the_lead_is_named(client: Client) -> None:
    Department.objects.update(name="Bureau of statistics")
    assert row_of(client.get(PAST), "Sales").rstrip().endswith("Bureau of statistics")


def test_the_printed_board_says_when_and_by_whom(client: Client) -> None:
    with time_machine.travel(datetime(2026, 11, 30, 5, tzinfo=UTC), tick=False):
        answer = client.get(PAST, headers={"Accept-Language": "vi"})
    assert "In ngày 30/11/2026, lan" in text_of(answer)
