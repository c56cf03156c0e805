"""Plans and targets in the admin."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils.translation import override

from kpitracker.lib import clock
from targets.models import Assessment, Plan, StatusChange, Target, TargetVersion
from targets.services.assessment import assess
from targets.services.planning import targets
from targets.services.text.target_terms import describe_band
from tests import factories
from tests.admin_support import administrator, errors, milestone_boxes, no_rows, submit
from tests.support import api_of

pytestmark = pytest.mark.django_db

NO_VERSIONS = no_rows("versions", "actions")


def test_a_plan_is_added() -> None:
    area = factories.area()
    fields = {"code": "p", "name": "P", "area": area.pk, "period_start": "2024-01-01", "period_end": "2024-12-31"}
    assert submit(administrator(), reverse("admin:targets_plan_add"), fields).status_code == 302
    assert str(Plan.objects.get().period) == "2024"


def new_target(**values: Any) -> dict[str, Any]:
    area, plan, indicator = factories.area(), factories.plan(), factories.indicator()
    return {
        "plan": plan.pk, "indicator": indicator.pk, "area": area.pk, "period_start": "2024-01-01",
        "period_end": "2024-12-31", "goal": "at_least", "lower": "1200", "weight": "1", "announced": "2023-12-08",
        "state": "adopted", **values,
    }  # fmt: skip


def test_a_target_is_added_with_its_first_version_and_judged() -> None:
    assert submit(administrator(), reverse("admin:targets_target_add"), new_target()).status_code == 302
    target = Target.objects.get()
    assert target.identifier == "plan:sales:city"
    assert (str(target.versions.get().lower), target.assessment.status) == ("1200", "no_data")


def test_a_rank_that_is_promised_at_least_is_doubted_where_it_is_saved() -> None:
    """Rank 5 or worse is almost surely meant as 5 or better: a new target and an amendment both say so."""
    place = factories.indicator("place", kind="rank", accumulation="last", frequency="year")
    client, doubt = administrator(), re.compile("5 or worse|từ hạng 5 trở xuống")
    answer = submit(client, reverse("admin:targets_target_add"), new_target(lower="5", indicator=place.pk))
    assert answer.status_code == 302
    target = Target.objects.get()
    path = reverse("admin:targets_target_change", args=[target.pk])
    assert doubt.search(client.get(path).content.decode())
    version = {"lower": "5", "announced": "2024-08-13", "state": "amended", "act": "x", "reason": "y"}
    rows = {f"versions-0-{name}": value for name, value in version.items()}
    assert submit(client, path, change_form(target, **{"versions-TOTAL_FORMS": "1", **rows})).status_code == 302
    assert doubt.search(client.get(path).content.decode())
    amendment = {"announced": "2024-09-01", "lower": "6", "act": "x", "reason": "y"}
    warnings = api_of().post(f"targets/{target.identifier}/amendments/", amendment).ok(201)["warnings"]
    (warning,) = [row for row in warnings if row["slug"] == "worse-rank-promised"]
    assert warning["pointer"] == "/goal"
    assert "6 or worse" in warning["detail"]


@pytest.mark.parametrize("unit", ["", "hạng", "place"])
def test_what_is_said_of_a_rank_depends_on_its_kind_and_not_on_its_unit(unit: str) -> None:
    factories.area()
    factories.plan()
    factories.indicator("place", kind="rank", accumulation="last", frequency="month", unit=unit)
    target = factories.target("place", goal="at_most", upper=5)
    factories.figure("place", "2024-01", 9, published="2024-02-01")
    assess.process_series_changes(now=clock.now())
    answer = api_of().get(f"targets/{target.identifier}/status/?as_of=2024-02-05").ok()
    sentence = answer["explanation"]["sentence"]
    assert answer["label"] == "off track"
    assert "rank 9" in sentence
    assert "rank 5 or better" in sentence
    with override("en"):
        assert describe_band(target, target.versions.get()) == "rank 5 or better"


def test_terms_that_no_target_may_have_stand_at_their_field() -> None:
    answer = submit(administrator(), reverse("admin:targets_target_add"), new_target(lower=""))
    assert set(errors(answer)) == {"lower"}
    assert not Target.objects.exists()


def change_form(target: Target, **values: Any) -> dict[str, Any]:
    return {"section": "economy", "weight": "2", "about": "", **NO_VERSIONS, **values}


def test_what_no_version_holds_is_changed() -> None:
    target = factories.world()
    path = reverse("admin:targets_target_change", args=[target.pk])
    assert submit(administrator(), path, change_form(target)).status_code == 302
    target.refresh_from_db()
    assert (target.section, str(target.weight), target.goal) == ("economy", "2", "at_least")


def test_a_new_row_of_versions_amends_the_target() -> None:
    target = factories.world()
    path = reverse("admin:targets_target_change", args=[target.pk])
    version = {
        "lower": "1000", "lower_open": "", "announced": "2024-08-13", "state": "amended", "act": "Directive 12", "reason": "slow",
    }  # fmt: skip
    rows = {f"versions-0-{name}": value for name, value in version.items()}
    fields = change_form(target, **{"versions-TOTAL_FORMS": "1", **rows})
    assert submit(administrator(), path, fields).status_code == 302
    versions = list(TargetVersion.objects.order_by("number").values_list("number", "lower", "act"))
    assert [(number, str(lower), act) for number, lower, act in versions] == [
        (1, "1200", ""),
        (2, "1000", "Directive 12"),
    ]


@pytest.mark.parametrize("inline", ["versions", "actions", "judgements"])
def test_a_row_that_is_saved_as_it_was_offered_is_never_dropped_in_silence(inline: str) -> None:
    factories.world()
    factories.indicator("order")
    qualitative = inline == "judgements"
    goal = "" if qualitative else "at_least"
    target = factories.target("order", qualitative=qualitative, goal=goal, lower=None if qualitative else 5)
    path = reverse("admin:targets_target_change", args=[target.pk])
    client = administrator()
    [formset] = [
        inline_formset.formset
        for inline_formset in client.get(path).context["inline_admin_formsets"]
        if inline_formset.formset.prefix == inline
    ]
    empty = formset.empty_form
    row = {f"{inline}-0-{name}": empty[name].value() or "" for name in empty.fields}
    answer = submit(client, path, change_form(target, **{f"{inline}-TOTAL_FORMS": "1", **row}))
    if answer.status_code == 302:
        assert formset.model.objects.filter(target=target).count() == formset.queryset.count() + 1
    else:
        [asked] = [f.formset for f in answer.context["inline_admin_formsets"] if f.formset.prefix == inline]
        assert asked.total_error_count() or asked.errors


def test_the_form_of_amendments_stands_below_each_other() -> None:
    target = factories.world()
    page = administrator().get(reverse("admin:targets_target_change", args=[target.pk])).content.decode()
    assert '<div id="versions-group" data-inline-type="stacked"' in page


def test_an_amendment_that_is_refused_is_told_and_nothing_is_stored() -> None:
    target = factories.world()
    path = reverse("admin:targets_target_change", args=[target.pk])
    rows = {"versions-0-announced": "2024-08-13", "versions-0-state": "amended", "versions-0-act": "x"}
    answer = submit(administrator(), path, change_form(target, **{"versions-TOTAL_FORMS": "1", **rows}))
    assert answer.status_code == 200
    assert TargetVersion.objects.count() == 1


def test_targets_are_assessed_when_asked() -> None:
    target = factories.world()
    factories.figure("sales", "2024", 900)
    data = {"action": "assess_now", "_selected_action": [target.pk]}
    administrator().post(reverse("admin:targets_target_changelist"), data)
    assert Assessment.objects.get().status == "missed"
    assert StatusChange.objects.filter(after="missed").count() == 1


def test_qualitative_targets_show_as_such() -> None:
    factories.world()
    factories.indicator("order")
    factories.target("order", qualitative=True, goal="", lower=None)
    page = administrator().get(reverse("admin:targets_target_changelist")).content.decode()
    assert "qualitative" in page


def test_a_draft_is_deleted_by_the_service_and_what_was_adopted_is_not() -> None:
    factories.world()
    factories.plan("next")
    target = factories.target(plan="next", state="draft")
    kept = reverse("admin:targets_target_delete", args=[Target.objects.get(plan__code="plan").pk])
    client = administrator()
    assert "withdraw" in client.post(kept, {"post": "yes"}, follow=True).content.decode()
    path = reverse("admin:targets_target_delete", args=[target.pk])
    assert client.post(path, {"post": "yes"}).status_code == 302
    assert [row.plan.code for row in Target.objects.all()] == ["plan"]


def test_milestones_are_rows_of_a_table() -> None:
    rows = milestone_boxes("2024-06-30|500|", "||", "2024-09-30|800|900.5", "||")
    assert submit(administrator(), reverse("admin:targets_target_add"), new_target(**rows, upper="")).status_code == 302
    assert TargetVersion.objects.get().milestones == [
        {"date": "2024-06-30", "lower": "500", "upper": None},
        {"date": "2024-09-30", "lower": "800", "upper": "900.5"},
    ]


WRONG_MILESTONES = {
    "a day without an edge": "2024-06-30||",
    "an edge without a day": "|500|",
    "a day that is none": "30 June|500|",
    "a day that the calendar lacks": "2024-02-30|500|",
    "a text for a number": "2024-06-30|x|",
    "two numbers in a box": "2024-06-30|1 2|",
    "more decimals than a column holds": "2024-06-30|1.12345678|",
}


@pytest.mark.parametrize("row", WRONG_MILESTONES.values(), ids=WRONG_MILESTONES)
def test_a_row_that_is_no_milestone_is_named_and_shown_again(row: str) -> None:
    boxes = milestone_boxes("2024-03-31|100|", row)
    answer = submit(administrator(), reverse("admin:targets_target_add"), new_target(**boxes))
    assert set(errors(answer)) == {"milestones"}
    assert "Milestone 2" in str(errors(answer)["milestones"])
    page = answer.content.decode()
    for name, cell in boxes.items():
        assert not cell or re.search(rf'<input[^>]*name="{name}"[^>]*value="{re.escape(cell)}"', page), name
    assert 'name="milestones-4-day"' in page  # empty rows below


def test_a_milestone_is_changed_and_removed_by_its_boxes() -> None:
    client = administrator()
    fields = new_target(**milestone_boxes("2024-03-31|100|", "2024-06-30|500|"), upper="", profile="milestones")
    assert submit(client, reverse("admin:targets_target_add"), fields).status_code == 302
    target = Target.objects.get()
    path = reverse("admin:targets_target_change", args=[target.pk])
    shown = client.get(path, headers={"Accept-Language": "vi"}).content.decode()
    assert re.search(r'name="versions-__prefix__-milestones-1-day"[^>]*value="30/06/2024"', shown)
    boxes = milestone_boxes("||", "2024-06-30|600|", prefix="versions-0-")
    terms = {"lower": "1200", "announced": "2024-08-13", "state": "amended", "act": "x", "profile": "milestones"}
    rows = {f"versions-0-{name}": value for name, value in terms.items()}
    answer = submit(client, path, change_form(target, **{"versions-TOTAL_FORMS": "1"}, **rows, **boxes))
    assert answer.status_code == 302
    assert TargetVersion.objects.get(number=2).milestones == [{"date": "2024-06-30", "lower": "600", "upper": None}]


def test_the_row_for_an_amendment_begins_with_what_is_in_force() -> None:
    target = factories.world()
    page = administrator().get(reverse("admin:targets_target_change", args=[target.pk]))
    versions = page.context["inline_admin_formsets"][0]
    assert str(versions.formset.empty_form.initial["lower"]) == "1200"
    # Once, in the words of the target.
    assert page.content.decode().count("missed") == 1
    assert "no data" in page.content.decode()


def test_a_target_with_milestones_is_amended() -> None:
    fields = new_target(**milestone_boxes("2024-06-30|500|"), upper="")
    client = administrator()
    submit(client, reverse("admin:targets_target_add"), fields)
    target = Target.objects.get()
    rows = {
        "versions-0-lower": "1100", "versions-0-announced": "2024-08-13", "versions-0-state": "amended",
        **milestone_boxes("2024-06-30|500|", "2024-09-30|800|", prefix="versions-0-"),
    }  # fmt: skip
    path = reverse("admin:targets_target_change", args=[target.pk])
    answer = submit(client, path, change_form(target, **{"versions-TOTAL_FORMS": "1", **rows}))
    assert answer.status_code == 302
    last = TargetVersion.objects.get(number=2)
    assert [row["lower"] for row in last.milestones] == ["500", "800"]
    page = client.get(path).content.decode()
    assert "1,100" in page


def test_a_target_without_a_number_is_judged_on_its_page() -> None:
    factories.world()
    factories.indicator("order")
    target = factories.target("order", qualitative=True, goal="", lower=None)
    path = reverse("admin:targets_target_change", args=[target.pk])
    rows = {"judgements-TOTAL_FORMS": "1", "judgements-INITIAL_FORMS": "0", "judgements-0-status": "met"}
    client = administrator()
    refused = submit(client, path, change_form(target, **rows))
    assert refused.status_code == 200
    [error] = refused.context["inline_admin_formsets"][1].formset.errors
    assert set(error) == {"reason"}
    answer = submit(client, path, change_form(target, **rows, **{"judgements-0-reason": "quiet streets"}))
    assert answer.status_code == 302
    assert target.judgements.get().reason == "quiet streets"
    assert "quiet streets (judged by admin on " in client.get(path).content.decode()


def test_milestones_are_read_as_lines_and_numbers_with_their_unit() -> None:
    target = factories.world()
    rows = [{"date": date(2024, 6, 30), "lower": Decimal(600), "upper": None}]
    targets.amend_target(
        target=target, by=factories.BY, now=clock.now(), lower=Decimal(1200), upper=None, milestones=rows,
        profile="milestones", announced=date(2024, 3, 1),
    )  # fmt: skip
    path = reverse("admin:targets_target_change", args=[target.pk])
    page = administrator().get(path, headers={"Accept-Language": "vi"}).content.decode()
    assert "30/06/2024 600" in page
    assert "&quot;date&quot;" not in page
    assert "ít nhất 1.200" in page


def test_an_assessment_says_why_on_paper() -> None:
    target = factories.world()
    page = administrator().get(reverse("admin:targets_assessment_change", args=[target.pk])).content.decode()
    assert '<pre class="paper">' in page
    assert "PROMISED" in page
    assert "&quot;" not in page.split('<pre class="paper">')[1].split("</pre>")[0]


def test_lists_of_what_was_judged_name_targets_and_not_their_ids() -> None:
    factories.world()
    client = administrator()
    for page in ("assessment", "statuschange"):
        shown = client.get(reverse(f"admin:targets_{page}_changelist")).content.decode()
        assert "Sales, City, 2024" in shown
        assert "plan:sales:city" not in shown
