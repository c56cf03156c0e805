"""Stored responses by Idempotency-Key."""

from django.db import models
from django.db.models.functions import Now

from kpitracker.lib.db.fields import Uuid7Field


class IdempotencyRecord(models.Model):
    """One key of one owner with its response. `status` is null while the first request runs."""

    id = Uuid7Field(primary_key=True)
    owner = models.CharField(max_length=40)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="lib_idempotencyrecord_key_unique")]
