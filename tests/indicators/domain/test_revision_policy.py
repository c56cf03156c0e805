"""What a posted figure does to the history of its figure."""

from datetime import date
from decimal import Decimal

import pytest

from indicators.domain.choices import IndicatorKind
from indicators.domain.figures import (
    ForecastRule,
    RecordOutcome,
    RevisionContent,
    RevisionEntry,
    decide_outcome,
    is_forecast,
)

# The period ended before all but the earliest days of the rows.
PERIOD = ForecastRule(IndicatorKind.LEVEL, date(2023, 12, 31), date(2024, 12, 31))
RECORDED = PERIOD.today


def new_content(value: str | None, stage: str = "", **other: str) -> RevisionContent:
    words = {"missing_reason": "" if value else "not_available", "qualifier": "", "source": "", "note": ""} | other
    return RevisionContent(value=Decimal(value) if value else None, stage=stage, **words)


def history(*rows: tuple[str | None, str | None, str]) -> list[RevisionEntry]:
    return [
        RevisionEntry(number, new_content(value, stage), date.fromisoformat(published) if published else None, RECORDED)
        for number, (value, published, stage) in enumerate(rows, 1)
    ]


RULES = [
    pytest.param([], new_content("1"), "2024-01-10", (RecordOutcome.CREATED, None, True), id="the first is created"),
    pytest.param(
        [("1", "2024-01-10", "")], new_content("1"), "2024-02-01", (RecordOutcome.UNCHANGED, 1, True),
        id="the same content later is unchanged",
    ),
    pytest.param(
        [("1", "2024-01-10", "")], new_content("2"), "2024-02-01", (RecordOutcome.REVISED, 1, True),
        id="other content is a revision and becomes current",
    ),
    pytest.param(
        [("1", "2024-01-10", "")], new_content("2"), "2024-01-10", (RecordOutcome.REVISED, 1, True),
        id="of two published on one day the one recorded last is current",
    ),
    pytest.param(
        [("1", "2024-02-01", "")], new_content("2"), "2024-01-10", (RecordOutcome.REVISED, 1, False),
        id="one published before the current one enters the history only",
    ),
    pytest.param(
        [("1", "2024-01-10", ""), ("2", "2024-03-01", "")], new_content("1"), "2024-02-01", (RecordOutcome.UNCHANGED, 1, False),
        id="the same as what was in force on its own day is unchanged",
    ),
    pytest.param(
        [("1", "2024-01-10", ""), ("2", "2024-03-01", "")], new_content("2"), "2024-02-01", (RecordOutcome.REVISED, 1, False),
        id="what is current today was not yet known on its day",
    ),
    pytest.param(
        [("1", "2024-01-10", "official")], new_content("2", "estimate"), "2024-02-01", (RecordOutcome.STAGE_REGRESSION, 1, False),
        id="an estimate after an official figure steps back",
    ),
    pytest.param(
        [("1", "2024-01-10", "official")], new_content("2"), "2024-02-01", (RecordOutcome.REVISED, 1, True),
        id="a stage that is not stated is not compared",
    ),
    pytest.param(
        [("1", "2024-03-01", "official")], new_content("2", "estimate"), "2024-02-01", (RecordOutcome.REVISED, 1, False),
        id="an estimate published before the official figure fits into the history",
    ),
    pytest.param(
        [("1", "2024-01-10", "")], new_content("2"), None, (RecordOutcome.REVISED, 1, False),
        id="an undated one never becomes current over a dated one",
    ),
    pytest.param(
        [("1", None, "")], new_content("2"), None, (RecordOutcome.REVISED, 1, True), id="an undated one replaces an undated one"
    ),
    pytest.param(
        [("1", None, ""), ("2", "2024-01-10", "")], new_content("1"), None, (RecordOutcome.UNCHANGED, 1, False),
        id="an undated one is unchanged when it equals the latest undated one",
    ),
    pytest.param(
        [("1", None, "")], new_content("2"), "2024-02-01", (RecordOutcome.REVISED, 1, True),
        id="a dated one becomes current over an undated one",
    ),
    pytest.param(
        [("1", "2024-01-10", "")], new_content(None), "2024-02-01", (RecordOutcome.REVISED, 1, True),
        id="a withdrawal is a revision without value",
    ),
    pytest.param(
        [], new_content("9", "forecast"), "2024-01-10", (RecordOutcome.CREATED, None, True), id="a forecast is created",
    ),
    pytest.param(
        [("9", "2023-03-01", "forecast")], new_content("8", "forecast"), "2023-06-01", (RecordOutcome.REVISED, 1, True),
        id="a forecast replaces a forecast",
    ),
    pytest.param(
        [("9", "2023-03-01", "")], new_content("8", "forecast"), "2023-06-01", (RecordOutcome.REVISED, 1, True),
        id="a forecast replaces one that is a forecast by its day",
    ),
    pytest.param(
        [("9", "2023-03-01", "preliminary")], new_content("8", "estimate"), "2024-01-10", (RecordOutcome.REVISED, 1, True),
        id="what was a forecast by its day has no other stage",
    ),
    pytest.param(
        [("9", "2024-01-10", "forecast")], new_content("8", "estimate"), "2024-01-10", (RecordOutcome.REVISED, 1, True),
        id="an estimate replaces a forecast",
    ),
    pytest.param(
        [("9", "2023-03-01", "")], new_content("9"), "2024-01-10", (RecordOutcome.REVISED, 1, True),
        id="measured as it was foreseen is no repetition",
    ),
    pytest.param(
        [("9", "2023-03-01", "")], new_content("9"), "2023-06-01", (RecordOutcome.UNCHANGED, 1, True),
        id="foreseen again is a repetition",
    ),
    pytest.param(
        [("9", "2024-01-10", "estimate")], new_content("8", "forecast"), "2024-02-01",
        (RecordOutcome.STAGE_REGRESSION, 1, False), id="a forecast after an estimate steps back",
    ),
    pytest.param(
        [("9", "2024-01-10", "")], new_content("8", "forecast"), "2024-02-01", (RecordOutcome.STAGE_REGRESSION, 1, False),
        id="a forecast after a figure of no stage steps back",
    ),
    pytest.param(
        [("9", None, "")], new_content("8", "forecast"), None, (RecordOutcome.STAGE_REGRESSION, 1, False),
        id="an undated forecast after an undated figure steps back",
    ),
    pytest.param(
        [("9", "2024-01-10", "")], new_content("8", "forecast"), None, (RecordOutcome.STAGE_REGRESSION, 1, False),
        id="an undated forecast after a dated figure steps back",
    ),
    pytest.param(
        [("9", "2024-02-01", "")], new_content("8", "forecast"), "2023-06-01", (RecordOutcome.REVISED, 1, False),
        id="a forecast published before the figure fits into the history",
    ),
    pytest.param(
        [(None, "2024-01-10", "")], new_content("8", "forecast"), "2024-02-01", (RecordOutcome.REVISED, 1, True),
        id="nothing was measured: a forecast is no step back",
    ),
    pytest.param(
        [("9", "2023-03-01", "official")], new_content("8", "estimate"), "2023-04-01",
        (RecordOutcome.STAGE_REGRESSION, 1, False), id="an official plan figure of March is known, not foreseen",
    ),
    pytest.param(
        [("9", "2023-03-01", "official")], new_content("8"), "2023-04-01", (RecordOutcome.STAGE_REGRESSION, 1, False),
        id="a forecast by its day after an official figure steps back",
    ),
    pytest.param(
        [("9", "2023-03-01", "official")], new_content(None), "2023-04-01", (RecordOutcome.REVISED, 1, True),
        id="an official figure of March can be withdrawn in April",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "content", "published", "wanted"), RULES)
def test_rules(
    rows: list[tuple[str | None, str | None, str]],
    content: RevisionContent,
    published: str | None,
    wanted: tuple[RecordOutcome, int | None, bool],
) -> None:
    decision = decide_outcome(content, date.fromisoformat(published) if published else None, history(*rows), PERIOD)
    previous = decision.previous.number if decision.previous else None
    assert (decision.outcome, previous, decision.becomes_current) == wanted


def test_a_reprint_of_a_replaced_number_is_noticed() -> None:
    rows = history(("1", "2024-01-10", ""), ("2", "2024-02-01", ""))
    notified = decide_outcome(new_content("1"), date(2024, 3, 1), rows, PERIOD)
    assert notified.repeated is not None
    assert notified.repeated.number == 1


@pytest.mark.parametrize(
    ("stage", "known_on", "end", "kind", "wanted"),
    [
        pytest.param("", "2024-11-29", "2024-12-31", "rate", True, id="29 November of the year"),
        pytest.param("", "2024-11-30", "2024-12-31", "rate", False, id="30 November of the year"),
        pytest.param("estimate", "2024-03-01", "2024-12-31", "rate", True, id="an estimate of the year in March"),
        pytest.param("preliminary", "2024-03-01", "2024-12-31", "rate", True, id="even a preliminary one"),
        pytest.param("official", "2024-03-01", "2024-12-31", "rate", False, id="an official one of March is known"),
        pytest.param(
            "forecast", "2024-12-30", "2024-12-31", "rate", True, id="called a forecast on the last day but one"
        ),
        pytest.param("forecast", "2025-02-01", "2024-12-31", "rate", True, id="called a forecast after the end"),
        pytest.param("", "2024-03-01", "2024-12-31", "yes_no", False, id="a yes of March is done"),
        pytest.param("estimate", "2024-01-29", "2024-01-31", "level", False, id="the month's estimate of the 29th"),
        pytest.param("estimate", "2024-01-01", "2024-02-01", "level", False, id="31 days before"),
        pytest.param("estimate", "2023-12-31", "2024-02-01", "level", True, id="32 days before"),
        pytest.param("", None, "2024-12-31", "level", False, id="a day that nobody knows"),
    ],
)
def test_what_is_a_forecast(stage: str, known_on: str | None, end: str, kind: str, wanted: bool) -> None:
    day = date.fromisoformat(known_on) if known_on else None
    assert is_forecast(stage, day, date.fromisoformat(end), IndicatorKind(kind)) is wanted


@pytest.mark.parametrize("name", ["qualifier", "source", "note"])
def test_every_part_of_the_content_counts(name: str) -> None:
    notified = decide_outcome(
        new_content("1", **{name: "about"}), date(2024, 3, 1), history(("1", "2024-01-10", "")), PERIOD
    )
    assert notified.outcome is RecordOutcome.REVISED
