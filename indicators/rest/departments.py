"""`department` and `department_tree`: the same two questions in every list, report and scorecard."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from indicators.models import Department
from kpitracker.lib.rest.filters import FilterSet, TextFilter

EXACTLY = "Exactly this department."
WITH_ALL_BELOW = "This department and all below it."
DEPARTMENT_PARAMETERS = [
    OpenApiParameter("department", str, description=EXACTLY),
    OpenApiParameter("department_tree", str, description=WITH_ALL_BELOW),
]
DEPARTMENT_NAMES = frozenset(parameter.name for parameter in DEPARTMENT_PARAMETERS)


class DepartmentFilters(FilterSet):
    """Filters of a list whose rows belong to a department. A code that does not exist has no rows."""

    department_field = "department"

    department = TextFilter(method="by_department", help_text=EXACTLY)
    department_tree = TextFilter(method="by_department_tree", help_text=WITH_ALL_BELOW)

    def by_department(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return self.of_departments(queryset, set(_ids(value)))

    def by_department_tree(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return self.of_departments(
            queryset, {pk for root in _ids(value) for pk in Department.objects.subtree_ids(root)}
        )

    def of_departments(self, queryset: Any, department_ids: Collection[int]) -> QuerySet[Any]:
        rows: QuerySet[Any] = queryset.filter(**{f"{self.department_field}__in": department_ids})
        return rows


def _ids(code: str) -> QuerySet[Department, int]:
    return Department.objects.filter(code=code).values_list("pk", flat=True)


def requested_departments(request: Request) -> set[int] | None:
    """Ids of the departments that a report is limited to; None: of all. Raises `Unprocessable` (unknown-department)."""
    sets: list[set[int]] = []
    if (code := request.query_params.get("department")) is not None:
        sets.append({Department.objects.by_code(code, "?department").pk})
    if (code := request.query_params.get("department_tree")) is not None:
        sets.append(Department.objects.subtree_ids(Department.objects.by_code(code, "?department_tree").pk))
    return set.intersection(*sets) if sets else None
