"""docs/sentences.md is what the service says of forty verdicts: WRITE_SENTENCES=1 writes it."""

import os
from pathlib import Path

import pytest
from django.utils.translation import override

from indicators.domain.missing_values import MissingSlug
from targets.domain.choices import Goal, Status
from targets.services.text import formatting, status_sentence
from targets.services.text.missing_reasons import names_of_explanation
from targets.services.text.side_by_side import pace_sentence, side_by_side_lines
from tests.targets.services.sentence_cases import BESIDE, VERDICTS, Verdict

PAGE = Path(__file__).parents[3] / "docs" / "sentences.md"
INTRODUCTION = """# What verdicts say

The sentence of a status (`explanation.sentence`, the pages of the admin, `manage.py explain`) for one target of each sort, in
both languages. The rules behind are in [domain.md](domain.md). A test writes this page
(`WRITE_SENTENCES=1 make test ARGS=tests/targets/services/test_sentences.py`) and fails when the service says something else.

"""


# Of mathematics, of workshops, and of the street.
NO_OFFICIAL_WORDS = ("cận", "dung sai", "xong", "lúc đó", "mức đó", "đo theo", "ít nhất 100 %")


def explained(verdict: Verdict, language: str) -> str:
    with override(language):
        return status_sentence.explain_status(verdict.document())


def beside(verdict: Verdict, language: str) -> str:
    """The required pace beside the best ever seen, the percent of the target, and the year before."""
    document = verdict.document()
    decimals, goal = document["explanation"]["indicators"][0]["decimals"], document["explanation"]["terms"]["goal"]
    with override(language):
        names = names_of_explanation(document["explanation"])
        lines = [pace_sentence(document, goal, decimals), *side_by_side_lines(document, decimals, goal, names)]
        return "<br>".join(line for line in lines if line)


def test_the_page_says_what_the_service_says() -> None:
    lines = ["| verdict | English | Tiếng Việt |", "|---|---|---|"]
    lines += [f"| {verdict.title} | {explained(verdict, 'en')} | {explained(verdict, 'vi')} |" for verdict in VERDICTS]
    lines += ["", "What reports put beside it:", "", *lines[:2]]
    lines += [f"| {verdict.title} | {beside(verdict, 'en')} | {beside(verdict, 'vi')} |" for verdict in BESIDE]
    page = INTRODUCTION + "\n".join(lines) + "\n"
    if os.environ.get("WRITE_SENTENCES"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page


def test_the_page_shows_every_status_goal_and_reason() -> None:
    documents = [verdict.document() for verdict in VERDICTS]
    assert len(VERDICTS) >= 40
    assert {document["status"] for document in documents} == set(Status)
    assert {document["explanation"]["terms"]["goal"] for document in documents} == {*Goal, None}
    assert {document["reason"]["slug"] for document in documents if document["reason"]} == set(MissingSlug)


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda verdict: verdict.title)
def test_no_sentence_has_a_fault_of_its_kind(verdict: Verdict) -> None:
    english, vietnamese, document = explained(verdict, "en"), explained(verdict, "vi"), verdict.document()
    goal, status = document["explanation"]["terms"]["goal"], document["status"]
    if goal in (Goal.AT_MOST, Goal.WITHIN) and status == Status.OFF_TRACK:
        assert "beyond the limit" in english
        assert "chậm" not in vietnamese
    if goal == Goal.AT_MOST:
        assert "exceeded" not in english
        assert not {"vượt:", "thiếu"} & set(vietnamese.split())
    reason = document["reason"] if status == Status.NO_DATA else None
    why = (reason["slug"], reason["missing_reason"]) if reason else None
    assert ("nothing was reported" in english) == (why == (MissingSlug.NOTHING_REPORTED, None))
    period, terms = formatting.format_period, document["explanation"]["terms"]
    if not terms["qualitative"]:
        # A promise for the year beside figures of nine months.
        for language, sentence in (("en", english), ("vi", vietnamese)):
            with override(language):
                assert period(terms["period"]) in sentence.replace(f"of {terms['period']}", "").replace("đầu năm", "")
    assert not [word for word in NO_OFFICIAL_WORDS if word in vietnamese]
    for entry in (*document["explanation"]["indicators"], *document["explanation"]["areas"]):
        assert entry["code"] not in english.replace(entry["name_en"], "").split()
    assert " 0 percentage points" not in english
    assert " in from " not in english
    assert "trong từ" not in vietnamese
    assert ": " in english
