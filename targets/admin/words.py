"""A preview on the page of a target: its terms in words while they are edited."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Script
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import path, reverse

from indicators.admin.base import actor
from indicators.models import Indicator
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError
from kpitracker.lib.numbers import parse_number
from kpitracker.lib.texts import text
from targets.domain.vocabulary import Goal, Profile
from targets.models import Target
from targets.services import headings, words
from targets.services.terms import version_in_force

_NUMBERS = ("lower", "upper", "baseline", "tolerance", "tolerance_percent")
_HINT = text(
    "Choose an indicator and a goal, and enter the edges. Their meaning is shown here.",
    "Hãy chọn chỉ tiêu, hướng và nhập các cận: ý nghĩa sẽ hiện ở đây.",
)
_FLAGS = ("lower_open", "upper_open")


class WordsMixin:
    admin_site: Any
    change_form_before_template = "targets/words.html"

    class Media:
        # Deferred: the elements that the script looks for come after it.
        js = (Script("targets/words.js", defer=True),)

    def get_urls(self) -> Any:
        said = path("words/", self.admin_site.admin_view(self.words_view), name="targets_target_words")
        return [said, *super().get_urls()]  # type: ignore[misc]

    def words_view(self, request: HttpRequest) -> HttpResponse:
        """The lines shown beside the terms, as JSON. Only for users who may edit targets."""
        page: Any = self
        if not page.has_change_permission(request):
            raise PermissionDenied
        lines = [str(line) for line in _lines(request.GET, actor(request))]
        return JsonResponse({"lines": lines}, headers={"Cache-Control": "no-store"})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        page: Any = self
        row = page.get_object(request, object_id) if object_id else None
        version = version_in_force(row, clock.today()) if row else None
        context = {
            **(extra_context or {}),
            "words": {
                "url": reverse("admin:targets_target_words") if page.has_change_permission(request) else "",
                "title": text("In words", "Diễn giải"),
                "said": words.of_version(row, version) if row and version else "" if row else _HINT,
                "parts_title": text("The heading of", "Gồm các chỉ tiêu"),
                "parts": headings.of_targets([row], actor(request))[row.pk].components if row else (),
            },
        }
        shown: HttpResponse = super().changeform_view(request, object_id, form_url, context)  # type: ignore[misc]
        return shown


def _lines(given: QueryDict, by: Actor) -> list[str]:
    target = _found(Target.objects.visible_to(by).select_related("indicator"), given.get("target"))
    indicator = target.indicator if target else _found(Indicator.objects.visible_to(by), given.get("indicator"))
    goal = target.goal if target else given.get("goal", "")
    profile = given.get("profile", "")
    if indicator is None or goal not in ("", *Goal) or profile not in ("", *Profile):
        return []
    values: dict[str, Any] = {name: given.get(name) == "on" for name in _FLAGS}
    values["qualitative"] = target.qualitative if target else given.get("qualitative") == "on"
    try:
        values |= {name: _number(given.get(name, "")) for name in _NUMBERS}
        said = words.preview(
            indicator=indicator, about=given.get("about") == "on", goal=goal, profile=profile, values=values
        )
    except DomainError as error:
        return [str(error.detail)]
    return [said] if said else []


def _found(rows: Any, pk: str | None) -> Any:
    return rows.filter(pk=pk).first() if pk and pk.isascii() and pk.isdigit() and len(pk) < 19 else None


def _number(given: str) -> Decimal | None:
    return parse_number(given.strip()) if given.strip() else None
