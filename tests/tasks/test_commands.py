"""What an operator types."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase

from indicators.models import ApiKey, Revision, SeriesChange
from targets.models import Alert, Assessment, Delivery, Target
from tests import factories
from tests.support import Api

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


class TestIssueKey:
    def test_it_prints_only_the_key(self) -> None:
        printed = run("issue_key", "--scopes", "read")
        assert printed == printed.strip() + "\n"
        assert Api(printed.strip()).get("me/").ok()["rate"] == 600

    def test_of_a_department_without_limit(self) -> None:
        factories.department()
        secret = run("issue_key", "--department", "statistics", "--scopes", "read,figures:write", "--rate", "0").strip()
        me = Api(secret).get("me/").ok()
        assert (me["department"], me["rate"], me["scopes"]) == ("statistics", 0, ["figures:write", "read"])

    @pytest.mark.parametrize(
        "words",
        [["--scopes", "everything"], ["--scopes", ""], ["--scopes", "read", "--rate", "-1"],
         ["--scopes", "read", "--department", "nobody"]],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused_and_no_key_is_made(self, words: list[str]) -> None:
        with pytest.raises(CommandError):
            run("issue_key", *words)
        assert not ApiKey.objects.exists()


def test_the_sweep_does_the_work_of_the_jobs() -> None:
    factories.world()
    factories.figure("sales", "2024", 900)
    assert "1 marks processed" in run("sweep")
    assert Assessment.objects.get().status == "missed"
    assert Delivery.objects.get().state == "sent"
    assert not SeriesChange.objects.exists()
    assert run("sweep").startswith("0 marks processed, 0 assessments changed by the day, 0 messages")


def test_the_sweep_rebuilds_all_assessments_when_asked() -> None:
    factories.world()
    Assessment.objects.all().delete()
    run("sweep", "--all")
    assert Assessment.objects.count() == 1


class TestDemo(TestCase):
    """Loaded once for all of them."""

    @classmethod
    def setUpTestData(cls) -> None:
        assert "28 targets, 328 figures (328 written)" in run("load_demo", "--history-only")

    def test_history_tells_nobody(self) -> None:
        run("sweep")
        assert Assessment.objects.count() == 28
        assert not Alert.objects.exists()

    def test_loading_again_changes_nothing(self) -> None:
        revisions = Revision.objects.count()
        assert "328 figures (0 written)" in run("load_demo", "--history-only")
        assert (Revision.objects.count(), Target.objects.count()) == (revisions, 28)

    def test_growth_as_the_city_knew_it(self) -> None:
        api = Api(run("issue_key", "--scopes", "read", "--rate", "0").strip())
        seen = {
            day: api.get(f"targets/hcmc-2024:grdp-growth:hcmc/status/?as_of={day}").ok()
            for day in ("2023-12-07", "2024-05-01", "2024-10-09", "2024-12-31")
        }
        results = {day: (s["version"], s["status"], s["actual"], s["variance"]) for day, s in seen.items()}
        assert results == {
            "2023-12-07": (1, "not_due", None, None),
            "2024-05-01": (2, "off_track", "6.54", "-0.96"),
            "2024-10-09": (2, "off_track", "6.85", "-0.65"),
            "2024-12-31": (2, "missed", "7.17", "-0.33"),
        }

    def test_the_scorecard_of_the_plan(self) -> None:
        api = Api(run("issue_key", "--scopes", "read", "--rate", "0").strip())
        card = api.get("plans/hcmc-2024/scorecard/").ok()
        assert card["totals"]["counts"] == {
            "exceeded": 1, "met": 4, "missed": 2, "on_track": 0, "at_risk": 0, "off_track": 0, "not_due": 0,
            "no_data": 6,
        }  # fmt: skip
        totals = card["totals"]
        assert (totals["score"], totals["score_best"], totals["coverage"]) == ("38.5", "84.6", "53.8")

    def test_undated_figures_are_known_from_the_day_of_loading(self) -> None:
        assert Revision.objects.filter(published=None).count() == 99
        in_force = list(Revision.objects.in_force(date(2025, 12, 31)))
        assert in_force
        assert not [revision for revision in in_force if revision.published is None]
