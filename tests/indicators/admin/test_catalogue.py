"""Rows made and changed in the admin go through the services."""

import pytest
from django.urls import reverse

from indicators.models import ApiKey, Area, FormulaInput, Indicator, ReportingDuty
from tests import factories
from tests.admin_support import administrator, errors, submit
from tests.support import Api

pytestmark = pytest.mark.django_db

INDICATOR = {
    "code": "growth",
    "name": "Tăng trưởng",
    "kind": "rate",
    "decimals": "2",
    "frequency": "month",
    "due_days": "10",
    "due_unit": "days",
    "formula": "yoy(sales)",
}


def add(model: str) -> str:
    return reverse(f"admin:indicators_{model}_add")


def test_an_area_is_added() -> None:
    answer = submit(administrator(), add("area"), {"code": "hcmc", "name": "Thành phố", "kind": "city"})
    assert answer.status_code == 302
    assert Area.objects.get().search_text == "hcmc thanh pho "


def test_what_the_service_refuses_stands_at_its_field() -> None:
    client = administrator()
    answer = submit(client, add("area"), {"code": "Bad Code", "name": "x", "kind": "city"})
    assert set(errors(answer)) == {"code"}
    factories.area("hcmc")
    assert set(errors(submit(client, add("area"), {"code": "hcmc", "name": "x", "kind": "city"}))) == {"code"}
    assert Area.objects.count() == 1


def test_a_formula_keeps_its_inputs_in_step() -> None:
    factories.indicator("sales")
    client = administrator()
    assert submit(client, add("indicator"), INDICATOR).status_code == 302
    assert FormulaInput.objects.get().input.code == "sales"
    bad = submit(client, add("indicator"), {**INDICATOR, "code": "other", "formula": "yoy("})
    assert set(errors(bad)) == {"formula"}


def test_a_change_is_made_by_the_service() -> None:
    indicator = factories.indicator("sales")
    client = administrator()
    path = reverse("admin:indicators_indicator_change", args=[indicator.pk])
    fields = {**INDICATOR, "name": "Doanh thu", "kind": "level", "formula": "", "accumulation": "sum"}
    assert submit(client, path, fields).status_code == 302
    changed = Indicator.objects.get()
    assert (changed.code, changed.name, changed.row_version) == ("sales", "Doanh thu", 2)


def test_a_code_is_shown_but_not_changed() -> None:
    area = factories.area("hcmc")
    submit(
        administrator(),
        reverse("admin:indicators_area_change", args=[area.pk]),
        {"code": "x", "name": "N", "kind": "city"},
    )
    assert (Area.objects.get().code, Area.objects.get().name) == ("hcmc", "N")


def test_what_is_in_use_is_not_deleted() -> None:
    factories.world()
    factories.figure("sales", "2024-01", 5)
    area = Area.objects.get()
    administrator().post(reverse("admin:indicators_area_delete", args=[area.pk]), {"post": "yes"})
    assert Area.objects.exists()


def test_what_was_never_used_is_deleted() -> None:
    area = factories.area()
    answer = administrator().post(reverse("admin:indicators_area_delete", args=[area.pk]), {"post": "yes"})
    assert answer.status_code == 302
    assert not Area.objects.exists()


def test_a_duty_is_added_and_changed() -> None:
    target = factories.world()
    client = administrator()
    fields = {"indicator": target.indicator_id, "area": target.area_id, "department": target.indicator.department_id}
    assert submit(client, add("reportingduty"), fields).status_code == 302
    duty = ReportingDuty.objects.get()
    path = reverse("admin:indicators_reportingduty_change", args=[duty.pk])
    backwards = {**fields, "valid_from": "2024-02-01", "valid_to": "2024-01-01"}
    assert set(errors(submit(client, path, backwards))) == {"valid_to"}
    assert submit(client, path, {**fields, "valid_to": "2024-12-31"}).status_code == 302
    assert str(ReportingDuty.objects.get().valid_to) == "2024-12-31"


def test_a_day_typed_in_vietnamese_is_that_day() -> None:
    client = administrator()
    fields = {"code": "hcmc", "name": "N", "kind": "city", "valid_from": "05/11/2024", "_save": "Save"}
    client.post(add("area"), fields, headers={"Accept-Language": "vi"})
    assert str(Area.objects.get().valid_from) == "2024-11-05"


class TestKeys:
    def test_a_key_is_issued_and_shown_once(self) -> None:
        client = administrator()
        answer = client.post(
            add("apikey"),
            {"name": "app", "whole_organisation": "on", "scopes": ["read"], "rate": "0", "_save": "Save"},
            follow=True,
        )
        [shown] = [word for word in answer.content.decode().split() if word.startswith("kpi_") and len(word) > 40]
        secret = shown.partition("<")[0]
        assert Api(secret).get("me/").ok()["name"] == "app"
        second = client.get(reverse("admin:indicators_apikey_change", args=[ApiKey.objects.get().pk]))
        assert secret not in second.content.decode()

    def test_a_key_is_revoked_at_once(self) -> None:
        from tests.support import api_of

        api = api_of(scopes=["read"])
        client = administrator()
        data = {"action": "revoke", "_selected_action": [ApiKey.objects.get().pk]}
        client.post(reverse("admin:indicators_apikey_changelist"), data)
        api.get("me/").problem(401, "invalid-credential")


class TestFigures:
    def test_they_are_found_without_diacritics_and_shown_with_their_revisions(self) -> None:
        factories.world()
        factories.indicator("export", name="Kim ngạch xuất khẩu")
        factories.figure("export", "2024-01", 5)
        figure = factories.figure("export", "2024-01", 7).measurement
        client = administrator()
        body = client.get(reverse("admin:indicators_measurement_changelist"), {"q": "xuat khau"})
        assert body.context["cl"].result_count == 1
        assert (
            client.get(reverse("admin:indicators_measurement_changelist"), {"q": "nhap khau"})
            .context["cl"]
            .result_count
            == 0
        )
        page = client.get(reverse("admin:indicators_measurement_change", args=[figure.pk])).content.decode()
        assert "January 2024" in page

    def test_nobody_changes_them_here(self) -> None:
        factories.world()
        figure = factories.figure("sales", "2024-01", 5).measurement
        path = reverse("admin:indicators_measurement_change", args=[figure.pk])
        assert submit(administrator(), path, {"value": "7"}).status_code == 403
