"""A person who is logged in to the admin."""

from typing import Any

from django.test import Client

from indicators.models import User


def administrator() -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(User.objects.create_superuser("admin", password="long enough to be a secret"))
    return client


def submit(client: Client, path: str, fields: dict[str, Any]) -> Any:
    """Post a form of the admin; management fields of inlines are to be among the fields."""
    return client.post(path, {"_save": "Save", **fields})


def errors(response: Any) -> dict[str, list[str]]:
    """What the form on the page complains about."""
    assert response.status_code == 200, response.status_code
    return {name: list(found) for name, found in response.context["adminform"].form.errors.items()}
