import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("targets", "0005_removed_targets"),
    ]

    operations = [
        migrations.RenameField("alert", "explanation", "acknowledgement_note"),
        migrations.RenameField("alert", "last_escalated_on", "escalation_counted_from"),
        migrations.RenameField("targetversion", "recorded_by", "author"),
        migrations.RenameField("judgement", "recorded_by", "judged_by"),
        migrations.AlterField(
            model_name="alert",
            name="acknowledgement_note",
            field=models.TextField(blank=True, default="", verbose_name="note"),
        ),
        migrations.AlterField(
            model_name="alert",
            name="inhibited_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="inhibited_alerts",
                to="targets.alert",
                verbose_name="inhibited by",
            ),
        ),
        migrations.AlterField(
            model_name="alert",
            name="resolution_reason",
            field=models.TextField(blank=True, default="", verbose_name="reason for resolving"),
        ),
        migrations.AlterField(
            model_name="alert",
            name="resolved_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="resolved"),
        ),
        migrations.AlterField(
            model_name="alert",
            name="resolved_by",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="resolved by"),
        ),
        migrations.AlterField(
            model_name="alert",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "pending"),
                    ("firing", "firing"),
                    ("acknowledged", "acknowledged"),
                    ("resolved", "resolved"),
                ],
                default="firing",
                max_length=12,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged_deliveries",
                to="targets.delivery",
                verbose_name="sent with",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="response",
            field=models.TextField(blank=True, default="", verbose_name="response"),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="sequence",
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="message number"),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "waiting"),
                    ("sending", "being sent"),
                    ("sent", "sent"),
                    ("failed", "failed"),
                    ("dropped", "dropped"),
                ],
                default="pending",
                max_length=8,
                verbose_name="state",
            ),
        ),
    ]
