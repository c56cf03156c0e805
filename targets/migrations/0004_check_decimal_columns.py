from django.db import migrations

from kpitracker.lib.db.decimal_columns import CheckDecimalColumns


class Migration(migrations.Migration):
    dependencies = [("targets", "0003_untold_statuses_and_missing_data")]
    operations = [CheckDecimalColumns("target", "targetversion", "assessment", "alertrule")]
