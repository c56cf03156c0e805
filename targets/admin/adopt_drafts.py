"""The page that adopts all drafts of a plan, with one act and one day."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextInputWidget

from kpitracker.lib import clock
from kpitracker.lib.admin.base import actor
from kpitracker.lib.admin.forms import clean_texts
from kpitracker.lib.admin.types import Values
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from targets.admin.plan_views import PlanPagesMixin
from targets.models import Plan
from targets.services.planning import adoption

_MAX_NAMED = 10


class AdoptDraftsForm(forms.Form):
    act = forms.CharField(
        label=text("Act", "Văn bản"), max_length=1000, widget=UnfoldAdminTextInputWidget,
        help_text=text("The document that decided the targets.", "Văn bản giao chỉ tiêu, ví dụ số và ngày nghị quyết."),
    )  # fmt: skip
    announced = forms.DateField(
        label=text("Announced", "Ngày ban hành"), widget=UnfoldAdminDateWidget,
        help_text=text("The targets count from this day.", "Chỉ tiêu có hiệu lực từ ngày này."),
    )  # fmt: skip

    def clean(self) -> Values:
        cleaned = super().clean() or self.cleaned_data
        clean_texts(self, cleaned)
        return cleaned


class AdoptDraftsMixin(PlanPagesMixin):
    """Adds the page to the admin of plans; its button shows while the plan has drafts."""

    @action(
        description=text("Adopt the drafts", "Ban hành các dự thảo"), url_path="adopt", permissions=["adopt_drafts"]
    )
    def adopt_drafts(self, request: HttpRequest, object_id: str) -> HttpResponse:
        plan: Plan = self._get_plan(request, object_id)
        form = AdoptDraftsForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                adopted = adoption.adopt_drafts(plan=plan, by=actor(request), now=clock.now(), **form.cleaned_data)
            except DomainError as error:
                for detail in [item.detail for item in error.items] or [error.detail or ""]:
                    form.add_error(None, detail)
            else:
                count = len(adopted)
                messages.success(request, str(text(f"{count} targets adopted.", f"Đã ban hành {count} chỉ tiêu.")))
                return HttpResponseRedirect(reverse("admin:targets_plan_change", args=[plan.pk]))
        heading = text(f"Adopt the drafts: {plan}", f"Ban hành các dự thảo: {plan}")
        introduction = _describe_drafts(
            [str(target.indicator) for target in adoption.draft_targets(plan, actor(request))]
        )
        context = {"form": form, "heading": heading, "introduction": introduction, "button": text("Adopt", "Ban hành")}
        return self._render_form_page(request, plan, context)

    def has_adopt_drafts_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        plan = self.get_object(request, object_id or "")
        if plan is None or not self.has_change_permission(request, plan):
            return False
        return bool(adoption.draft_targets(plan, actor(request)))


def _describe_drafts(names: list[str]) -> str:
    listed = ", ".join(names[:_MAX_NAMED]) + (", …" if len(names) > _MAX_NAMED else "")
    return text(
        f"{len(names)} drafts become targets that count, with their terms as they are: {listed}.",
        f"{len(names)} chỉ tiêu dự thảo được ban hành, giữ nguyên nội dung: {listed}.",
    )
