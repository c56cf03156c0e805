from decimal import Decimal

import django.core.validators
from django.db import migrations, models
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

    dependencies = [
        ('indicators', '0016_regional'),
        ('targets', '0013_alert_defaults'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='alertrule',
            name='targets_rule_words_known',
        ),
        migrations.RemoveConstraint(
            model_name='alertrule',
            name='targets_rule_of_variance_has_an_amount',
        ),
        migrations.AddField(
            model_name='alert',
            name='about',
            field=models.CharField(blank=True, default='', editable=False, max_length=80),
        ),
        migrations.AlterField(
            model_name='alertrule',
            name='days',
            field=models.PositiveSmallIntegerField(default=0, help_text='Worked days: after it of overdue figures, before it of those due soon.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(366)], verbose_name='days after or before the due day'),
        ),
        migrations.AlterField(
            model_name='alertrule',
            name='kind',
            field=models.CharField(choices=[('status_is', 'the status becomes one of these'), ('recovered', 'it is back on track'), ('met_early', 'it is reached before its time'), ('variance_beyond', 'the shortfall is beyond an amount'), ('revised_beyond', 'a figure was revised beyond an amount'), ('pace_out_of_reach', 'the required pace is out of reach'), ('target_amended', 'the target is amended'), ('due_soon', 'figures are due soon'), ('overdue', 'figures are overdue'), ('action_overdue', 'an action is overdue')], default='status_is', max_length=20, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.UniqueConstraint(condition=models.Q(('about', ''), _negated=True), fields=('rule', 'target', 'about'), name='targets_alert_told_once'),
        ),
        migrations.AddConstraint(
            model_name='alertrule',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['status_is', 'recovered', 'met_early', 'variance_beyond', 'revised_beyond', 'pace_out_of_reach', 'target_amended', 'due_soon', 'overdue', 'action_overdue']), ('severity__in', ['', 'info', 'warning', 'critical'])), name='targets_rule_words_known'),
        ),
        migrations.AddConstraint(
            model_name='alertrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['variance_beyond', 'revised_beyond']), _negated=True), ('amount__isnull', False), _connector='OR'), name='targets_rule_of_variance_has_an_amount'),
        ),
        migrations.AddConstraint(
            model_name='alertrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'due_soon'), _negated=True), ('days__gte', 1), _connector='OR'), name='targets_rule_due_soon_has_days'),
        ),
        migrations.RunPython(add_rules, remove_rules),
        migrations.RunPython(look_at_the_answered, migrations.RunPython.noop),
    ]
