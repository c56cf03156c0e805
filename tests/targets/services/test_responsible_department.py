"""Who answers for a target, and who owes its figures: one rule each, in Python and in SQL."""

from datetime import date
from itertools import product

import pytest

from indicators.models import Department
from indicators.services.catalogue import reporting_duties
from targets.models import Action, Alert, Assessment, Plan, Target
from targets.querysets import AnsweringDepartmentMixin
from targets.services.notifications.owed_figures import find_targets_owed_by, load_owing_departments
from tests import factories
from tests.support import api_of

pytestmark = pytest.mark.django_db

LEADS = (None, "statistics", "labour")
OWNERS = ("statistics", "labour", None)
DAY = date(2024, 7, 1)


@pytest.fixture(autouse=True)
def departments() -> None:
    factories.area()
    for code in ("statistics", "labour", "other"):
        factories.department(code)


@pytest.fixture
def targets_of_all_departments() -> None:
    factories.indicator(department="other")
    for number, owner in enumerate(OWNERS):
        factories.plan(f"plan-{number}", department=owner)
    for (number, _), (part, lead) in product(enumerate(OWNERS), enumerate(LEADS)):
        factories.target(plan=f"plan-{number}", department=lead, lower=1000 + part, period=f"2024-0{part + 1}")


@pytest.mark.usefixtures("targets_of_all_departments")
class TestWhoAnswers:
    @pytest.mark.parametrize("codes", [["statistics"], ["labour"], ["other"], ["statistics", "labour"], []])
    def test_the_property_and_the_queryset_agree(self, codes: list[str]) -> None:
        department_ids = list(Department.objects.filter(code__in=codes).values_list("pk", flat=True))
        by_property = {
            target.pk
            for target in Target.objects.all()
            if target.answers_for and target.answers_for.pk in department_ids
        }
        assert set(Target.objects.answered_for_by(department_ids).values_list("pk", flat=True)) == by_property
        assert len(by_property) == {"statistics": 4, "labour": 4}.get("".join(codes), 8 if len(codes) == 2 else 0)

    def test_rows_of_targets_follow_their_target(self) -> None:
        actions = [factories.action(target, "2024-12-31") for target in Target.objects.all()]
        statistics = Department.objects.get(code="statistics")
        expected = {action.pk for action in actions if action.target.answers_for == statistics}
        assert set(Action.objects.answered_for_by([statistics.pk]).values_list("pk", flat=True)) == expected
        for model in (Alert, Assessment):
            assert isinstance(model.objects.all(), AnsweringDepartmentMixin)
            assert model.objects.all().target_prefix == "target__"

    def test_answers_name_the_lead_and_who_answers(self) -> None:
        api = api_of()
        rows = {row["id"]: (row["department"], row["answers_for"]) for row in api.rows("targets/")}
        assert rows["plan-0:sales:city:2024-01"] == (None, "statistics")
        assert rows["plan-0:sales:city:2024-03"] == ("labour", "labour")
        assert rows["plan-2:sales:city:2024-01"] == (None, None)
        assert {row["id"] for row in api.rows("targets/?department=statistics")} == {
            name for name, (_, answers_for) in rows.items() if answers_for == "statistics"
        }
        card = api.get("plans/plan-2/scorecard/").ok()
        assert [row["department"] for row in card["by_department"]] == ["labour", "statistics", None]
        assert {(row["department"], row["answers_for"]) for row in card["targets"]} == {
            (None, None), ("statistics", "statistics"), ("labour", "labour"),
        }  # fmt: skip


def duty(indicator: str, department: str, **values: object) -> None:
    reporting_duties.create_duty(by=factories.BY, indicator=indicator, area="city", department=department, **values)


OWED = [
    pytest.param("sales", [], ["statistics"], id="without a duty, the department of the indicator"),
    pytest.param("sales", [("sales", "labour", {})], ["labour"], id="the one with the duty, instead of it"),
    pytest.param("sales", [("sales", "labour", {}), ("sales", "other", {})], ["labour", "other"], id="both that share it"),
    pytest.param("sales", [("sales", "labour", {"valid_to": date(2024, 6, 30)})], ["statistics"], id="not one whose duty has ended"),
    pytest.param("growth", [], ["statistics"], id="of a formula, the one that reports its input"),
    pytest.param("growth", [("sales", "labour", {})], ["labour"], id="of a formula, the one with the duty for its input"),
]  # fmt: skip


@pytest.mark.parametrize(("indicator", "duties", "wanted"), OWED)
def test_who_owes_the_figures(
    indicator: str, duties: list[tuple[str, str, dict[str, object]]], wanted: list[str]
) -> None:
    factories.indicator(department="statistics")
    factories.indicator("growth", formula="yoy(sales)", kind="rate", department="other")
    factories.plan(department="other")
    target = factories.target(indicator)
    for code, department, values in duties:
        duty(code, department, **values)
    owing = load_owing_departments([target], DAY)[target.pk]
    assert [department.code for department in owing] == wanted
    owed = {row.code for row in Department.objects.all() if target.pk in find_targets_owed_by(row.pk, DAY)}
    assert owed == set(wanted)
    assert Plan.objects.get().department != owing[0]
