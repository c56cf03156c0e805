from django.db import migrations

from kpitracker.lib.db.locks_and_triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("indicators", "0001_initial")]
    operations = [append_only("indicators_revision", "update", "delete", "truncate")]
