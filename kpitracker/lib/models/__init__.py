"""Abstract base models, and two tables that belong to no app: runs of jobs and sequences."""

import secrets
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from kpitracker.lib.db.fields import CodeField
from kpitracker.lib.i18n.text import text, translate
from kpitracker.lib.models.audit import AuditEntry, AuditSeal
from kpitracker.lib.models.idempotency import IdempotencyRecord
from kpitracker.lib.models.version_counter import VersionCounter
from kpitracker.lib.text_validation import normalize_for_search


class VersionedModel(models.Model):
    """A row that users edit. If-Match refers to its version."""

    row_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            self.row_version += 1
        super().save(*args, **kwargs)


class NamedModel(VersionedModel):
    """An object with an immutable code, and a name in the official language and in English."""

    code = CodeField(verbose_name=text("code", "mã"))
    name = models.CharField(text("name", "tên"), max_length=300)
    name_en = models.CharField(text("English name", "tên tiếng Anh"), max_length=300, blank=True, default="")
    note = models.TextField(text("note", "ghi chú"), blank=True, default="")
    search_text = models.TextField(editable=False, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return translate(self.name_en or self.name, self.name)

    def save(self, *args: object, **kwargs: object) -> None:
        self.search_text = normalize_for_search(self.code, self.name, self.name_en)
        super().save(*args, **kwargs)


class JobRun(models.Model):
    """One run of a periodic job. Two schedulers cannot start the same run: the slot is unique."""

    job = models.CharField(max_length=50)
    slot = models.CharField(max_length=50)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "slot"], name="lib_jobrun_slot_unique"),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(finished_at__gte=F("started_at")),
                name="lib_jobrun_finish_after_start",
            ),
        ]


class CommitSequence(models.Model):
    """Numbers that grow in commit order: the row stays locked from the call to the end of the transaction.

    With timestamps alone, a slow transaction could commit after a faster one that has a later timestamp, and a polling
    reader would miss it.
    """

    name = models.CharField(max_length=50, primary_key=True)
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(value__gte=0), name="lib_commitsequence_value_not_negative")]

    @classmethod
    def lock(cls, name: str) -> None:
        """Lock this name until the end of the transaction; waits for other holders."""
        cls.next_values(name, 0)

    @classmethod
    def next_values(cls, name: str, count: int) -> range:
        """The next `count` numbers. Call it in a transaction."""
        cls.objects.get_or_create(name=name)
        cls.objects.filter(name=name).update(value=F("value") + count)
        last = cls.objects.values_list("value", flat=True).get(name=name)
        return range(last - count + 1, last + 1)

    @classmethod
    def next_timestamps(cls, name: str, count: int, now: datetime) -> list[int]:
        """`count` numbers that grow in commit order, from the time in microseconds on, by random steps.

        A plain sequence would reveal how many rows changed that the reader may not see.
        """
        last = cls.next_values(name, 0).stop - 1
        number = max(last, int(now.timestamp() * 1_000_000))
        numbers = [number := number + 1 + secrets.randbelow(1000) for _ in range(count)]
        cls.objects.filter(name=name).update(value=number)
        return numbers


__all__ = [
    "AuditEntry",
    "AuditSeal",
    "CommitSequence",
    "IdempotencyRecord",
    "JobRun",
    "NamedModel",
    "VersionCounter",
    "VersionedModel",
]
