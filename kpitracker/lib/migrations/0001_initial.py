import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True, verbose_name='time')),
                ('actor', models.CharField(max_length=200, verbose_name='who')),
                ('department', models.BigIntegerField(null=True, verbose_name='department')),
                ('address', models.CharField(blank=True, default='', max_length=45, verbose_name='from')),
                ('request_id', models.CharField(blank=True, default='', max_length=64, verbose_name='request')),
                ('verb', models.CharField(choices=[('created', 'created'), ('changed', 'changed'), ('deleted', 'deleted'), ('recorded', 'posted'), ('acknowledged', 'acknowledged'), ('amended', 'amended'), ('approved', 'approved'), ('rejected', 'rejected'), ('issued', 'issued'), ('rotated', 'replaced'), ('revoked', 'revoked'), ('exposed', 'seen in an address'), ('invited', 'invited'), ('reset', 'asked for a new password'), ('password', 'set a password'), ('logged-in', 'logged in'), ('opened', 'opened'), ('worsened', 'worsened'), ('resolved', 'closed')], max_length=12, verbose_name='did')),
                ('kind', models.CharField(max_length=60, verbose_name='kind')),
                ('object_id', models.CharField(max_length=60)),
                ('label', models.CharField(max_length=300, verbose_name='what')),
                ('before', models.JSONField(default=dict, verbose_name='before')),
                ('after', models.JSONField(default=dict, verbose_name='after')),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit',
                'indexes': [models.Index(fields=['kind', 'object_id'], name='lib_auditentry_object')],
                'constraints': [models.CheckConstraint(condition=models.Q(('verb__in', ['created', 'changed', 'deleted', 'recorded', 'acknowledged', 'amended', 'approved', 'rejected', 'issued', 'rotated', 'revoked', 'exposed', 'invited', 'reset', 'password', 'logged-in', 'opened', 'worsened', 'resolved'])), name='lib_auditentry_valid_verb')],
            },
        ),
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('position', models.BigIntegerField(primary_key=True, serialize=False)),
                ('entry', models.UUIDField(unique=True)),
                ('digest', models.CharField(max_length=64)),
                ('sealed_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('position__gte', 1)), name='lib_auditseal_position_positive')],
            },
        ),
        migrations.CreateModel(
            name='CommitSequence',
            fields=[
                ('name', models.CharField(max_length=50, primary_key=True, serialize=False)),
                ('value', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('value__gte', 0)), name='lib_commitsequence_value_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='IdempotencyRecord',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('owner', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('headers', models.JSONField(default=dict)),
                ('body', models.TextField(default='')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('owner', 'key'), name='lib_idempotencyrecord_key_unique')],
            },
        ),
        migrations.CreateModel(
            name='JobRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.CharField(max_length=50)),
                ('slot', models.CharField(max_length=50)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('job', 'slot'), name='lib_jobrun_slot_unique'), models.CheckConstraint(condition=models.Q(('finished_at', None), ('finished_at__gte', models.F('started_at')), _connector='OR'), name='lib_jobrun_finish_after_start')],
            },
        ),
    ]
