"""Who is responsible for a target is one rule: the property and the queryset method name the same department."""

from itertools import product

import pytest

from indicators.models import Department
from targets.models import Action, Alert, Assessment, Target
from targets.querysets import ResponsibleDepartmentMixin
from tests import factories

pytestmark = pytest.mark.django_db

LEADS = (None, "statistics", "labour")
DEFAULTS = ("statistics", "labour", None)


@pytest.fixture(autouse=True)
def targets_of_all_departments() -> None:
    factories.area()
    for code in ("statistics", "labour", "other"):
        factories.department(code)
    factories.plan()
    for number, default in enumerate(DEFAULTS):
        factories.indicator(f"indicator-{number}", department=default)
    for (number, _), (part, lead) in product(enumerate(DEFAULTS), enumerate(LEADS)):
        factories.target(f"indicator-{number}", department=lead, lower=1000 + part, period=f"2024-0{part + 1}")


@pytest.mark.parametrize("codes", [["statistics"], ["labour"], ["other"], ["statistics", "labour"], []])
def test_the_property_and_the_queryset_agree(codes: list[str]) -> None:
    department_ids = list(Department.objects.filter(code__in=codes).values_list("pk", flat=True))
    by_property = {
        target.pk
        for target in Target.objects.all()
        if target.responsible_department and target.responsible_department.pk in department_ids
    }
    assert set(Target.objects.of_responsible_departments(department_ids).values_list("pk", flat=True)) == by_property
    assert len(by_property) == {"statistics": 4, "labour": 4}.get("".join(codes), 8 if len(codes) == 2 else 0)


def test_rows_of_targets_follow_their_target() -> None:
    actions = [factories.action(target, "2024-12-31") for target in Target.objects.all()]
    statistics = Department.objects.get(code="statistics")
    expected = {action.pk for action in actions if action.target.responsible_department == statistics}
    assert set(Action.objects.of_responsible_departments([statistics.pk]).values_list("pk", flat=True)) == expected
    for model in (Alert, Assessment):
        assert isinstance(model.objects.all(), ResponsibleDepartmentMixin)
        assert model.objects.all().target_prefix == "target__"
