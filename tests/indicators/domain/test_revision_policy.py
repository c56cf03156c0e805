"""What a posted figure does to the history of its figure."""

from datetime import date
from decimal import Decimal

import pytest

from indicators.domain.figures import RecordOutcome, RevisionContent, RevisionEntry, decide_outcome

RECORDED = date(2024, 12, 31)


def said(value: str | None, stage: str = "", **other: str) -> RevisionContent:
    words = {"missing_reason": "" if value else "not_available", "qualifier": "", "source": "", "note": ""} | other
    return RevisionContent(value=Decimal(value) if value else None, stage=stage, **words)


def history(*rows: tuple[str | None, str | None, str]) -> list[RevisionEntry]:
    return [
        RevisionEntry(number, said(value, stage), date.fromisoformat(published) if published else None, RECORDED)
        for number, (value, published, stage) in enumerate(rows, 1)
    ]


RULES = [
    pytest.param([], said("1"), "2024-01-10", (RecordOutcome.CREATED, None, True), id="the first is created"),
    pytest.param(
        [("1", "2024-01-10", "")], said("1"), "2024-02-01", (RecordOutcome.UNCHANGED, 1, True),
        id="the same content later is unchanged",
    ),
    pytest.param(
        [("1", "2024-01-10", "")], said("2"), "2024-02-01", (RecordOutcome.REVISED, 1, True),
        id="other content is a revision and becomes current",
    ),
    pytest.param(
        [("1", "2024-01-10", "")], said("2"), "2024-01-10", (RecordOutcome.REVISED, 1, True),
        id="of two published on one day the one recorded last is current",
    ),
    pytest.param(
        [("1", "2024-02-01", "")], said("2"), "2024-01-10", (RecordOutcome.REVISED, 1, False),
        id="one published before the current one enters the history only",
    ),
    pytest.param(
        [("1", "2024-01-10", ""), ("2", "2024-03-01", "")], said("1"), "2024-02-01", (RecordOutcome.UNCHANGED, 1, False),
        id="the same as what was in force on its own day is unchanged",
    ),
    pytest.param(
        [("1", "2024-01-10", ""), ("2", "2024-03-01", "")], said("2"), "2024-02-01", (RecordOutcome.REVISED, 1, False),
        id="what is current today was not yet known on its day",
    ),
    pytest.param(
        [("1", "2024-01-10", "official")], said("2", "estimate"), "2024-02-01", (RecordOutcome.STAGE_REGRESSION, 1, False),
        id="an estimate after an official figure steps back",
    ),
    pytest.param(
        [("1", "2024-01-10", "official")], said("2"), "2024-02-01", (RecordOutcome.REVISED, 1, True),
        id="a stage that is not stated is not compared",
    ),
    pytest.param(
        [("1", "2024-03-01", "official")], said("2", "estimate"), "2024-02-01", (RecordOutcome.REVISED, 1, False),
        id="an estimate published before the official figure fits into the history",
    ),
    pytest.param(
        [("1", "2024-01-10", "")], said("2"), None, (RecordOutcome.REVISED, 1, False),
        id="an undated one never becomes current over a dated one",
    ),
    pytest.param(
        [("1", None, "")], said("2"), None, (RecordOutcome.REVISED, 1, True), id="an undated one replaces an undated one"
    ),
    pytest.param(
        [("1", None, ""), ("2", "2024-01-10", "")], said("1"), None, (RecordOutcome.UNCHANGED, 1, False),
        id="an undated one is unchanged when it equals the latest undated one",
    ),
    pytest.param(
        [("1", None, "")], said("2"), "2024-02-01", (RecordOutcome.REVISED, 1, True),
        id="a dated one becomes current over an undated one",
    ),
    pytest.param(
        [("1", "2024-01-10", "")], said(None), "2024-02-01", (RecordOutcome.REVISED, 1, True),
        id="a withdrawal is a revision without value",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "content", "published", "wanted"), RULES)
def test_rules(
    rows: list[tuple[str | None, str | None, str]],
    content: RevisionContent,
    published: str | None,
    wanted: tuple[RecordOutcome, int | None, bool],
) -> None:
    decision = decide_outcome(content, date.fromisoformat(published) if published else None, history(*rows))
    previous = decision.previous.number if decision.previous else None
    assert (decision.outcome, previous, decision.becomes_current) == wanted


def test_a_reprint_of_a_replaced_number_is_noticed() -> None:
    notified = decide_outcome(said("1"), date(2024, 3, 1), history(("1", "2024-01-10", ""), ("2", "2024-02-01", "")))
    assert notified.repeated is not None
    assert notified.repeated.number == 1


@pytest.mark.parametrize("name", ["qualifier", "source", "note"])
def test_every_part_of_the_content_counts(name: str) -> None:
    notified = decide_outcome(said("1", **{name: "about"}), date(2024, 3, 1), history(("1", "2024-01-10", "")))
    assert notified.outcome is RecordOutcome.REVISED
