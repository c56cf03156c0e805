"""Judgements of a target without a number, on the page of the target."""

from typing import Any

from django.db.models import Model

from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.append_only_inline import AppendOnlyForm, AppendOnlyFormSet, AppendOnlyInline
from kpitracker.lib.admin.permissions import PLANNING_SCOPES
from kpitracker.lib.admin.types import Values
from targets.admin import scopes
from targets.models import Judgement
from targets.services.planning import judgements


class JudgementForm(AppendOnlyForm):
    optional_fields = ("day",)


class JudgementFormSet(AppendOnlyFormSet):
    def write_row(self, values: Values) -> Model:
        return judgements.record_judgement(target=self.instance, by=self.by, now=clock.now(), **values)


class JudgementInline(AppendOnlyInline):
    required_scopes = PLANNING_SCOPES
    model = Judgement
    form, formset = JudgementForm, JudgementFormSet
    fields = ("status", "reason", "day", "shown_judged_by", "recorded_at")
    readonly_fields = ("shown_judged_by", "recorded_at")
    ordering = ("-day", "-pk")
    hide_title = True

    def may_edit(self, by: Actor, obj: Any) -> bool:
        return scopes.owns_plans_of(by, obj.plan.department_id)
