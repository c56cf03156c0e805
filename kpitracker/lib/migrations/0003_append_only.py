from django.db import migrations

from kpitracker.lib.db.locks_and_triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("lib", "0002_audit_and_idempotency")]
    operations = [
        append_only("lib_auditentry", "update", "delete", "truncate"),
        append_only("lib_auditseal", "update", "delete", "truncate"),
    ]
