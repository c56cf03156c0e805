from django.db import migrations

from kpitracker.lib.db.locks_and_triggers import never_replaced


class Migration(migrations.Migration):
    dependencies = [("indicators", "0010_people")]
    operations = [
        never_replaced("indicators_revision", "id", "measurement_id, number"),
    ]
