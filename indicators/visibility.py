"""Which rows an actor may see. Every query of the API and the admin starts with `visible_to`."""

from typing import Self

from django.apps import apps

from kpitracker.lib.actor import Actor


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


class RestrictedByAnyIndicatorMixin(RestrictedByIndicatorMixin):
    """Rows that reach indicators by several paths; they are hidden if any of these indicators is hidden."""

    indicator_paths: tuple[str, ...]

    def visible_to(self, by: Actor) -> Self:
        hidden = apps.get_model("indicators", "Indicator").objects.hidden_from(by)
        rows = self.all()  # type: ignore[attr-defined]
        for path in self.indicator_paths if hidden else ():
            rows = rows.exclude(**{f"{path}__in": hidden})
        return rows  # type: ignore[no-any-return]
