from django.db import migrations

from kpitracker.lib.db.locks_and_triggers import never_replaced


class Migration(migrations.Migration):
    dependencies = [("lib", "0003_append_only")]
    operations = [
        never_replaced("lib_auditentry", "id"),
        never_replaced("lib_auditseal", "position", "entry"),
    ]
