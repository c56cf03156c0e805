"""The start page of the admin: each kind of what waits, for each role, in both languages."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.utils.translation import override

from indicators.models import AccountEmail, Revision, SeriesChange
from indicators.services.catalogue import reporting_duties
from kpitracker.lib import clock
from targets.models import Delivery
from targets.services.assessment import assess
from targets.services.notifications import pause
from tests import factories
from tests.admin_support import client_of, person

pytestmark = pytest.mark.django_db

ROLES = ("viewer", "officer", "planner", "administrator")
# Pages take long to render: each role reads one language here.
LANGUAGES = {"viewer": "vi", "officer": "en", "planner": "vi", "administrator": "en"}
EVERYONE, KEEPER = ROLES, ("administrator",)
QUIET = {"en": "Nothing waits:", "vi": "Không có việc gì chờ xử lý:"}


def lines_of(client: Client, language: str = "en") -> dict[str, str]:
    """The sentences, by address of the rows."""
    page = client.get("/admin/", headers={"Accept-Language": language}).content.decode()
    section = page.partition('aria-labelledby="attention"')[2].partition("</section>")[0]
    assert (QUIET[language] in section) is ("<li" not in section)
    links = re.findall(r'href="([^"]*)">(.*?)</a>', section)
    return {html.unescape(address): html.unescape(sentence) for address, sentence in links}


def a_catalogue() -> None:
    factories.area()
    factories.department()
    factories.indicator(department="statistics")


def owed_figures() -> None:
    last_year = clock.today().year - 1
    factories.indicator("yearly", department="statistics", frequency="year")
    factories.plan(period=str(last_year), department="statistics")
    factories.target("yearly")
    reporting_duties.create_duty(by=factories.BY, indicator="yearly", area="city", department="statistics")


def approvals() -> None:
    factories.indicator("checked", department="statistics", needs_approval=True)
    factories.figure("checked", "2024", 5)


def doubtful_figures() -> None:
    """A figure of a period that has not begun counts as a forecast."""
    factories.figure("sales", str(clock.today().year + 1), 900)
    assert Revision.objects.get().warnings
    SeriesChange.objects.all().delete()


def old_deliveries(state: str, **age: float) -> None:
    factories.plan(department="statistics")
    factories.target()
    factories.contact(department="statistics")
    factories.figure("sales", "2024", 1)
    assess.process_series_changes(now=clock.now())
    Delivery.objects.exclude(pk=Delivery.objects.latest("pk").pk).delete()
    Delivery.objects.update(state=state, due_at=clock.now() - timedelta(**age))


def paused_deliveries() -> None:
    pause.pause_delivery(by=factories.BY)
    old_deliveries("pending", seconds=1)


def emails(state: str) -> None:
    person("hoa", department="statistics")
    AccountEmail.objects.update(state=state, due_at=clock.now() - timedelta(hours=1))


def unassessed_changes() -> None:
    factories.plan(department="statistics")
    factories.target()
    factories.figure("sales", "2024", 900)
    SeriesChange.objects.update(recorded_at=clock.now() - timedelta(minutes=5))


def imports(**values: Any) -> None:
    factories.batch(department="statistics", **values)


LISTS = "/admin/{}/?attention={}"
CASES: dict[str, tuple[Callable[[], object], str, str, str, tuple[str, ...]]] = {
    "figures that are owed": (
        owed_figures, "/admin/targets/assessment/owed/", "1 figure is owed, 1 of them late.",
        "Còn phải báo cáo 1 số liệu, trong đó 1 số liệu quá hạn.", EVERYONE,
    ),
    "figures for a second person": (
        approvals, LISTS.format("indicators/approval", "pending"),
        "1 figure waits for the approval of a second person.", "1 số liệu chờ người thứ hai duyệt.", EVERYONE,
    ),
    "messages that failed": (
        lambda: old_deliveries("failed", days=1), LISTS.format("targets/delivery", "failed"),
        "1 message of the last 30 days could not be sent.", "1 tin cảnh báo trong 30 ngày qua không gửi được.", EVERYONE,
    ),
    "messages held up without a pause": (
        lambda: old_deliveries("pending", hours=1), LISTS.format("targets/delivery", "held"),
        "1 message is held up: delivery is paused or does not run.",
        "1 tin cảnh báo đang bị giữ: việc gửi tạm dừng hoặc không chạy.", EVERYONE,
    ),
    "messages held up by the pause": (
        paused_deliveries, LISTS.format("targets/delivery", "held"),
        "1 message is held up: delivery is paused or does not run.",
        "1 tin cảnh báo đang bị giữ: việc gửi tạm dừng hoặc không chạy.", EVERYONE,
    ),
    "account e-mails that failed": (
        lambda: emails("failed"), LISTS.format("indicators/accountemail", "failed"),
        "1 account e-mail of the last 30 days could not be sent.",
        "1 thư gửi người dùng trong 30 ngày qua không gửi được.", KEEPER,
    ),
    "account e-mails held up": (
        lambda: emails("pending"), LISTS.format("indicators/accountemail", "held"),
        "1 account e-mail is held up: delivery is paused or does not run.",
        "1 thư gửi người dùng đang bị giữ: việc gửi tạm dừng hoặc không chạy.", KEEPER,
    ),
    "changes that are not assessed": (
        unassessed_changes, LISTS.format("targets/target", "unassessed"),
        "1 target is not assessed yet after changes of figures.",
        "1 chỉ tiêu chưa được đánh giá lại sau khi số liệu thay đổi.", EVERYONE,
    ),
    "files to be read": (
        lambda: imports(state="queued"), LISTS.format("indicators/import", "open"),
        "1 file waits to be read.", "1 tệp số liệu đang chờ đọc.", EVERYONE,
    ),
    "files to be confirmed": (
        lambda: imports(state="done", dry_run=True, file_kept=True, created=1),
        LISTS.format("indicators/import", "confirm"),
        "1 file is checked and waits for the sender to confirm.",
        "1 tệp số liệu đã kiểm tra, chờ người gửi xác nhận.", EVERYONE,
    ),
    "figures in doubt": (
        doubtful_figures, LISTS.format("indicators/measurement", "doubtful"),
        "1 figure of the last 30 days is in doubt.", "1 số liệu ghi trong 30 ngày qua đáng ngờ.", EVERYONE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_each_kind_that_waits_is_a_sentence_that_leads_to_its_rows(kind: str) -> None:
    make_rows, address, english, vietnamese, readers = CASES[kind]
    a_catalogue()
    make_rows()
    for role in ROLES:
        user = person(role, role, "statistics")
        AccountEmail.objects.filter(user=user).delete()
        client = client_of(user)
        language = LANGUAGES[role]
        expected = {"en": english, "vi": vietnamese}[language] if role in readers else None
        assert lines_of(client, language).get(address) == expected, role
    if "attention" in address:
        assert client.get(address).context["cl"].result_count == 1


@pytest.mark.parametrize(("role", "language"), [("viewer", "en"), ("officer", "vi"), ("administrator", "vi")])
def test_that_all_is_quiet_is_said_too(role: str, language: str) -> None:
    a_catalogue()
    user = person(role, role)
    AccountEmail.objects.all().delete()
    assert lines_of(client_of(user), language) == {}


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("count", [1, 2])
def test_the_sentences_in_both_languages(kind: str, count: int) -> None:
    _, address, english, vietnamese, _ = CASES[kind]
    kinds = [attention for page in admin.site._registry.values() for attention in getattr(page, "attention", ())]
    listed = [attention for attention in kinds if address.endswith(f"={attention.value}")]
    for language, sentence in (("en", english), ("vi", vietnamese)):
        with override(language):
            sentences = [attention.describe(count) + "." for attention in listed]
        assert not listed or (sentence in sentences) is (count == 1)
        assert all(str(count) in text for text in sentences)


def test_what_waits_elsewhere_is_not_said() -> None:
    a_catalogue()
    approvals()
    factories.department("trade")
    imports(state="queued")
    assert lines_of(client_of(person("lan", "officer", "trade"))) == {}


def test_an_unknown_kind_finds_nothing() -> None:
    a_catalogue()
    approvals()
    client = client_of(person("lan", "officer"))
    answer = client.get("/admin/indicators/approval/?attention=nothing")
    assert answer.status_code == 200
    assert answer.context["cl"].result_count == 0
