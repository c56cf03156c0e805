from django.db import migrations, models
from django.utils import timezone

_GRADES = {"at_risk": 1, "off_track": 2, "missed": 3}
_RULES = [
    {
        "code": "figures-overdue",
        "name": "Số liệu quá hạn",
        "name_en": "Figures are overdue",
        "kind": "overdue",
        "days": 5,
        "severity": "warning",
        "remind_days": 5,
        "escalate_days": 10,
    },
    {
        "code": "pace-out-of-reach",
        "name": "Mức cần đạt vượt mọi kỳ đã có",
        "name_en": "The required pace is out of reach",
        "kind": "pace_out_of_reach",
        "severity": "warning",
        "active": False,
    },
]


def fill(apps, editor):
    """What was told before messages were counted: each message of an alert gets its number."""
    alerts, deliveries = (apps.get_model("targets", name) for name in ("Alert", "Delivery"))
    zone = timezone.get_default_timezone()
    for alert in alerts.objects.iterator(chunk_size=1000):
        numbers = {}
        for row in deliveries.objects.filter(alert=alert).order_by("pk"):
            numbers.setdefault((row.event, row.status), len(numbers) + 1)
            deliveries.objects.filter(pk=row.pk).update(number=numbers[row.event, row.status])
        day = timezone.localtime(alert.opened_at, zone).date()
        alerts.objects.filter(pk=alert.pk).update(
            grade=_GRADES.get(alert.status, 1), messages=len(numbers), told_on=day, raised_on=day
        )


def add_rules(apps, editor):
    rules = apps.get_model("targets", "AlertRule")
    rules.objects.filter(code="status-worrying").update(remind_days=5, escalate_days=10)
    for values in _RULES:
        rules.objects.get_or_create(code=values["code"], defaults={"statuses": [], **values})


def remove_rules(apps, editor):
    unused = apps.get_model("targets", "AlertRule").objects.filter(code__in=[each["code"] for each in _RULES])
    unused.filter(alerts=None).delete()


class Migration(migrations.Migration):
    dependencies = [("targets", "0012_alert_life")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(add_rules, remove_rules),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=["alert", "number", "channel", "recipient"], name="targets_delivery_sent_once"
            ),
        ),
    ]
