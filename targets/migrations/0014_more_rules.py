import django.core.validators
from django.db import migrations, models


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
    ]
