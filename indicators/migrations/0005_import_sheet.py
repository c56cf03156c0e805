from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indicators", "0004_quiet_imports_and_withdrawn_figures")]
    operations = [
        migrations.AddField(
            model_name="import",
            name="sheet",
            field=models.CharField(blank=True, default="", max_length=100, verbose_name="sheet"),
        ),
    ]
