from decimal import Decimal

from django.db import migrations

from kpitracker.lib.db.locks_and_triggers import append_only, forbid_replace

AUDIENCE = ["lead", "cooperating"]
RULES = [
    {
        "code": "status-worrying",
        "name": "Chỉ tiêu chuyển sang có nguy cơ, chậm tiến độ hoặc không đạt",
        "name_en": "A target becomes at risk, off track or missed",
        "statuses": ["at_risk", "off_track", "missed"],
        "remind_days": 5,
        "escalate_days": 10,
    },
    {
        "code": "figures-overdue",
        "name": "Số liệu quá hạn",
        "name_en": "Figures are overdue",
        "kind": "overdue",
        "offset_days": 5,
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
    {
        "code": "figures-due-soon",
        "name": "Số liệu sắp đến hạn",
        "name_en": "Figures are due soon",
        "kind": "due_soon",
        "offset_days": 3,
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
    for values in RULES:
        rules.objects.create(**{"statuses": [], "audience": AUDIENCE, **values})


def remove_rules(apps, editor):
    rules = apps.get_model("targets", "AlertRule")
    rules.objects.filter(code__in=[values["code"] for values in RULES], alerts=None).delete()


class Migration(migrations.Migration):
    dependencies = [("targets", "0001_initial")]
    operations = [
        # Deleting stays possible: a target that was never used is deleted with its versions.
        append_only("targets_targetversion", "update"),
        append_only("targets_statuschange", "update"),
        append_only("targets_judgement", "update", "delete", "truncate"),
        append_only("targets_closing", "update", "delete", "truncate"),
        forbid_replace("targets_targetversion", "id", "target_id, number"),
        forbid_replace("targets_statuschange", "id", "uid"),
        forbid_replace("targets_judgement", "id"),
        forbid_replace("targets_closing", "id", "plan_id, number"),
        migrations.RunPython(add_rules, remove_rules),
    ]
