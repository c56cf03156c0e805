"""Version counters: what changed, so that a reader who has an answer already learns it without any other work."""

from django.db import models
from django.db.models import Q


class VersionCounter(models.Model):
    """A change of what can be seen, or the sum of several. Database triggers write them
    (`kpitracker.lib.db.counter_triggers`), `kpitracker.lib.db.version_counters` reads and folds them.

    `topic` and `object_id`: of what, such as a plan and its id; object 0 counts all objects of the topic.
    `indicator_id`: of a change that only readers of this indicator see, else 0. `number`: random. Two states of the
    database with the same sum of numbers are the same state, also after a restore.
    """

    topic = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    indicator_id = models.BigIntegerField()
    number = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["topic", "object_id", "indicator_id"], name="lib_versioncounter_object"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=0), name="lib_versioncounter_number_not_negative"),
        ]
