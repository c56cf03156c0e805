"""A small service in which departments A and B work side by side, and everything of A that B may not see.

What B may not see carries words that appear nowhere else (`CANARIES`): a page or answer with one of them shows too much.
"""

from datetime import date, timedelta
from typing import Any

from indicators.domain.periods import Period
from indicators.models import Approval, Department, Indicator, User
from indicators.services.access import api_keys
from indicators.services.batches import imports
from indicators.services.catalogue import holidays, indicators, reporting_duties
from indicators.services.figures import approvals, recording
from indicators.services.figures.recording import FigureInput
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.db.uuid7 import uuid7
from kpitracker.lib.numbers import parse_number
from targets.models import Delivery, Plan
from targets.services.alerting import silences
from targets.services.assessment import assess
from targets.services.notifications import webhooks
from targets.services.planning import judgements, period_locks, targets
from targets.services.reports import closings
from tests import factories
from tests.admin_support import person

# By kind: a word in a text of A, or the name of one who acted for A, that B may not read anywhere.
CANARIES = {
    "restricted indicator": "zirkon",
    "figure that waits": "waitcanary",
    "rejected figure": "rejectcanary",
    "who posts for A": "postercanary",
    "address of a contact": "addresscanary",
    "address of a removed contact": "formercanary",
    "webhook": "hookcanary",
    "answer of a mail server": "answercanary",
    "import of A": "filecanary",
}
ROLES = ("viewer", "officer", "planner", "administrator")


def build() -> None:
    """Departments leaders > a, b; a plan of A with open, restricted and own indicators, figures, alerts and answers."""
    _catalogue()
    _targets()
    _messages()
    _figures()
    _unapproved_figures()
    _records()
    while assess.process_series_changes(now=clock.now()):
        pass
    plan = Plan.objects.get(code="plan")
    closings.close_plan(plan=plan, by=factories.BY, now=clock.now(), reason="books", as_of=date(2024, 1, 1))
    Delivery.objects.filter(channel="email").update(response="550 answercanary")
    for contact in Department.objects.get(code="a").contacts.filter(name="Former"):
        contact.delete()


def people_of(code: str | None) -> dict[str, User]:
    """One user of each role in the department; None: in the whole organisation."""
    return {role: person(f"{role}-{code or 'all'}", role, code) for role in ROLES}


def officer_of(code: str, name: str) -> Actor:
    user = person(name, "officer", code)
    return user.as_actor()


def _catalogue() -> None:
    factories.area(name="Thành phố")
    factories.area("north", parent="city", name="Quận Bắc")
    factories.department("leaders")
    for code in ("a", "b"):
        factories.department(code, parent="leaders", email=f"{code}@example.org")
    factories.indicator("sales", department="a", name="Bán lẻ, việc làm")
    factories.indicator("secret", department="a", name="Mật zirkon")
    factories.indicator("derived", department="a", formula="2 * secret", name="Từ zirkon")
    factories.indicator("jobs", department="b", name="Việc làm", needs_approval=True)
    factories.indicator("checked", department="a", name="Việc làm cần duyệt", needs_approval=True)
    holidays.create_holiday(by=factories.BY, now=clock.now(), day=date(2024, 1, 1), name="Tết Dương lịch")


def _targets() -> None:
    factories.plan(department="a", name="Kế hoạch việc làm")
    for number, code in enumerate(("sales", "secret", "jobs", "checked", "derived")):
        target = factories.target(code, cooperating=["b"] if code == "sales" else [])
        factories.action(target, "2024-03-31", text=f"Bán nhiều hơn {number}", department="a")
        factories.comment(target=target)
    factories.indicator("order", department="a", name="Trật tự")
    judged = factories.target("order", qualitative=True, goal="", lower=None)
    judgements.record_judgement(target=judged, by=factories.BY, now=clock.now(), status="met", reason="seen")
    by, now = factories.BY, clock.now()
    targets.update_target(
        target=Plan.objects.get().targets.get(indicator__code="jobs"), by=by, now=now, heading="plan:secret:city"
    )
    # It is restricted later: other targets already lead to it.
    indicators.update_indicator(indicator=Indicator.objects.get(code="secret"), by=by, now=now, restricted=True)
    until = now + timedelta(days=30)
    for code in ("secret", "sales"):
        period_locks.grant_exception(
            plan=Plan.objects.get(), by=by, now=now, reason=f"books {code}", until=until, indicator=code
        )
        silences.create_silence(by=by, now=now, target=f"plan:{code}:city", ends_at=until, reason="Audit")
        reporting_duties.create_duty(by=by, indicator=code, area="north", department="a")


def _post(of: str, period: str, value: int, by: Actor, **values: Any) -> None:
    figure = FigureInput(
        indicator=of, period=Period.parse(period), value=parse_number(str(value)), published=clock.today(), **values
    )
    recording.record_figure(figure=figure, by=by, now=clock.now())


def _figures() -> None:
    by = officer_of("a", "postercanary")
    for code in ("sales", "secret"):
        for month in ("2024-01", "2024-02"):
            _post(code, month, 3, by)
        # Both targets are missed: alerts open, and all contacts are told.
        _post(code, "2024", 900, by)
    factories.comment(measurement=factories.figure("secret", "2024-01", 4).measurement.pk)


def _unapproved_figures() -> None:
    """Of the open indicators `checked` and `jobs`: approved, waiting and rejected ones; B posts those of `jobs`."""
    poster, second = officer_of("a", "postercanary-two"), officer_of("a", "postercanary-three")
    _post("checked", "2024-01", 11, poster)
    approvals.decide_approvals(
        revisions=list(Approval.objects.filter(state="pending").values_list("pk", flat=True)),
        approve=True, by=second, now=clock.now(),
    )  # fmt: skip
    _post("checked", "2024-02", 7117, poster, note="rejectcanary")
    approvals.decide_approvals(
        revisions=list(Approval.objects.filter(state="pending").values_list("pk", flat=True)),
        approve=False, by=second, now=clock.now(), reason="rejectcanary",
    )  # fmt: skip
    # A revision that waits above an approved one, and a figure that has nothing but one that waits.
    _post("checked", "2024-01", 7227, poster, note="waitcanary")
    _post("checked", "2024-03", 7337, poster, note="waitcanary")
    _post("jobs", "2024-01", 5, officer_of("b", "poster-of-b"))


def _messages() -> None:
    factories.contact("addresscanary@example.org", name="Chairman", role="everything")
    factories.contact("formercanary@example.org", name="Former", department="a")
    factories.webhook("https://example.org/hookcanary", name="hookcanary", department="a")
    webhooks.ping_webhook(webhook=factories.webhook(department="b"), by=factories.BY, now=clock.now())


def _records() -> None:
    for code in ("a", "b", None):
        department = Department.objects.get(code=code) if code else None
        api_keys.issue_key(scopes=["read"], by=factories.BY, now=clock.now(), department=department)
    for code, name in (("a", "filecanary.csv"), ("b", "figures.csv")):
        by = factories.BY._replace(department=Department.objects.get(code=code).pk)
        imports.queue_import(pk=uuid7(), file_format="csv", by=by, now=clock.now(), size=1, file_name=name)
