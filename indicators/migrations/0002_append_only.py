from django.db import migrations

from kpitracker.lib.db.locks_and_triggers import append_only, forbid_replace, set_fillfactor


class Migration(migrations.Migration):
    dependencies = [("indicators", "0001_initial")]
    operations = [
        append_only("indicators_revision", "update", "delete", "truncate"),
        forbid_replace("indicators_revision", "id", "measurement_id, number"),
        set_fillfactor("indicators_measurement", 50),
    ]
