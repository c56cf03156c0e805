"""No view reads a table that holds restricted rows past `visible_to`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from indicators.visibility import PublicMixin, RestrictedByIndicatorMixin
from kpitracker.env import ROOT

VIEWS = sorted(path for room in ("indicators", "targets") for path in (ROOT / room / "api").rglob("*.py"))
# Views that start at these hand them to `get_queryset`, which asks `visible_to` of whatever it is given.
HANDED_OVER = "queryset"


def restricted() -> set[str]:
    """Models with rows that somebody may not see."""
    models = [model for label in ("indicators", "targets") for model in apps.get_app_config(label).get_models()]
    return {model.__name__ for model in models if isinstance(model._default_manager.all(), RestrictedByIndicatorMixin)}


def reads(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Each `Model.objects`: the line, the model, and whether the chain of calls that it begins asks `visible_to`."""
    tree = ast.parse(path.read_text())
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "objects" and isinstance(node.value, ast.Name):
            asked, above = False, parents.get(node)
            while isinstance(above, ast.Attribute | ast.Call):
                asked |= isinstance(above, ast.Attribute) and above.attr == "visible_to"
                above = parents.get(above)
            handed = isinstance(above, ast.Assign) and getattr(above.targets[0], "id", "") == HANDED_OVER
            yield node.lineno, node.value.id, asked or handed


# Rows of these belong to a row that the caller has already been shown, or are asked for by ids that he was.
AFTER_THE_LOOK = {
    ("filters.py", "Indicator"),  # ids for a filter on rows that `visible_to` has chosen
    ("representation.py", "Indicator"),
    ("series.py", "Revision"),  # of an indicator that was found by `visible_to`
    ("measurements.py", "Revision"),  # ids for a filter, as above
    ("views.py", "StatusChange"),  # of a target that was found by `visible_to`
    ("views.py", "TargetVersion"),
}


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_read_asks_who_is_asking(path: Path) -> None:
    passed_by = {
        (line, model)
        for line, model, asked in reads(path)
        if model in restricted() and not asked and (path.name, model) not in AFTER_THE_LOOK
    }
    assert passed_by == set()


def test_the_tables_are_known() -> None:
    assert {"Indicator", "Measurement", "Revision", "Target", "Assessment", "StatusChange", "Alert"} <= restricted()


@pytest.mark.parametrize("label", ["indicators", "targets"])
def test_whatever_a_view_may_list_says_who_sees_it(label: str) -> None:
    for model in apps.get_app_config(label).get_models():
        rows = model._default_manager.all()
        assert (
            isinstance(rows, RestrictedByIndicatorMixin | PublicMixin)
            or hasattr(rows, "visible_to")
            or model.__name__ in UNLISTED
        ), model


# Never listed by the API: inner tables, and people and letters, which the admin shows to administrators.
UNLISTED = {
    "FormulaInput",
    "CheckInput",
    "SeriesChange",
    "User",
    "Letter",
    "TargetVersion",
    "Target_cooperating",
}
