"""The page that copies a plan to another period: it shows what will be copied, then does it."""

import hashlib
from dataclasses import dataclass
from datetime import date

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from indicators.period_form_field import WrittenPeriodField
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.forms import add_problem
from kpitracker.lib.admin.text_fields import CleanTextField
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text, translate
from targets.models import Plan
from targets.pages.board_form import day_field
from targets.pages.plan_access import check_may_write, find_plan, refuse_other_parameters
from targets.pages.plan_rows import TargetRow, build_target_rows, name_of
from targets.pages.plan_words import COPY_WORDS, PLAN_WORDS
from targets.pages.term_fields import field_label
from targets.pages.words import FRAME_WORDS
from targets.services.planning import part_scopes, plan_copies
from targets.services.planning.plan_copies import CopyResult
from targets.services.text import formatting


class CopyForm(forms.Form):
    """The new plan. It starts with what the copy would have anyway."""

    code = CleanTextField(label=text("Code", "Mã"), max_length=64, widget=forms.TextInput)
    name = CleanTextField(label=text("Name", "Tên"), max_length=300, widget=forms.TextInput(attrs={"size": 50}))
    period = WrittenPeriodField(help_text=text("For example 2025.", "Ví dụ 2025."))
    announced = day_field(text("Day of the drafts (empty: today)", "Ngày của dự thảo (để trống: hôm nay)"))


@dataclass(frozen=True, slots=True)
class CopyPreview:
    """What a copy would make. `digest` tells two of them apart."""

    name: str
    code: str
    period: str
    sections: dict[str, list[TargetRow]]
    skipped: list[str]

    @property
    def digest(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()[:32]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def copy_plan(request: HttpRequest, code: str) -> HttpResponse:
    """A POST shows what would be copied; sent again with that preview (`confirmed`), it copies."""
    by, plan = find_plan(request, code)
    check_may_write(plan, by)
    if refusal := refuse_other_parameters(request):
        return refusal
    suggested = plan_copies.suggest_values(plan)
    form = CopyForm(
        request.POST if request.method == "POST" else None,
        initial={"code": suggested.code, "name": suggested.name, "period": str(suggested.period)},
    )
    preview = None
    if form.is_valid():
        preview, copied = _copy(request, plan, by, form)
        if copied:
            count = len(copied.targets)
            messages.success(
                request, translate(f"{count} targets copied as drafts.", f"Đã sao chép {count} chỉ tiêu dự thảo.")
            )
            return HttpResponseRedirect(reverse("plan", args=[copied.plan.code]))
    context = {
        "title": translate(f"Copy to the next period: {plan}", f"Sao chép sang kỳ sau: {plan}"),
        "words": FRAME_WORDS | PLAN_WORDS | COPY_WORDS,
        "plan": plan,
        "form": form,
        "preview": preview,
    }
    return render(request, "pages/plan_copy.html", context)


def _copy(
    request: HttpRequest, plan: Plan, by: Actor, form: forms.Form
) -> tuple[CopyPreview | None, CopyResult | None]:
    """Copy, and keep it only if its preview was confirmed; without a preview if the service refuses it."""
    try:
        with transaction.atomic():
            now = clock.now()
            result = plan_copies.copy_plan(plan=plan, by=by, now=now, **form.cleaned_data)
            preview = _describe(plan, result, by, clock.local_day(now))
            if request.POST.get("do") == "store" and request.POST.get("confirmed") == preview.digest:
                return preview, result
            transaction.set_rollback(True)
            return preview, None
    except DomainError as error:
        add_problem(form, error)
        return None, None


def _describe(plan: Plan, result: CopyResult, by: Actor, today: date) -> CopyPreview:
    targets = part_scopes.own_targets(by).for_list()
    copies = targets.filter(plan=result.plan)
    names = {target.identifier: name_of(target) for target in targets.filter(plan=plan)}
    return CopyPreview(
        str(result.plan),
        result.plan.code,
        formatting.format_period(str(result.plan.period)),
        build_target_rows(copies, {}, today),
        [
            f"{names.get(item.target, item.target)}{f' ({field_label(item.field)})' if item.field else ''}: {item.detail}"
            for item in result.skipped
        ],
    )
