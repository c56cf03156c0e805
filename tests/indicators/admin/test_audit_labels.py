"""The audit names every field of before and after in the language of the reader, on its list, its page and in histories."""

import ast
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import override

from indicators.models import User
from kpitracker.lib.admin import audit_text
from kpitracker.lib.audit import log
from kpitracker.lib.models import AuditEntry
from tests import hidden_rows
from tests.admin_support import client_of, person

pytestmark = pytest.mark.django_db
# Names that are written the same in both languages.
SAME_IN_BOTH = {"code", "e-mail", "ip address", "id", "sha-256", "url"}
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module", autouse=True)
def rows(shared_rows: Callable[[], AbstractContextManager[None]]) -> Any:
    with shared_rows():
        hidden_rows.build()
        person("root", "administrator")
        yield


def label(kind: str, name: str, language: str) -> str:
    with override(language):
        entry = AuditEntry(kind=kind, before={}, after={name: "x"})
        [change] = audit_text.field_changes(entry)
        return change.field


def untranslated(kind: str, names: set[str]) -> dict[str, str]:
    """The names whose label is the key itself, or the same in both languages."""
    pairs = {name: (label(kind, name, "vi"), label(kind, name, "en")) for name in names}
    return {
        name: vietnamese
        for name, (vietnamese, english) in pairs.items()
        if vietnamese.lower() not in SAME_IN_BOTH and (vietnamese == english or "_" in vietnamese + english)
    }


def audited_models() -> dict[str, type[Model]]:
    kinds = AuditEntry.objects.values_list("kind", flat=True).distinct()
    return {kind: apps.get_model(kind) for kind in kinds}


def test_every_key_that_was_written_has_a_name() -> None:
    keys: dict[str, set[str]] = {}
    for entry in AuditEntry.objects.all():
        keys.setdefault(entry.kind, set()).update(entry.before, entry.after)
    assert sum(map(len, keys.values())) > 100
    assert {kind: bad for kind, names in keys.items() if (bad := untranslated(kind, names))} == {}


def test_every_column_of_what_is_audited_has_a_name() -> None:
    missing = {}
    for kind, model in audited_models().items():
        hidden = log._EXCLUDED_FIELDS | {"id"}
        names = {field.name for field in model._meta.concrete_fields if not field.primary_key} - hidden
        if bad := untranslated(kind, names):
            missing[kind] = bad
    assert missing == {}


def written_keys() -> set[str]:
    """The keys of `before` and `after` that the source spells out at a call of `write_entry` or `build_entry`."""
    keys = set()
    for path in [*ROOT.glob("indicators/**/*.py"), *ROOT.glob("targets/**/*.py"), *ROOT.glob("kpitracker/**/*.py")]:
        source = path.read_text()
        if "write_entry" not in source and "build_entry" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.keyword) and node.arg in ("before", "after") and isinstance(node.value, ast.Dict):
                keys |= {str(key.value) for key in node.value.keys if isinstance(key, ast.Constant)}
    return keys


def test_every_key_that_the_source_writes_has_a_name() -> None:
    keys = written_keys()
    assert len(keys) > 10
    kinds = sorted(audited_models())
    nowhere = {key for key in keys if all(untranslated(kind, {key}) for kind in kinds)}
    assert nowhere == set()


def test_the_list_shows_vietnamese_names_only() -> None:
    client = client_of(User.objects.get(username="root"))
    page = client.get(reverse("admin:lib_auditentry_changelist"), {"all": ""}, headers={"Accept-Language": "vi"})
    lines = re.findall(r"<div>([^<:]+): [^<]* → ", page.content.decode())
    assert lines
    assert [line for line in lines if re.fullmatch(r"[a-z]+(_[a-z]+)+", line)] == []
    assert not {"missing reason", "posted by", "created at", "period start"} & set(lines)


@pytest.mark.parametrize(
    ("kind", "name", "value", "vietnamese"),
    [
        pytest.param("targets.target", "goal", "at_least", "ít nhất", id="a choice of a version in the entry of its target"),
        pytest.param("targets.target", "announced", "2024-05-01", "01/05/2024", id="a day of a version"),
        pytest.param("targets.target", "lower", "1234.5", "1.234,5", id="a number of a version"),
        pytest.param("indicators.measurement", "value", "1234.5", "1.234,5", id="a number of a figure"),
        pytest.param("indicators.import", "not_undone", 3, "3", id="a count"),
    ],
)  # fmt: skip
def test_values_are_written_as_the_reader_writes_them(kind: str, name: str, value: Any, vietnamese: str) -> None:
    with override("vi"):
        [change] = audit_text.field_changes(AuditEntry(kind=kind, before={}, after={name: value}))
    assert vietnamese in change.after.lower()
