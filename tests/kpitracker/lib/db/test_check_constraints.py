"""Check constraints evaluated in Python, held against the database."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import CheckConstraint, F, Q, Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators.models import Area, Indicator
from kpitracker.lib import crud
from kpitracker.lib.db.check_constraints import constraint_of_error, evaluate, violated_constraints
from kpitracker.lib.errors import ValidationProblem
from tests import factories

NOW = datetime(2024, 5, 6, 7, 8, tzinfo=timezone.get_default_timezone())
CONSTRAINTS = [
    (model, constraint)
    for model in apps.get_models()
    for constraint in model._meta.constraints
    if isinstance(constraint, CheckConstraint)
]


def constants(condition: Any, name: str) -> Iterator[Any]:
    """The values that the condition compares with this field."""
    for child in condition.children if isinstance(condition, Q) else ():
        if isinstance(child, Q):
            yield from constants(child, name)
        elif isinstance(child, tuple) and child[0].partition("__")[0] == name:
            yield from child[1] if isinstance(child[1], list) else [child[1]]


def candidates(field: "models.Field[Any, Any]", condition: Any) -> list[Any]:
    """Values to try: what the condition names, values around it, and nothing."""
    values: list[Any] = [
        value for value in constants(condition, field.name) if not hasattr(value, "resolve_expression")
    ]
    match field:
        case models.ForeignKey() | models.AutoField() | models.IntegerField():
            values += [0, 1, 2, 6, 7, 1000, 1001]
        case models.DateTimeField():
            values += [NOW, NOW + timedelta(hours=1)]
        case models.DateField():
            values += [date(2024, 1, 1), date(2024, 1, 2)]
        case models.TimeField():
            values += [time(8), time(9)]
        case models.CharField() | models.TextField():
            values += ["", "something"]
        case models.UUIDField():
            values += []
        case _:
            values += [Decimal(-1), Decimal(0), Decimal("0.1"), Decimal(10) ** 17]
    if isinstance(field, models.BooleanField):
        return [True, False]
    return [*(value for value in values if not isinstance(value, bool)), None]


def accepts(constraint: CheckConstraint, row: models.Model) -> bool:
    try:
        constraint.validate(type(row), row)
    except ValidationError:
        return False
    return True


@pytest.mark.django_db
@pytest.mark.parametrize("model, constraint", CONSTRAINTS, ids=[constraint.name for _, constraint in CONSTRAINTS])
def test_python_and_the_database_accept_the_same_rows(model: type[models.Model], constraint: CheckConstraint) -> None:
    chance = random.Random(constraint.name)  # noqa: S311
    for _ in range(12):
        row = model()
        for field in model._meta.concrete_fields:
            setattr(row, field.attname, chance.choice(candidates(field, constraint.condition)))
        assert (constraint in violated_constraints(row)) is not accepts(constraint, row), vars(row)


@pytest.mark.parametrize(
    "condition",
    [Q(name__startswith="a"), Q(Value(True)), Q(name="a") ^ Q(code="b"), Q(kind=F("name") * 2), Q(name__in=F("code"))],
)
def test_a_condition_that_cannot_be_evaluated_is_an_error(condition: Q) -> None:
    with pytest.raises(NotImplementedError):
        evaluate(condition, Area(code="a", name="b", kind="city"))


def test_all_violated_constraints_are_reported_at_once() -> None:
    row = Area(
        code="a", name="b", kind="city", valid_from=date(2024, 1, 2), valid_to=date(2024, 1, 1), pk=1, parent_id=1
    )
    with pytest.raises(ValidationProblem) as problem:
        crud.check_row(row)
    assert [str(item.detail) for item in problem.value.items] == [
        "Constraint “indicators_area_valid_date_range” is violated.",
        "Constraint “indicators_area_parent_not_self” is violated.",
    ]


@pytest.mark.django_db
def test_a_violation_that_only_the_database_sees_is_reported_by_its_name() -> None:
    area = factories.area()
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        Area.objects.filter(pk=area.pk).update(kind="planet")
    constraint = constraint_of_error(Area, error.value)
    assert constraint
    assert constraint.name == "indicators_area_valid_kind"
    assert constraint_of_error(Indicator, error.value) is None


@pytest.mark.django_db
def test_writing_a_row_asks_the_database_about_no_constraint() -> None:
    with CaptureQueriesContext(connection) as queries:
        factories.indicator("jobs")
    assert len(queries) <= 11, statements(queries)

    factories.area()
    factories.plan()
    with CaptureQueriesContext(connection) as queries:
        factories.target("jobs", area="city")
    assert len(queries) <= 38, statements(queries)


def statements(queries: CaptureQueriesContext) -> str:
    return "\n".join(query["sql"][:100] for query in queries)
