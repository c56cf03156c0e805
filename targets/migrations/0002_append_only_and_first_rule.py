from django.db import migrations

from kpitracker.lib.db.locks_and_triggers import append_only


def add_rule(apps, editor):
    apps.get_model("targets", "AlertRule").objects.get_or_create(
        code="status-worrying",
        defaults={
            "name": "Chỉ tiêu chuyển sang có nguy cơ, chậm tiến độ hoặc không đạt",
            "name_en": "A target becomes at risk, off track or missed",
            "statuses": ["at_risk", "off_track", "missed"],
        },
    )


def remove_rule(apps, editor):
    apps.get_model("targets", "AlertRule").objects.filter(code="status-worrying").delete()


class Migration(migrations.Migration):
    dependencies = [("targets", "0001_initial")]
    operations = [
        # Removal stays possible for what hangs on a target that was never used and is deleted with it.
        append_only("targets_targetversion", "update"),
        append_only("targets_statuschange", "update"),
        migrations.RunPython(add_rule, remove_rule),
    ]
