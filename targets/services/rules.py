"""Changing alert rules."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from kpitracker.lib import writing
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Invalid, NotPermitted
from kpitracker.lib.texts import text
from targets.domain.vocabulary import WORRYING
from targets.models import AlertRule


@transaction.atomic
def change(*, rule: AlertRule, by: Actor, statuses: Collection[str] | None = None, **values: Any) -> AlertRule:
    """Raises `NotPermitted`, `Invalid` (invalid-choice) for a status that worries nobody, or none at all."""
    if not by.may(Scope.ADMIN):
        raise NotPermitted("forbidden", text("Only administrators do this.", "Chỉ quản trị viên được làm việc này."))
    if statuses is not None:
        known = [status.value for status in sorted(WORRYING, key=lambda each: each.severity)]
        if not statuses or set(statuses) - set(known):
            choices = ", ".join(known)
            raise Invalid(
                "invalid-choice",
                text(f"One or more of: {choices}.", f"Một hoặc nhiều trong: {choices}."),
                pointer="/statuses",
            )
        values["statuses"] = [each for each in known if each in statuses]
    return writing.change(rule, values, by=by)
