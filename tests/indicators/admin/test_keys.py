"""Keys in the admin: shown once, replaced, revoked."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from indicators.models import ApiKey
from indicators.services.access import api_keys
from kpitracker.lib import clock
from tests import factories
from tests.admin_support import administrator, errors, submit
from tests.support import Api

pytestmark = pytest.mark.django_db
ADD = "admin:indicators_apikey_add"
LIST = "admin:indicators_apikey_changelist"
CHOSEN = {"name": "x", "whole_organisation": "on", "scopes": ["read"], "rate": "600"}


def told(answer: Any) -> str:
    """The secret among what the page says."""
    text = " ".join(str(message) for message in get_messages(answer.wsgi_request))
    return str(re.findall(r"kpi_\w{8}_\w{40}", text)[0])


def act(action: str, *which: ApiKey) -> Any:
    fields = {"action": action, "_selected_action": [key.pk for key in which]}
    return administrator().post(reverse(LIST), fields)


def test_a_key_is_issued_for_some_addresses_and_its_secret_shown_once() -> None:
    fields = {**CHOSEN, "addresses": "10.1.0.0/16\n127.0.0.1"}
    client = administrator()
    answer = submit(client, reverse(ADD), fields)
    secret = told(answer)
    assert Api(secret).get("me/").ok()["addresses"] == ["10.1.0.0/16", "127.0.0.1/32"]
    page = client.get(reverse("admin:indicators_apikey_change", args=[ApiKey.objects.get().pk]))
    assert "10.1.0.0/16" in page.text
    assert secret not in client.get(reverse(LIST)).text


def test_an_address_that_is_none_stands_at_its_field() -> None:
    answer = submit(administrator(), reverse(ADD), {**CHOSEN, "addresses": "home"})
    assert set(errors(answer)) == {"addresses"}


def test_a_key_is_replaced_and_both_open_for_a_week() -> None:
    issued = api_keys.issue_key(scopes=["read"], by=factories.BY, now=clock.now())
    secret = told(act("replace", issued.key))
    for value in (secret, issued.secret):
        Api(value).get("me/").ok()
    assert ApiKey.objects.get(replaces=issued.key).is_valid(clock.now())


def test_a_revoked_key_cannot_be_replaced() -> None:
    issued = api_keys.issue_key(scopes=["read"], by=factories.BY, now=clock.now())
    api_keys.revoke_key(key=issued.key, by=factories.BY, now=clock.now())
    act("replace", issued.key)
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        pytest.param(None, {"name", "scopes", "department"}, id="nothing is preselected"),
        pytest.param({"name": ""}, {"name"}, id="without a name"),
        pytest.param({"scopes": []}, {"scopes"}, id="without a scope"),
        pytest.param({"whole_organisation": ""}, {"department"}, id="without an owner"),
    ],
)
def test_a_form_that_is_saved_empty_makes_no_key(fields: dict[str, Any] | None, missing: set[str]) -> None:
    client = administrator()
    shown = client.get(reverse(ADD)).context["adminform"].form
    offered = {name: shown[name].value() or "" for name in shown.fields}
    answer = submit(client, reverse(ADD), offered if fields is None else {**CHOSEN, **fields})
    assert set(errors(answer)) == missing
    assert not ApiKey.objects.exists()
