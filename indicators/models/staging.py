"""Decided rows of imports that store all rows or none. One commit copies them into the tables of figures."""

from django.db import models

from indicators.models.department import Department
from indicators.models.import_ import Import
from indicators.models.measurement import FigureContent


class StagedSlice(models.Model):
    """A slice of an import whose rows are decided, with what the decisions depend on: the commit compares it."""

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="staged_slices")
    start = models.PositiveIntegerField(help_text="Position of its first row in the order of processing.")
    audit = models.JSONField(default=dict, help_text="The counts of its rows, and the digest of its revisions.")
    indicators = models.JSONField(default=list, help_text="The codes of the indicators that its rows name.")
    areas = models.JSONField(default=list, help_text="The codes of the areas; an empty one is the home area.")
    references = models.CharField(max_length=64, help_text="Digest of what these codes stood for.")
    kept = models.PositiveIntegerField(default=0, help_text="How many figures must still have as many revisions.")
    decided = models.PositiveIntegerField(default=0, help_text="How many revisions of its figures had been decided on.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "start"], name="indicators_stagedslice_start_unique")]


class StagedContent(FigureContent):
    slice = models.ForeignKey(StagedSlice, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    department = models.ForeignKey(
        Department, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )

    class Meta:
        abstract = True


class StagedFigure(StagedContent):
    """A figure as it will be: new (`was_revisions` is empty), with another current revision, or without (it is empty).

    Its content is that of the current revision. A figure that stays as it is has as many revisions as it had.
    """

    figure = models.UUIDField()
    indicator_id = models.BigIntegerField(null=True)
    area_id = models.BigIntegerField(null=True)
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    was_revisions = models.PositiveIntegerField(null=True)
    revisions = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(null=True)
    current_revision = models.UUIDField(null=True)


class StagedRevision(StagedContent):
    """A revision that will be stored. `pending`: it waits for approval then."""

    revision = models.UUIDField()
    measurement_id = models.UUIDField()
    number = models.PositiveIntegerField()
    quiet = models.BooleanField()
    warnings = models.JSONField(default=list)
    batch = models.UUIDField()
    pending = models.BooleanField(default=False)
