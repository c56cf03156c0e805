"""An edge that does not itself meet the target is worded so, in mails, on pages and in sentences, in both languages."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from kpitracker.lib import clock
from targets.domain.alerting import NotificationReason
from targets.domain.choices import Goal
from targets.models import Target
from targets.pages import target_facts
from targets.services.assessment import assess
from targets.services.evaluation import explanations
from targets.services.evaluation.evaluate import evaluate_target
from targets.services.notifications.notify import build_snapshot
from targets.services.text import alert_facts, alert_messages, status_sentence
from targets.services.text.promises import Promise, describe_promise
from tests import factories

DAY = date(2024, 7, 25)
WITHIN, LEAST, MOST = Goal.WITHIN, Goal.AT_LEAST, Goal.AT_MOST
PROMISES = {
    "at least": (Promise(LEAST, "95", None), "at least 95", "ít nhất 95"),
    "more than": (Promise(LEAST, "95", None, lower_open=True), "more than 95", "trên 95"),
    "at most": (Promise(MOST, None, "95"), "at most 95", "không quá 95"),
    "less than": (Promise(MOST, None, "95", upper_open=True), "less than 95", "dưới 95"),
    "a better rank": (Promise(MOST, None, "rank 5", upper_open=True, is_rank=True), "better than rank 5", "trên rank 5"),
    "a closed range": (Promise(WITHIN, "90", "95"), "from 90 to 95", "từ 90 đến 95"),
    "open below": (Promise(WITHIN, "90", "95", True), "from more than 90 to 95", "từ trên 90 đến 95"),
    "open above": (Promise(WITHIN, "90", "95", upper_open=True), "from 90 to less than 95", "từ 90 đến dưới 95"),
    "open both": (Promise(WITHIN, "90", "95", True, True), "from more than 90 to less than 95", "từ trên 90 đến dưới 95"),
    "about, and open": (
        Promise(LEAST, "95", None, lower_open=True, about=True), "about 95 (read as “more than”)", "khoảng 95 (hiểu là “trên”)",
    ),
    "about a ceiling, and open": (
        Promise(MOST, None, "95", upper_open=True, about=True), "about 95 (read as “less than”)", "khoảng 95 (hiểu là “dưới”)",
    ),
    "an ambition beyond": (
        Promise(LEAST, "95", "99", lower_open=True), "more than 95 (ambition 99)", "trên 95 (phấn đấu 99)",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("promise", "english", "vietnamese"), PROMISES.values(), ids=PROMISES)
def test_a_promise_says_on_which_side_it_is_kept(promise: Promise, english: str, vietnamese: str) -> None:
    with translation.override("en"):
        assert describe_promise(promise) == english
    with translation.override("vi"):
        assert describe_promise(promise) == vietnamese


OPEN_LOWER = {"lower": 95, "lower_open": True}
OPEN_UPPER = {"goal": "at_most", "lower": None, "upper": 95, "upper_open": True}
OPEN_BOTH = {"goal": "within", "lower": 90, "upper": 95, "lower_open": True, "upper_open": True}
# The terms, and what is due by then in words: English, Vietnamese.
TERMS = {
    "above": (OPEN_LOWER, "more than 95 %", "trên 95 %"),
    "below": (OPEN_UPPER, "less than 95 %", "dưới 95 %"),
    "between": (OPEN_BOTH, "more than 90 % – less than 95 %", "trên 90 % – dưới 95 %"),
    "from": ({"lower": 95}, "95 %", "95 %"),
}


def flat_target(terms: dict[str, Any], value: int) -> Target:
    factories.area()
    factories.department(email="statistics@example.org")
    factories.indicator("share", kind="rate", unit="%", accumulation="none", department="statistics")
    factories.plan()
    target = factories.target("share", profile="flat", **terms)
    factories.figure("share", "2024-01/2024-06", value, published="2024-07-10")
    assess.process_series_changes(now=clock.now())
    return target


@pytest.mark.django_db
@pytest.mark.parametrize(("terms", "english", "vietnamese"), TERMS.values(), ids=TERMS)
def test_a_mail_and_a_page_say_that_the_edge_itself_is_not_enough(
    terms: dict[str, Any], english: str, vietnamese: str
) -> None:
    target = flat_target(terms, 95)
    evaluation = evaluate_target(target=target, as_of=DAY, today=DAY)
    status = explanations.status_document(evaluation)
    snapshot = build_snapshot(evaluation, "", NotificationReason.FIRST)
    for language, expected in (("en", english), ("vi", vietnamese)):
        with translation.override(language):
            assert alert_facts.message_context(snapshot)["expected"] == expected
            assert expected in alert_messages.summary_line(snapshot)
            assert alert_facts.message_context(snapshot)["actual"] == "95 %"
            facts = {fact.label: fact.value for fact in target_facts.list_facts(evaluation, status)}
            assert expected in facts.values()
            if len(expected) < 20:
                assert expected.split()[0] in status_sentence.expected_phrase(status)
