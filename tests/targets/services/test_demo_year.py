"""The demo's targets at every month's end and after, computed again from their explanations as they are sent."""

import io
import json
import re
from calendar import monthrange
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import TestCase

from kpitracker.env import ROOT
from targets.models import Target
from targets.services.evaluation import explanations
from targets.services.evaluation.evaluate import evaluate_targets
from tests.admin_support import administrator
from tests.support import Api
from tests.targets.recompute.answers import answered
from tests.targets.recompute.evaluator import recompute

LATER = [date(2025, 2, 28), date(2025, 3, 31), date(2025, 10, 31), date(2025, 12, 31), date(2026, 5, 31)]
MONTH_ENDS = [date(2024, month, monthrange(2024, month)[1]) for month in range(1, 13)]
# The day that the document names.
PRINTED = datetime(2026, 12, 1, 3, tzinfo=UTC)
GROWTH = "hcmc-2024:grdp-growth:hcmc"
_PRINTED = re.compile(r"<!-- manage.py ((?:year_table|backtest) [^>]*) -->\n\n(.*?)\n\n<!-- end -->", re.DOTALL)


def printed(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


class TestDemo(TestCase):
    """Loaded once for all of them."""

    @classmethod
    def setUpTestData(cls) -> None:
        with time_machine.travel(PRINTED):
            printed("load_demo", "--history-only")

    def test_each_target_follows_from_its_explanation(self) -> None:
        targets = list(Target.objects.for_list())
        today = date(2026, 6, 30)
        results = [
            value for day in MONTH_ENDS + LATER for value in evaluate_targets(targets=targets, as_of=day, today=today)
        ]
        assert len(results) > 300
        for row in results:
            explained = json.dumps(explanations.explain_evaluation(row))
            decimals = row.target.indicator.decimals
            assert answered(dict(row.payload), decimals, recompute(explained)) == row.payload, row.target

    def test_what_is_told_of_growth_ends_in_december(self) -> None:
        # Without a recipient of the first message there is no message about the end.
        with self.settings(ALERT_EMAIL="leaders@example.org"):
            lines = printed("replay", "--plan", "hcmc-2024", "--language", "en").splitlines()
        about = [head.split("  ")[:2] for head, message in pairwise(lines) if "Growth of gross" in message]
        assert about[0] == ["2 April 2024", "opened"]
        assert about[-1] == ["18 December 2024", "closed"]

    def test_the_document_of_the_year_is_what_the_command_prints(self) -> None:
        blocks = _PRINTED.findall((ROOT / "docs" / "hcmc-2024.md").read_text(encoding="utf-8"))
        assert [words.split()[0] for words, _ in blocks] == ["year_table", "year_table", "backtest"]
        for words, block in blocks:
            with time_machine.travel(PRINTED):
                second = printed(*words.split())
            assert second.strip() == block

    def test_a_judgement_is_explained_wherever_it_is_asked_for(self) -> None:
        requested = f"targets/{GROWTH}/status/?as_of=2024-10-09"
        notified = {
            language: Api(_key(), language).get(requested).ok()["explanation"]["sentence"] for language in ("en", "vi")
        }
        assert (
            notified["en"]
            == "off track: 6.85 % in the first 9 months of 2024, promised at least 7.5 % (ambition 8 %) in 2024, 0.65 percentage points short"
        )
        for language, sentence in notified.items():
            paper = printed("explain", GROWTH, "--as-of", "2024-10-09", "--language", language)
            assert sentence in paper
            assert paper.count("vietnambiz.vn") == 1
        assert "−0,65" in paper
        draft = printed("explain", GROWTH, "--as-of", "2024-12-31", "--version", "1", "--language", "en")
        assert "(ambition 7 %), 0.17 percentage points beyond the ambition" in draft
        for wrong in (["nothing"], [GROWTH, "--as-of", "yesterday"], [GROWTH, "--as-of", "2023-01-01"]):
            with pytest.raises(CommandError):
                printed("explain", *wrong)

        page = administrator().get(f"/admin/targets/target/{Target.objects.get(identifier=GROWTH).pk}/change/")
        assert "7,17 − 7,5 = −0,33" in page.content.decode() or "7.17 − 7.5 = −0.33" in page.content.decode()


def _key() -> str:
    return printed("issue_key", "--scopes", "read", "--rate", "0").strip()
