from django.db import migrations

from kpitracker.lib.db.locks_and_triggers import append_only, forbid_replace


class Migration(migrations.Migration):
    dependencies = [("lib", "0001_initial")]
    operations = [
        append_only("lib_auditentry", "update", "delete", "truncate"),
        append_only("lib_auditseal", "update", "delete", "truncate"),
        forbid_replace("lib_auditentry", "id"),
        forbid_replace("lib_auditseal", "position", "entry"),
    ]
