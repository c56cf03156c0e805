import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


def superusers_are_administrators(apps, editor):
    apps.get_model("indicators", "User").objects.filter(is_superuser=True).update(role="administrator")


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('indicators', '0003_doors'),
    ]

    operations = [
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('invitation', 'invitation'), ('reset', 'new password')], max_length=10, verbose_name='kind')),
                ('requested_at', models.DateTimeField(verbose_name='asked for')),
                ('requested_by', models.CharField(max_length=200, verbose_name='asked for by')),
                ('due_at', models.DateTimeField(verbose_name='due')),
                ('attempts', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('state', models.CharField(choices=[('pending', 'waiting'), ('sending', 'being sent'), ('sent', 'sent'), ('failed', 'failed')], default='pending', max_length=8, verbose_name='state')),
                ('answer', models.TextField(blank=True, default='', verbose_name='answer')),
            ],
            options={
                'verbose_name': 'letter',
                'verbose_name_plural': 'letters',
            },
        ),
        migrations.AlterModelManagers(
            name='user',
            managers=[
            ],
        ),
        migrations.AddField(
            model_name='user',
            name='role',
            field=models.CharField(choices=[('viewer', 'viewer'), ('officer', 'department officer'), ('planner', 'plan owner'), ('administrator', 'administrator')], default='viewer', max_length=13, verbose_name='role'),
        ),
        migrations.AddField(
            model_name='user',
            name='row_version',
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name='user',
            name='sessions',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name='user',
            name='department',
            field=models.ForeignKey(blank=True, help_text='Empty: the whole organisation.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='people', to='indicators.department', verbose_name='department'),
        ),
        migrations.AlterField(
            model_name='user',
            name='is_staff',
            field=models.BooleanField(default=True, editable=False),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'officer', 'planner', 'administrator'])), name='indicators_user_role_known'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), condition=models.Q(('is_active', True), models.Q(('email', ''), _negated=True)), name='indicators_user_email_of_one'),
        ),
        migrations.AddField(
            model_name='letter',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(condition=models.Q(('state__in', ['pending', 'sending'])), fields=['due_at'], name='indicators_letter_due'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['invitation', 'reset']), ('state__in', ['pending', 'sending', 'sent', 'failed'])), name='indicators_letter_words_known'),
        ),
        migrations.RunPython(superusers_are_administrators, migrations.RunPython.noop),
    ]
