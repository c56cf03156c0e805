from django.db import migrations

from kpitracker.lib.db.decimal_columns import CheckDecimalColumns


class Migration(migrations.Migration):
    dependencies = [("indicators", "0002_append_only")]
    # The next migration makes the tables of figures again, and they get the check with it.
    operations = [CheckDecimalColumns("indicator")]
