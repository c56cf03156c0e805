"""Who opens the pages of a plan, and what they may do there."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.http import error_pages
from targets.models import Plan
from targets.services.planning import part_scopes, plans


def find_plan(request: HttpRequest, code: str) -> tuple[Actor, Plan]:
    """Return the reader and the plan. Raises `PermissionDenied` without the scope read, `Http404` outside their part."""
    by = actor(request)
    if not by.may(Scope.READ):
        raise PermissionDenied
    plan = part_scopes.own_plans(by).select_related("area", "department").filter(code=code).first()
    if plan is None:
        raise Http404
    return by, plan


def check_may_write(plan: Plan, by: Actor) -> None:
    """Raises `PermissionDenied` for those who may not write this plan."""
    if not plans.may_write_plan(plan, by):
        raise PermissionDenied


def refuse_other_parameters(request: HttpRequest, accepted: Collection[str] = ()) -> HttpResponse | None:
    """Return 400 for a query parameter that the page does not have."""
    for name in request.GET:
        if name not in accepted:
            return error_pages.unknown_parameter(request, name, accepted)
    return None
