"""A preview on the page of a target: its terms in words while they are edited."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Script
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import URLPattern, path, reverse

from indicators.models import Indicator
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.base import actor
from kpitracker.lib.admin.types import Context, PageMixin
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from kpitracker.lib.numbers import read_number
from targets.domain.choices import Goal, Profile
from targets.models import Target
from targets.services.evaluation.target_versions import find_version_in_force
from targets.services.planning import headings
from targets.services.text import target_terms

_NUMBER_FIELDS = ("lower", "upper", "baseline", "tolerance", "tolerance_percent")
_HINT = text(
    "Choose an indicator and a goal, and enter the edges. Their meaning is shown here.",
    "Hãy chọn chỉ số, hướng và nhập các cận: ý nghĩa sẽ hiện ở đây.",
)
_FLAG_FIELDS = ("lower_open", "upper_open")


class TermsPreviewMixin(PageMixin):
    change_form_before_template = "targets/words.html"

    class Media:
        # Deferred: the elements that the script looks for come after it.
        js = (Script("targets/words.js", defer=True),)

    def get_urls(self) -> list[URLPattern]:
        preview_path = path("words/", self.admin_site.admin_view(self.preview_view), name="targets_target_words")
        return [preview_path, *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """The lines shown beside the terms, as JSON. Only for users who may edit targets."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        lines = [str(line) for line in _preview_lines(request.GET, actor(request))]
        return JsonResponse({"lines": lines}, headers={"Cache-Control": "no-store"})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        target = self.get_object(request, object_id) if object_id else None
        version = find_version_in_force(target, clock.today()) if target else None
        context = {
            **(extra_context or {}),
            "words": {
                "url": reverse("admin:targets_target_words") if self.has_change_permission(request) else "",
                "title": text("In words", "Diễn giải"),
                "said": target_terms.describe_version(target, version)
                if target and version
                else ""
                if target
                else _HINT,
                "parts_title": text("The heading of", "Gồm các chỉ tiêu"),
                "parts": headings.load_hierarchy_links([target], actor(request))[target.pk].components
                if target
                else (),
            },
        }
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response


def _preview_lines(query: QueryDict, by: Actor) -> list[str]:
    target = _find_visible(Target.objects.visible_to(by).select_related("indicator"), query.get("target"))
    indicator = target.indicator if target else _find_visible(Indicator.objects.visible_to(by), query.get("indicator"))
    goal = target.goal if target else query.get("goal", "")
    profile = query.get("profile", "")
    if indicator is None or goal not in ("", *Goal) or profile not in ("", *Profile):
        return []
    values: dict[str, Any] = {name: query.get(name) == "on" for name in _FLAG_FIELDS}
    values["qualitative"] = target.qualitative if target else query.get("qualitative") == "on"
    try:
        values |= {name: _parse_optional_number(query.get(name, "")) for name in _NUMBER_FIELDS}
        preview = target_terms.describe_draft(
            indicator=indicator, about=query.get("about") == "on", goal=goal, profile=profile, values=values
        )
    except DomainError as error:
        return [str(error.detail)]
    return [preview] if preview else []


def _find_visible(queryset: Any, pk: str | None) -> Any:
    return queryset.filter(pk=pk).first() if pk and pk.isascii() and pk.isdigit() and len(pk) < 19 else None


def _parse_optional_number(value: str) -> Decimal | None:
    return read_number(value).value if value.strip() else None
