"""Check constraints evaluated in Python, with the three-valued logic of SQL.

Django's own `CheckConstraint.validate` sends a SELECT inside a savepoint for each constraint of each written row. The
conditions of this project use few lookups and expressions; any other raises `NotImplementedError`, and a test evaluates
every constraint of every model beside the database.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any

from django.db import IntegrityError
from django.db.models import CheckConstraint, F, Field, FloatField, Model, Q, Value
from django.db.models.expressions import BaseExpression, Combinable, CombinedExpression, DatabaseDefault
from django.db.models.functions import Cast
from django.db.models.lookups import BuiltinLookup, GreaterThanOrEqual, LessThanOrEqual

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def violated_constraints(row: Model) -> Iterator[CheckConstraint]:
    """The check constraints that the database would not accept for this row, in their order in the model."""
    for constraint in row._meta.constraints:
        # As in SQL, a condition that is unknown because a value is missing is no violation.
        if isinstance(constraint, CheckConstraint) and evaluate(constraint.condition, row) is False:
            yield constraint


def constraint_of_error(model: type[Model], error: IntegrityError) -> CheckConstraint | None:
    """The check constraint that the database reports as violated, None when it is another error."""
    diagnostics = getattr(error.__cause__, "diag", None)
    name = getattr(diagnostics, "constraint_name", None) or str(error).rpartition("CHECK constraint failed: ")[2]
    checks = (constraint for constraint in model._meta.constraints if isinstance(constraint, CheckConstraint))
    return next((constraint for constraint in checks if constraint.name == name), None)


def evaluate(condition: object, row: Model) -> bool | None:
    """True, False or None (unknown). Raises `NotImplementedError` for a condition that this module does not know."""
    if isinstance(condition, Q):
        return _evaluate_q(condition, row)
    if isinstance(condition, tuple):
        name, expected = condition
        return _evaluate_lookup(name, expected, row)
    if isinstance(condition, BuiltinLookup) and isinstance(condition, (GreaterThanOrEqual, LessThanOrEqual)):
        return _compare(str(condition.lookup_name), _value_of(condition.lhs, row), _value_of(condition.rhs, row))
    raise NotImplementedError(f"A condition of the type {type(condition).__name__} cannot be evaluated.")


def _evaluate_q(condition: Q, row: Model) -> bool | None:
    results = [evaluate(child, row) for child in condition.children]
    decisive = condition.connector == Q.OR
    if condition.connector not in (Q.AND, Q.OR):
        raise NotImplementedError(f"The connector {condition.connector} cannot be evaluated.")
    result = decisive if decisive in results else None if None in results else not decisive
    return not result if condition.negated and result is not None else result


def _evaluate_lookup(name: str, expected: object, row: Model) -> bool | None:
    field_name, _, lookup = name.partition("__")
    field = row._meta.get_field(field_name)
    assert isinstance(field, Field)
    value = _value_of(F(field_name), row)
    if lookup == "isnull" or (lookup in ("", "exact") and expected is None):
        return (value is None) is (expected is not False)
    if lookup == "in" and isinstance(expected, (list, tuple)):
        return None if value is None else value in [field.to_python(item) for item in expected]
    if isinstance(expected, (BaseExpression, Combinable)):
        return _compare(lookup or "exact", value, _value_of(expected, row))
    return _compare(lookup or "exact", value, field.to_python(expected))


def _compare(lookup: str, left: object, right: object) -> bool | None:
    if lookup not in _COMPARISONS:
        raise NotImplementedError(f"The lookup {lookup} cannot be evaluated.")
    return None if left is None or right is None else _COMPARISONS[lookup](left, right)


def _value_of(expression: object, row: Model) -> object:
    """The value of an expression for this row; None when it is missing or only the database knows it."""
    if isinstance(expression, F):
        (name,) = expression.deconstruct()[1]
        field = row._meta.pk if name == "pk" else row._meta.get_field(name)
        assert isinstance(field, Field)
        value = getattr(row, field.attname)
        is_unknown = value is None or isinstance(value, (BaseExpression, Combinable, DatabaseDefault))
        return None if is_unknown else field.to_python(value)
    if isinstance(expression, Value):
        return expression.value
    if isinstance(expression, Cast) and isinstance(expression.output_field, FloatField):
        value = _value_of(expression.get_source_expressions()[0], row)
        return None if value is None else float(str(value))
    if isinstance(expression, CombinedExpression) and expression.connector == Combinable.ADD:
        left, right = _value_of(expression.lhs, row), _value_of(expression.rhs, row)
        return None if left is None or right is None else operator.add(left, right)
    raise NotImplementedError(f"An expression of the type {type(expression).__name__} cannot be evaluated.")
