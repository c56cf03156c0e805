"""What of the tables somebody sees. Every query of the API and the admin starts at `visible_to`."""

from typing import Self

from django.apps import apps

from kpitracker.lib.actor import Actor


class Open:
    """Rows that everybody with a key may see."""

    def visible_to(self, by: Actor) -> Self:
        return self.all()  # type: ignore[attr-defined, no-any-return]


class Scoped:
    """Rows about an indicator: those of a restricted one are for its department, and as if they were not there."""

    indicator_path = "indicator"

    def visible_to(self, by: Actor) -> Self:
        hidden = apps.get_model("indicators", "Indicator").objects.hidden_from(by)
        return self.exclude(**{f"{self.indicator_path}__in": hidden}) if hidden else self.all()  # type: ignore[attr-defined, no-any-return]


class ScopedByAny(Scoped):
    """Rows about an indicator, by one of several paths."""

    indicator_paths: tuple[str, ...]

    def visible_to(self, by: Actor) -> Self:
        hidden = apps.get_model("indicators", "Indicator").objects.hidden_from(by)
        rows = self.all()  # type: ignore[attr-defined]
        for path in self.indicator_paths if hidden else ():
            rows = rows.exclude(**{f"{path}__in": hidden})
        return rows  # type: ignore[no-any-return]
