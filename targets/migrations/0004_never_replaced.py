from django.db import migrations

from kpitracker.lib.db.locks_and_triggers import never_replaced


class Migration(migrations.Migration):
    dependencies = [("targets", "0003_doors")]
    operations = [
        never_replaced("targets_targetversion", "id", "target_id, number"),
        never_replaced("targets_statuschange", "id", "uid"),
    ]
