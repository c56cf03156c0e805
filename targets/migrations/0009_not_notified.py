from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("targets", "0008_standard_words"),
    ]

    operations = [
        migrations.RenameField("assessment", "untold", "not_notified"),
    ]
