"""Headings of a roll-up, and what enters a score."""

from decimal import Decimal

import pytest

from targets.domain.choices import WORST_FIRST, Status, VersionState
from targets.domain.heading_statuses import HeadingInput, settle_headings, status_of_parts
from targets.domain.rollup import ScoredTarget, compute_totals

HEAD, LIVE, NUMBER = "head", VersionState.ADOPTED, False


def rows(
    *parts: tuple[str, str | None, str], state: VersionState = LIVE, qualitative: bool = True
) -> list[HeadingInput]:
    return [
        HeadingInput(key, heading, Status(status), state if heading else LIVE, qualitative and heading is None)
        for key, heading, status in parts
    ]


PARTS = [
    pytest.param(["met", "met"], "met", id="met when all its parts are"),
    pytest.param(["met", "exceeded"], "met", id="exceeded parts are met, too"),
    pytest.param(["exceeded", "exceeded"], "met", id="also when all are exceeded"),
    pytest.param(["met", "on_track"], "on_track", id="on track while a part is not yet met"),
    pytest.param(["met", "not_due"], "not_due", id="not due is worse than on track"),
    pytest.param(["not_due", "at_risk"], "at_risk", id="at risk is worse than not due"),
    pytest.param(["at_risk", "no_data"], "no_data", id="no data is worse than at risk"),
    pytest.param(["no_data", "off_track"], "off_track", id="off track is worse than no data"),
    pytest.param(["off_track", "missed", "met"], "missed", id="missed is the worst"),
]


@pytest.mark.parametrize(("statuses", "wanted"), PARTS)
def test_a_heading_without_a_number(statuses: list[str], wanted: str) -> None:
    assert status_of_parts(map(Status, statuses)) == wanted
    parts = [(f"part {number}", HEAD, status) for number, status in enumerate(statuses)]
    assert settle_headings(rows((HEAD, None, "not_due"), *parts)) == {HEAD: wanted}


def test_a_heading_with_a_number_keeps_its_own_status() -> None:
    assert settle_headings(rows((HEAD, None, "met"), ("part", HEAD, "missed"), qualitative=False)) == {HEAD: Status.MET}


@pytest.mark.parametrize("state", [VersionState.SUSPENDED, VersionState.WITHDRAWN])
def test_suspended_and_withdrawn_parts_are_none(state: VersionState) -> None:
    assert settle_headings(rows((HEAD, None, "met"), ("part", HEAD, "missed"), state=state)) == {}


def test_hidden_parts_are_none() -> None:
    assert settle_headings(rows((HEAD, None, "met"))) == {}


def test_the_parts_of_a_part_decide_first() -> None:
    family = [
        HeadingInput(HEAD, None, Status.NOT_DUE, LIVE, True),
        HeadingInput("middle", HEAD, Status.NOT_DUE, LIVE, True),
        HeadingInput("leaf", "middle", Status.AT_RISK, LIVE, False),
    ]
    assert settle_headings(family) == {HEAD: Status.AT_RISK, "middle": Status.AT_RISK}


def scored(status: str, weight: int = 1, *, is_heading: bool = False, state: VersionState = LIVE) -> ScoredTarget:
    return ScoredTarget(Status(status), Decimal(weight), False, None, "", state=state, is_heading=is_heading)


SCORES = [
    pytest.param([scored("met"), scored("on_track"), scored("at_risk"), scored("missed")], ("62.5", "62.5", "100"), id="at risk counts half"),
    pytest.param([scored("exceeded"), scored("no_data")], ("50", "100", "50"), id="no data stands in the divisor with nothing; at best it is met"),
    pytest.param([scored("exceeded"), scored("not_due")], ("100", "100", "50"), id="what is not due stands nowhere but in the coverage"),
    pytest.param([scored("met", 3), scored("no_data", 1)], ("75", "100", "75"), id="by weight"),
    pytest.param([scored("met"), scored("missed", is_heading=True)], ("100", "100", "100"), id="a heading enters nothing"),
    pytest.param([scored("met"), scored("missed", state=VersionState.WITHDRAWN)], ("100", "100", "100"), id="what was withdrawn enters nothing"),
    pytest.param([scored("no_data")], ("0", "100", "0"), id="silence alone is nothing"),
    pytest.param([scored("not_due")], (None, None, "0"), id="nothing due has no score"),
]  # fmt: skip


@pytest.mark.parametrize(("targets", "wanted"), SCORES)
def test_score_best_score_and_coverage(targets: list[ScoredTarget], wanted: tuple[str | None, ...]) -> None:
    totals = compute_totals(targets)
    assert (totals["score"], totals["score_best"], totals["coverage"]) == wanted


def test_two_that_stop_reporting_do_not_raise_the_score() -> None:
    """Finding F11: five targets, one exceeded; the others are behind, and then silent."""
    with_misses = [scored("exceeded"), scored("off_track"), scored("off_track"), scored("no_data"), scored("no_data")]
    silent = [scored("exceeded"), *[scored("no_data")] * 4]
    assert compute_totals(with_misses)["score"] == compute_totals(silent)["score"] == "20"


def test_headings_and_targets_are_counted_apart() -> None:
    totals = compute_totals(
        [
            scored("met", is_heading=True),
            scored("met"),
            scored("off_track"),
            scored("met", state=VersionState.SUSPENDED),
        ]
    )
    assert (totals["targets"], totals["headings"], totals["suspended"]) == (2, 1, 1)
    assert sum(totals["counts"].values()) == 2


def test_every_status_has_its_place_in_lists_that_show_the_worst_first() -> None:
    assert sorted(Status, key=lambda status: status.worst_first) == list(WORST_FIRST)
    assert set(WORST_FIRST) == set(Status)
