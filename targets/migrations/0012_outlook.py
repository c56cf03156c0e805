"""Stored assessments have an outlook instead of a projection. The next daily run computes its method."""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_NOT_COMPUTED = dict.fromkeys(("method", "tested", "range_from"))


def rename_projection(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    manager = apps.get_model("targets", "Assessment").objects.using(schema_editor.connection.alias)
    for assessment in manager.filter(payload__has_key="projection").iterator():
        projection = assessment.payload.pop("projection")
        assessment.payload["outlook"] = {"issuer": None, **projection, **_NOT_COMPUTED}
        assessment.payload["required"].setdefault("assumes", None)
        assessment.valid_through = date.min
        assessment.save(update_fields=["payload", "valid_through"])


class Migration(migrations.Migration):
    dependencies = [
        ("targets", "0011_suspended_and_withdrawn"),
    ]

    operations = [
        migrations.RunPython(rename_projection, migrations.RunPython.noop),
    ]
