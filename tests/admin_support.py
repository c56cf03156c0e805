"""A person who is logged in to the admin."""

from typing import Any

from django.test import Client

from indicators.models import Department, User
from indicators.services.access import user_accounts
from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from kpitracker.lib.admin.optimistic_lock import VERSION_FIELD

PASSWORD = "long enough to be a secret"


def administrator() -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(User.objects.create_superuser("admin", password=PASSWORD))
    return client


def person(username: str, role: str = "viewer", department: str | None = None, **values: Any) -> User:
    """Somebody who was invited and has set a password."""
    result = Department.objects.get(code=department) if department else None
    given = {"email": f"{username}@example.org", "role": role, "department": result, **values}
    user = user_accounts.invite_user(by=system_actor("tests"), now=clock.now(), username=username, **given)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def client_of(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def no_rows(*inlines: str) -> dict[str, str]:
    """The management fields of inlines to which nothing is added."""
    return {f"{name}-{count}_FORMS": "0" for name in inlines for count in ("TOTAL", "INITIAL")}


def submit(client: Client, path: str, fields: dict[str, Any]) -> Any:
    """Post a form of the admin as it was shown; management fields of inlines are to be among the fields."""
    seen: dict[str, Any] = {}
    if path.endswith("/change/") and (context := client.get(path).context):
        seen = {VERSION_FIELD: context["adminform"].form.initial.get(VERSION_FIELD, "")}
    return client.post(path, {"_save": "Save", **seen, **fields})


def errors(response: Any) -> dict[str, list[str]]:
    """What the form on the page complains about."""
    assert response.status_code == 200, response.status_code
    return {name: list(result) for name, result in response.context["adminform"].form.errors.items()}


def milestone_boxes(*rows: str, prefix: str = "") -> dict[str, str]:
    """What the table of milestones sends: each row is `day|lower|upper`."""
    columns = ("day", "lower", "upper")
    return {
        f"{prefix}milestones-{number}-{column}": cell
        for number, row in enumerate(rows)
        for column, cell in zip(columns, row.split("|"), strict=True)
    }
