from decimal import Decimal

from django.db import migrations
from django.db.models import F

_RULES = [
    {
        "code": "figures-due-soon",
        "name": "Số liệu sắp đến hạn",
        "name_en": "Figures are due soon",
        "kind": "due_soon",
        "days": 3,
        "severity": "info",
    },
    {
        "code": "met-early",
        "name": "Chỉ tiêu về đích sớm",
        "name_en": "A target is reached early",
        "kind": "met_early",
        "severity": "info",
    },
    {
        "code": "action-overdue",
        "name": "Biện pháp quá hạn",
        "name_en": "An action is overdue",
        "kind": "action_overdue",
        "severity": "warning",
        "remind_days": 5,
        "escalate_days": 10,
        "active": False,
    },
    {
        "code": "figure-revised",
        "name": "Số liệu bị sửa quá 5%",
        "name_en": "A figure was revised by more than 5 percent",
        "kind": "revised_beyond",
        "amount": Decimal(5),
        "in_percent": True,
        "severity": "warning",
        "active": False,
    },
    {
        "code": "back-on-track",
        "name": "Chỉ tiêu trở lại đúng tiến độ",
        "name_en": "A target is back on track",
        "kind": "recovered",
        "severity": "info",
        "active": False,
    },
    {
        "code": "target-amended",
        "name": "Chỉ tiêu được điều chỉnh",
        "name_en": "A target is amended",
        "kind": "target_amended",
        "severity": "info",
        "active": False,
    },
]


def add_rules(apps, editor):
    rules = apps.get_model("targets", "AlertRule")
    for values in _RULES:
        rules.objects.get_or_create(code=values["code"], defaults={"statuses": [], **values})


def remove_rules(apps, editor):
    rules = apps.get_model("targets", "AlertRule")
    rules.objects.filter(code__in=[each["code"] for each in _RULES], alerts=None).delete()


def look_at_the_answered(apps, editor):
    """Until now nobody looked again at what was answered without a day; a known result closes it."""
    answered = apps.get_model("targets", "Alert").objects.filter(state="acknowledged", look_at=None)
    answered.update(look_at=F("opened_at"))


class Migration(migrations.Migration):
    # Beside the constraints, and not with them: PostgreSQL changes no table to which rows were written just before.
    dependencies = [("targets", "0014_more_rules")]
    operations = [
        migrations.RunPython(add_rules, remove_rules),
        migrations.RunPython(look_at_the_answered, migrations.RunPython.noop),
    ]
