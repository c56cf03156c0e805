"""No code that answers a caller reads a table with restricted rows past `visible_to`."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.apps import apps

from indicators.visibility import PublicMixin
from kpitracker.env import ROOT

LABELS = ("indicators", "targets")
# Rooms that answer callers: each read must ask `visible_to`.
ANSWERING = ("api", "admin", "accounts", "catalogue", "pages", "rest")
# Rooms where only functions that know the caller must ask: jobs answer nobody.
WORKING = ("services", "importing")
# A view that starts at these hands them to `get_queryset`, which asks `visible_to` of every query set.
HANDED_OVER = "queryset"
# Methods that return no rows: ids, errors, or rows that the caller has just sent.
ROWLESS = {"hidden_from", "readers_of", "inputs_of", "unknown_code_error", "none", "create", "bulk_create"}


class Read(NamedTuple):
    """A `Model.objects` in the source. `for_caller`: the function around it knows the caller, as `by`."""

    function: str
    model: str
    asks: bool
    for_caller: bool


# Reads that need not ask, by file and function.
CONDITION = "ids for a condition on rows that `visible_to` has chosen"
OF_VISIBLE_ROW = "rows of a row that was found by `visible_to`"
OWN = "rows of the caller, or of the caller's file"
WRITE = "rows that are changed or checked, not shown"
ALLOWED = {
    ("indicators/admin/approvals.py", "earlier"): OF_VISIBLE_ROW,
    ("indicators/services/batches/mending.py", "_replace_unreadable"): "a command for operators",
    ("kpitracker/api/health.py", "_check_health"): "it shows nothing of the row",
    ("indicators/admin/figures.py", "limit_choices"): CONDITION,
    ("indicators/admin/waiting.py", ""): CONDITION,
    ("indicators/admin/scopes.py", "scope_approvals"): CONDITION,
    ("indicators/admin/scopes.py", "scope_by_indicator"): CONDITION,
    ("indicators/admin/scopes.py", "scope_indicators"): CONDITION,
    ("indicators/api/v1/filters.py", "by_codes"): CONDITION,
    ("indicators/api/v1/measurements.py", "get_queryset"): CONDITION,
    ("indicators/api/v1/representation.py", "_codes_and_kinds"): OF_VISIBLE_ROW,
    ("indicators/api/v1/series.py", "_stored_rows"): OF_VISIBLE_ROW,
    ("indicators/rest/file_context.py", "_load_texts"): "indicators of rows that `visible_to` has chosen",
    ("indicators/importing/dry_runs.py", "_delete_oldest"): OWN,
    ("indicators/importing/dry_runs.py", "confirm"): OWN,
    ("indicators/importing/dry_runs.py", "discard"): OWN,
    ("indicators/importing/dry_runs.py", "start_dry_run"): OWN,
    ("indicators/services/access/passwords.py", "request_reset"): OWN,
    ("indicators/services/access/user_accounts.py", "invite_user"): WRITE,
    ("indicators/services/batches/import_undo.py", "_reject_pending"): OWN,
    ("indicators/services/batches/references.py", "__init__"): "the hidden ones are taken out by `hidden_from`",
    ("indicators/services/catalogue/indicators.py", "delete_indicator"): WRITE,
    ("indicators/services/catalogue/indicators.py", "update_indicator"): WRITE,
    ("indicators/services/catalogue/trees.py", "delete_node"): WRITE,
    ("indicators/services/figures/approvals.py", "_decide_approval"): OF_VISIBLE_ROW,
    ("indicators/services/figures/approvals.py", "decide_approvals"): OF_VISIBLE_ROW,
    (
        "indicators/services/figures/approvals.py",
        "take_back_figure",
    ): "the lock; `visible_to` chooses what is taken back",
    ("indicators/services/figures/recording.py", "_locate"): "a hidden one is refused by `hidden_from`",
    ("indicators/services/figures/recording.py", "withdraw_figure"): "the view has asked whether the caller sees it",
    ("indicators/services/figures/revision_store.py", "rebuild_current"): "a command for operators",
    ("targets/admin/scopes.py", "comment_scope"): CONDITION,
    ("targets/admin/scopes.py", "delivery_scope"): CONDITION,
    ("targets/admin/scopes.py", "scope_by_target"): CONDITION,
    ("targets/api/v1/views/targets.py", "history"): OF_VISIBLE_ROW,
    ("targets/services/alerting/rules.py", "change_rule"): WRITE,
    ("targets/services/alerting/user_responses.py", "_lock_open_alert"): OF_VISIBLE_ROW,
    ("targets/pages/indicator.py", "_about"): CONDITION,
    ("targets/pages/indicator_reading.py", "visible_indicators"): CONDITION,
    ("targets/services/reports/board.py", "load_part"): CONDITION,
    ("targets/services/reports/indicator_history.py", "load_revision_triangle"): CONDITION,
    ("targets/services/reports/own_work.py", "list_pending_approvals"): CONDITION,
    ("targets/services/notifications/outbox.py", "replay"): WRITE,
    ("targets/services/notifications/pause.py", "resume_delivery"): WRITE,
    ("targets/services/planning/actions.py", "update_action"): WRITE,
    ("targets/services/reports/closings.py", "_revisions_since"): "`_plan_revisions_after` asks",
    ("targets/services/reports/closings.py", "visible_closing"): "the hidden ones, to take them out",
    ("targets/services/reports/reporting.py", "_visible_indicators"): CONDITION,
}


def files() -> list[Path]:
    rooms = [ROOT / label / room for label in LABELS for room in (*ANSWERING, *WORKING)]
    return sorted(path for room in [*rooms, ROOT / "kpitracker" / "api"] for path in room.rglob("*.py"))


def restricted_models() -> set[str]:
    """Models with rows that some callers may not see."""
    models = [model for label in LABELS for model in apps.get_app_config(label).get_models()]
    return {model.__name__ for model in models if _is_restricted(model._default_manager.all())}


def _is_restricted(rows: object) -> bool:
    return hasattr(rows, "visible_to") and not isinstance(rows, PublicMixin)


def reads_of(path: Path) -> Iterator[Read]:
    tree = ast.parse(path.read_text())
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "objects" and isinstance(node.value, ast.Name):
            asks, outer = False, parents.get(node)
            while isinstance(outer, ast.Attribute | ast.Call):
                asks |= isinstance(outer, ast.Attribute) and outer.attr in {"visible_to", *ROWLESS}
                asks |= isinstance(outer, ast.Call) and any(map(_names_given_row, outer.keywords))
                outer = parents.get(outer)
            is_handed_over = isinstance(outer, ast.Assign) and getattr(outer.targets[0], "id", "") == HANDED_OVER
            while outer is not None and not isinstance(outer, ast.FunctionDef):
                outer = parents.get(outer)
            name = outer.name if isinstance(outer, ast.FunctionDef) else ""
            yield Read(name, node.value.id, asks or is_handed_over, outer is not None and _knows_caller(outer))


def _names_given_row(keyword: ast.keyword) -> bool:
    """Such as `pk=alert.pk`: the row that the function was given is read again, to lock it."""
    value = keyword.value
    return keyword.arg == "pk" and isinstance(value, ast.Attribute) and value.attr in ("pk", "target_id", "webhook_id")


def _knows_caller(function: ast.AST) -> bool:
    names = {
        getattr(node, "arg", None) or getattr(node, "id", None) or getattr(node, "attr", None)
        for node in ast.walk(function)
    }
    return "by" in names


def unasked_reads(path: Path) -> set[tuple[str, str]]:
    """File and function of the reads of restricted tables that do not ask. Jobs have no caller to ask about."""
    is_service = not set(WORKING).isdisjoint(path.parts)
    restricted = restricted_models()
    return {
        (str(path.relative_to(ROOT)), read.function)
        for read in reads_of(path)
        if read.model in restricted and not read.asks and (read.for_caller or not is_service)
    }


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_read_asks_who_is_asking(path: Path) -> None:
    assert unasked_reads(path) - ALLOWED.keys() == set()


def test_every_exception_is_still_needed() -> None:
    assert ALLOWED.keys() - set().union(*map(unasked_reads, files())) == set()


def test_a_read_that_does_not_ask_is_noticed(tmp_path: Path) -> None:
    """The control: of two reads, the one that does not ask."""
    path = tmp_path / "view.py"
    path.write_text(
        "def shown(by):\n    return Target.objects.visible_to(by)\n\n\n"
        "def leaked(by):\n    return Target.objects.filter(plan=1)\n"
    )
    assert [(read.function, read.asks, read.for_caller) for read in reads_of(path)] == [
        ("shown", True, True),
        ("leaked", False, True),
    ]


def test_the_tables_are_known() -> None:
    assert {
        "Indicator",
        "Measurement",
        "Revision",
        "Target",
        "Assessment",
        "StatusChange",
        "Alert",
    } <= restricted_models()


@pytest.mark.parametrize("label", LABELS)
def test_every_model_says_who_sees_it(label: str) -> None:
    for model in apps.get_app_config(label).get_models():
        assert hasattr(model._default_manager.all(), "visible_to") or model.__name__ in UNLISTED, model


# Never listed by the API: inner tables, and users and their e-mails, which the admin shows to administrators.
UNLISTED = {
    "AccountEmail",
    "CheckInput",
    "FormulaInput",
    "IndicatorPart",
    "SeriesChange",
    "StagedContent",
    "StagedFigure",
    "StagedRevision",
    "StagedSlice",
    "TargetVersion",
    "Target_cooperating",
    "User",
}
