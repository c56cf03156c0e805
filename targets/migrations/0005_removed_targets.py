import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0001_initial"),
        ("targets", "0004_check_decimal_columns"),
    ]

    operations = [
        migrations.CreateModel(
            name="RemovedTarget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("identifier", models.CharField(max_length=260, verbose_name="id")),
                ("removed_at", models.DateTimeField(verbose_name="removed")),
                ("change", models.BigIntegerField(unique=True)),
                (
                    "indicator",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="indicators.indicator",
                    ),
                ),
            ],
            options={
                "verbose_name": "removed target",
                "verbose_name_plural": "removed targets",
            },
        ),
    ]
