from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from kpitracker.lib.db.locks_and_triggers import RunStatements


def _rename_flag(before: str, after: str, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute("UPDATE lib_commitsequence SET name = %s WHERE name = %s", [after, before])


def rename_to_paused(editor: BaseDatabaseSchemaEditor) -> None:
    _rename_flag("delivery-held", "delivery-paused", editor)


def rename_to_held(editor: BaseDatabaseSchemaEditor) -> None:
    _rename_flag("delivery-paused", "delivery-held", editor)


class Migration(migrations.Migration):
    dependencies = [
        ("lib", "0002_append_only"),
        ("targets", "0006_standard_names"),
    ]

    operations = [
        RunStatements(rename_to_paused, rename_to_held),
    ]
