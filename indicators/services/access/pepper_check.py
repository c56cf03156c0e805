"""System check: KEY_PEPPER must be the one that the API keys of the database were made with."""

from collections.abc import Sequence

from django.core.checks import Error, Tags, register
from django.db import connections
from django.utils import timezone

from indicators.models import ApiKey
from indicators.services.access import peppers
from kpitracker.env import wants_new_secrets


@register(Tags.database)
def check_pepper(databases: Sequence[str] | None = None, **_: object) -> list[Error]:
    """Runs when databases are named: at each start, at `migrate`, and by `manage.py check --database default`."""
    if wants_new_secrets():
        return []
    return [
        Error(
            f"KEY_PEPPER is lost or was replaced: none of the {count} API keys of the database works with it.",
            hint="Put the former value into KEY_PEPPER or OLD_KEY_PEPPERS, or start once with NEW_SECRETS=yes and "
            "issue new keys.",
            id="kpitracker.E005",
        )
        for alias in databases or ()
        if (count := count_dead_keys(alias))
    ]


def count_dead_keys(alias: str) -> int:
    """The number of valid keys when all of them were hashed with peppers that are not configured, else 0."""
    table = ApiKey._meta.db_table
    if table not in connections[alias].introspection.table_names():
        return 0
    keys = ApiKey.objects.using(alias).filter(revoked_at=None, expires_at__gt=timezone.now())
    names = list(keys.values_list("pepper", flat=True))
    return 0 if any(map(peppers.is_configured, names)) else len(names)
