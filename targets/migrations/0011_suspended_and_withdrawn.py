from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from kpitracker.lib.db.locks_and_triggers import (
    RunStatements,
    append_only,
    forbid_replace,
    lift_append_only,
    lift_forbid_replace,
)

VERSION, KEYS = "targets_targetversion", ("id", "target_id, number")
_STATES = ["draft", "adopted", "amended", "suspended", "withdrawn"]
_CHOICES = [(state, state) for state in _STATES]


def copy_states(editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute(
        "UPDATE targets_assessment SET state = (SELECT v.state FROM targets_targetversion v "
        "WHERE v.target_id = targets_assessment.target_id AND v.number = targets_assessment.version) "
        "WHERE EXISTS (SELECT 1 FROM targets_targetversion v "
        "WHERE v.target_id = targets_assessment.target_id AND v.number = targets_assessment.version)",
        params=None,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("targets", "0010_english_sections"),
    ]

    operations = [
        # SQLite rebuilds the table for its constraint, and drops its triggers with the old one.
        lift_append_only(VERSION, "update"),
        lift_forbid_replace(VERSION, *KEYS),
        migrations.RemoveConstraint(model_name="targetversion", name="targets_targetversion_valid_state"),
        migrations.AlterField(
            model_name="targetversion",
            name="state",
            field=models.CharField(choices=_CHOICES, default="adopted", max_length=9, verbose_name="state"),
        ),
        migrations.AddConstraint(
            model_name="targetversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", _STATES)), name="targets_targetversion_valid_state"
            ),
        ),
        append_only(VERSION, "update"),
        forbid_replace(VERSION, *KEYS),
        migrations.AddField(
            model_name="assessment",
            name="state",
            field=models.CharField(choices=_CHOICES, default="adopted", max_length=9, verbose_name="state"),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", _STATES)), name="targets_assessment_valid_state"
            ),
        ),
        RunStatements(copy_states, lambda editor: None),
    ]
