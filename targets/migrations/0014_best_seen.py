"""Stored assessments have the best pace seen, and the same span a year before. The next daily run computes them."""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_NOT_COMPUTED = dict.fromkeys(("best_seen", "best_seen_period", "periods_seen", "out_of_reach"))


def replace_best_ever(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    manager = apps.get_model("targets", "Assessment").objects.using(schema_editor.connection.alias)
    for assessment in manager.exclude(payload__has_key="same_period").iterator():
        assessment.payload["required"].pop("best_ever", None)
        assessment.payload["required"] |= _NOT_COMPUTED
        assessment.payload |= {"same_period": None, "percent_of_target": None}
        assessment.valid_through = date.min
        assessment.save(update_fields=["payload", "valid_through"])


class Migration(migrations.Migration):
    dependencies = [
        ("targets", "0013_headings_apart"),
    ]

    operations = [
        migrations.RunPython(replace_best_ever, migrations.RunPython.noop),
    ]
