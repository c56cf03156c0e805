"""Every text for a person has the names and the days of the language that it is written in."""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from kpitracker.lib import clock
from kpitracker.lib.spreadsheets.reading import Workbook
from targets.models import Delivery, Target
from targets.services.assessment import assess
from targets.services.evaluation.evaluate import evaluate_target
from targets.services.notifications import action_reminders
from targets.services.text import explanation_report
from tasks.channels.render import render_delivery
from tests import factories
from tests.admin_support import administrator
from tests.support import api_of

pytestmark = pytest.mark.django_db
ISO_DAY = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
# Of an area, a department, an indicator and a plan.
NAMES = {
    "vi": ("Thành phố", "Cục Thống kê", "Bán lẻ", "Kế hoạch năm"),
    "en": ("The city", "Statistics office", "Retail sales", "Plan of the year"),
}


@pytest.fixture(autouse=True)
def world() -> None:
    area, department, indicator, plan = zip(NAMES["vi"], NAMES["en"], strict=True)
    factories.area(name=area[0], name_en=area[1])
    factories.department(name=department[0], name_en=department[1], email="statistics@example.org")
    factories.indicator(name=indicator[0], name_en=indicator[1], department="statistics", frequency="quarter")
    factories.plan(name=plan[0], name_en=plan[1])
    target = factories.target()
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    factories.plan("later", str(clock.today().year), name=plan[0], name_en=plan[1])
    factories.target(plan="later")
    factories.action(target, (clock.today() + timedelta(days=1)).isoformat(), department="statistics")


def half(delivery: Delivery, language: str) -> str:
    """The part of a mail to a department that is in a language: Vietnamese comes first."""
    message = render_delivery(delivery)
    return message.body.split("\n---\n")[("vi", "en").index(language)]


def alert_mail(language: str) -> str:
    return half(Delivery.objects.get(action=None, status="missed"), language)


def reminder_mail(language: str) -> str:
    action_reminders.write_reminders(now=clock.now())
    return half(Delivery.objects.exclude(action=None).get(), language)


def explanation(language: str) -> str:
    day = date(2025, 2, 1)
    with override(language):
        return explanation_report.build_report(
            evaluate_target(target=Target.objects.get(plan__code="plan"), as_of=day, today=clock.today())
        )


def template(language: str) -> str:
    api = api_of("statistics")
    api.headers["Accept-Language"] = language
    workbook = Workbook(io.BytesIO(api.get("measurements/template/?plan=plan").raw))
    # The columns that are sent back have codes and ISO days, as every file.
    names = [" ".join(row[10:12]) for row in workbook.rows("figures")]
    return "\n".join([*names, *(row[0] for row in workbook.rows("huong-dan") if row and "(plan)" in row[0])])


def page(name: str, *args: object) -> Callable[[str], str]:
    def read(language: str) -> str:
        answer = administrator().get(reverse(name, args=args), headers={"Accept-Language": language})
        return re.sub("<[^>]*>", " ", re.sub(r"(?s)<(script|style).*?</\1>", " ", answer.content.decode()))

    return read


# Which of the names of area, department, indicator and plan each place shows.
PLACES: dict[str, tuple[Callable[[str], str], tuple[int, ...]]] = {
    "the mail about an alert": (alert_mail, (0, 1, 2, 3)),
    "the mail about an action": (reminder_mail, (0, 1, 2, 3)),
    "the explanation": (explanation, (0, 2)),
    "the reporting template": (template, (2,)),
    "the list of targets": (page("admin:targets_target_changelist"), (0, 1, 2, 3)),
    "the list of figures": (page("admin:indicators_measurement_changelist"), (0, 2)),
    "the list of assessments": (page("admin:targets_assessment_changelist"), (0, 2)),
    "the list of alerts": (page("admin:targets_alert_changelist"), (2,)),
    "the list of actions": (page("admin:targets_action_changelist"), (1, 2)),
    "the list of due figures": (page("admin:targets_assessment_owed"), (1, 2)),
}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("place", PLACES)
def test_names_and_days_are_in_the_language_of_the_reader(place: str, language: str) -> None:
    read, shown = PLACES[place]
    text = read(language)
    other = NAMES["en" if language == "vi" else "vi"]
    assert [NAMES[language][index] for index in shown if NAMES[language][index] not in text] == []
    assert [name for name in other if name in text] == []
    assert ISO_DAY.findall(text) == []


def test_programs_get_both_names_of_due_figures() -> None:
    row = api_of().rows("reporting/due/")[0]
    assert (row["indicator_name"], row["indicator_name_en"]) == ("Bán lẻ", "Retail sales")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_mail_about_a_formula_names_the_figures_that_it_reads(language: str) -> None:
    """A reader knows retail sales, and not `sales`."""
    factories.indicator("people", name="Dân số", name_en="Population", accumulation="last", frequency="year")
    factories.indicator("a-head", name="Bình quân", name_en="Sales a head", formula="sales / people")
    target = factories.target("a-head", lower=100)
    factories.figure("people", "2024", 10)
    assess.process_series_changes(now=clock.now())
    mail = half(Delivery.objects.get(alert__target=target, status="missed"), language)
    figures = [line for line in mail.splitlines() if line.startswith("- ")]
    names = {"vi": ["Bán lẻ, ", "Dân số, "], "en": ["Retail sales, ", "Population, "]}[language]
    assert [any(line.startswith(f"- {name}") for line in figures) for name in names] == [True, True], mail
    assert not re.search(r"^- (sales|people)", mail, re.MULTILINE), mail


PACES = {
    "month": ("Needed per period: ", "Cần đạt mỗi kỳ:   "),
    "rest": ("Needed over all that is left: ", "Cần đạt trong cả phần còn lại: "),
}


@pytest.mark.parametrize("per", PACES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_mail_says_over_what_time_the_rest_is_needed(language: str, per: str) -> None:
    delivery = Delivery.objects.get(action=None, status="missed")
    required = {**delivery.snapshot["required"], "per": per, "lower": "300"}
    delivery.snapshot = {**delivery.snapshot, "required": required}
    label = PACES[per][("en", "vi").index(language)]
    assert f"{label}300" in half(delivery, language)
    message = render_delivery(delivery)
    assert f">{label.strip().removesuffix(':')}</td>" in message.html
