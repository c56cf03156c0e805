"""Which rows an actor may see. Every query of the API and the admin starts with `visible_to`."""

from hashlib import sha256
from typing import Any, Self

from django.apps import apps
from django.db.models import Case, F, Model, Prefetch, Q, QuerySet, Value, When

from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.db.visible_indicators import VisibleIndicators


class PublicMixin:
    """Rows that every authenticated actor may see."""

    def visible_to(self, by: Actor) -> Self:
        return self.all()  # type: ignore[attr-defined, no-any-return]


class RestrictedByIndicatorMixin:
    """Rows about an indicator. Rows of a restricted indicator do not exist for actors who may not see it."""

    indicator_path = "indicator"

    def visible_to(self, by: Actor) -> Self:
        hidden = apps.get_model("indicators", "Indicator").objects.hidden_from(by)
        return self.exclude(**{f"{self.indicator_path}__in": hidden}) if hidden else self.all()  # type: ignore[attr-defined, no-any-return]


def visible_parts(by: Actor) -> "Prefetch[str, QuerySet[Model], str]":
    """For `prefetch_related`: the parts of indicators that the actor may see, by code."""
    return Prefetch("parts", apps.get_model("indicators", "Indicator").objects.visible_to(by).order_by("code"))


class RestrictedByAnyIndicatorMixin(RestrictedByIndicatorMixin):
    """Rows that reach indicators by several paths; they are hidden if any of these indicators is hidden."""

    indicator_paths: tuple[str, ...]

    def visible_to(self, by: Actor) -> Self:
        hidden = apps.get_model("indicators", "Indicator").objects.hidden_from(by)
        rows = self.all()  # type: ignore[attr-defined]
        for path in self.indicator_paths if hidden else ():
            rows = rows.exclude(**{f"{path}__in": hidden})
        return rows  # type: ignore[no-any-return]


class OwnPartQuerySet(QuerySet[Any]):
    """Rows that only their own department, departments above it and the whole organisation see."""

    department_path = "department"

    def visible_to(self, by: Actor) -> Self:
        if by.department is None:
            return self.all()
        return self.filter(**{f"{self.department_path}__in": _subtree_ids(by.department)})


class UserQuerySet(OwnPartQuerySet):
    def administrators(self) -> Self:
        """Active users who may manage accounts."""
        return self.filter(Q(is_superuser=True) | Q(role="administrator"), is_active=True)


class AccountEmailQuerySet(OwnPartQuerySet):
    department_path = "user__department"


def _subtree_ids(department: int) -> set[int]:
    """Ids of the department and of all below it."""
    return apps.get_model("indicators", "Department").objects.subtree_ids(department)  # type: ignore[no-any-return]


def _posters_part(by: Actor) -> set[int] | None:
    """Ids of the departments whose posters, and whose figures without approval, the actor sees; None: of all.

    Administrators see all, and so do users of the whole organisation who may approve figures.
    """
    if by.may(Scope.ADMIN) or (by.department is None and by.person is not None and by.may(Scope.FIGURES_WRITE)):
        return None
    if by.department is None:
        return set()
    return _subtree_ids(by.department)


def find_visible_indicators(by: Actor) -> VisibleIndicators:
    """For tags of views: which indicators the actor sees."""
    rows = apps.get_model("indicators", "Indicator").objects
    hidden = frozenset(rows.hidden_from(by))
    visible = rows.exclude(pk__in=hidden).order_by("pk").values_list("pk", flat=True) if hidden else ()
    return VisibleIndicators(hidden, sha256(str(list(visible)).encode()).hexdigest() if hidden else "")


class PosterMixin(RestrictedByIndicatorMixin):
    """Rows of figures that someone posted, and that may wait for the approval of a second person."""

    poster_path = ""  # to the revision

    def with_poster(self, by: Actor) -> Any:
        """Annotate `shown_poster`: who posted the figure, empty where the actor may not know."""
        own_ids, path = _posters_part(by), self.poster_path
        department_known = ~Q(pk=None) if own_ids is None else Q(**{f"{path}department__in": own_ids})
        poster = Case(When(department_known, then=F(f"{path}posted_by")), default=Value(""))
        return self.annotate(shown_poster=poster)  # type: ignore[attr-defined]

    def seen_unapproved(self, by: Actor) -> Q:
        """Rows that the actor sees before their approval, and when they were rejected.

        Those of its own part, and those of indicators that its part reports: it may have to approve them.
        """
        own_ids = _posters_part(by)
        if own_ids is None:
            return ~Q(pk=None)
        reported = apps.get_model("indicators", "Indicator").objects.reported_by(own_ids)
        paths = {f"{self.poster_path}department__in": own_ids, f"{self.indicator_path}__in": reported.values("pk")}
        return Q(**paths, _connector=Q.OR)
