"""Drawn plans: versions in force, headings and scores as the second evaluator finds them, each rule often enough."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from targets.domain.choices import Status, VersionState
from targets.domain.heading_statuses import HeadingInput, settle_headings
from targets.domain.rollup import ScoredTarget, compute_totals
from targets.domain.versions import VersionSummary, assessed_day, version_in_force
from tests.targets.recompute import plan

Json = dict[str, Any]
PLANS, VERSIONED_TARGETS, LEAST = 400, 4000, 50
DAY = date(2024, 6, 30)


def draw_versions(draw: Random) -> list[Json]:
    states = [draw.choice(["draft", "adopted", "adopted"])]
    states += [draw.choice(["adopted", "amended", "suspended", "withdrawn"]) for _ in range(draw.randint(0, 3))]
    days = sorted(DAY + timedelta(days=draw.randint(-200, 60)) for _ in states)
    return [
        {"number": number, "announced": str(day), "state": state}
        for number, (day, state) in enumerate(zip(days, states, strict=True), start=1)
    ]


def draw_plan(draw: Random) -> list[Json]:
    """Some targets in groups, some of those in groups again."""
    rows: list[Json] = []
    for number in range(draw.randint(2, 12)):
        headings = [row["key"] for row in rows] if draw.random() < 0.6 else []
        row: Json = {"key": f"target-{number}", "heading": draw.choice(headings) if headings else None}
        state = draw.choice(["adopted", "adopted", "amended", "adopted", "suspended", "withdrawn"])
        row |= {"status": draw.choice([each.value for each in Status]), "state": state}
        rows.append(row | {"weight": str(draw.choice([1, 1, 2, "0.5"])), "qualitative": draw.random() < 0.5})
    return rows


def totals_of_core(rows: list[Json]) -> tuple[dict[str, str], Json]:
    """The status of each heading, and the totals."""
    inputs = [
        HeadingInput(row["key"], row["heading"], Status(row["status"]), VersionState(row["state"]), row["qualitative"])
        for row in rows
    ]
    settled = settle_headings(inputs)
    scored = [
        ScoredTarget(
            settled.get(row["key"], Status(row["status"])),
            Decimal(row["weight"]),
            False,
            None,
            "",
            state=VersionState(row["state"]),
            is_heading=row["key"] in settled,
        )
        for row in rows
    ]
    return {str(key): status.value for key, status in settled.items()}, dict(compute_totals(scored))


def shown(totals: Json) -> Json:
    numbers = {name: totals[name] and Decimal(totals[name]) for name in ("score", "score_best", "coverage")}
    counts = {name: totals[name] for name in ("targets", "headings", "suspended", "withdrawn")}
    return numbers | counts | {"counts": {status: number for status, number in totals["counts"].items() if number}}


def test_drawn_plans_add_up_by_hand() -> None:
    plans = [draw_plan(Random(f"plan {seed}")) for seed in range(PLANS)]  # noqa: S311
    for rows in plans:
        settled, totals = totals_of_core(rows)
        headings = [row for row in rows if plan.parts_of(rows, row["key"])]
        assert settled == {row["key"]: plan.status_of(rows, row) for row in headings}
        assert shown(totals) == shown(plan.totals(rows))
    report({name: sum(map(rule, plans)) for name, rule in PLAN_RULES.items()})


def test_drawn_versions_count_from_their_day() -> None:
    drawn = [draw_versions(Random(f"versions {seed}")) for seed in range(VERSIONED_TARGETS)]  # noqa: S311
    for versions in drawn:
        summaries = [
            VersionSummary(each["number"], date.fromisoformat(each["announced"]), each["state"]) for each in versions
        ]
        in_force, by_hand = version_in_force(summaries, DAY), plan.in_force(versions, DAY)
        assert (in_force and in_force.number) == (by_hand and by_hand["number"])
        assert assessed_day(summaries, DAY) == plan.judged_on(versions, DAY)
    report({name: sum(map(rule, drawn)) for name, rule in VERSION_RULES.items()})


def report(counts: dict[str, int]) -> None:
    print(*(f"{number:6} {name}" for name, number in counts.items()), sep="\n")
    assert {name: number for name, number in counts.items() if number < LEAST} == {}


def has_heading(rows: list[Json], *, qualitative: bool) -> bool:
    return any(plan.parts_of(rows, row["key"]) and row["qualitative"] is qualitative for row in rows)


def nests(rows: list[Json]) -> bool:
    headings = {row["key"] for row in rows if plan.parts_of(rows, row["key"])}
    return any(row["heading"] in headings and row["key"] in headings for row in rows)


def loses_a_part(rows: list[Json]) -> bool:
    """A part that is suspended or withdrawn beside one that is not."""
    over = {row["heading"] for row in rows if row["state"] in plan.OVER}
    return any(plan.parts_of(rows, key) for key in over if key)


def stands_as_its_parts(rows: list[Json], status: str) -> bool:
    headings = [row for row in rows if row["qualitative"] and plan.parts_of(rows, row["key"])]
    return any(plan.status_of(rows, row) == status for row in headings)


def silent(rows: list[Json]) -> bool:
    totals = plan.totals(rows)
    return bool(totals["score"] != totals["score_best"])


PLAN_RULES: dict[str, Callable[[list[Json]], bool]] = {
    "score: no data stands in the divisor, at best it is met": silent,
    "score: what is not due stands nowhere": lambda rows: "not_due" in plan.totals(rows)["counts"],
    "score: suspended and withdrawn stand apart": lambda rows: any(row["state"] in plan.OVER for row in rows),
    "heading: without a number, as its parts": lambda rows: has_heading(rows, qualitative=True),
    "heading: with a number, by itself": lambda rows: has_heading(rows, qualitative=False),
    "heading: met when all its parts are": lambda rows: stands_as_its_parts(rows, "met"),
    "heading: else as the worst of them": lambda rows: stands_as_its_parts(rows, "missed"),
    "heading: of headings": nests,
    "heading: what ended is no part": loses_a_part,
}


def state_of(versions: list[Json]) -> str:
    version = plan.in_force(versions, DAY)
    return str(version["state"]) if version else ""


def is_announced_after_its_end(versions: list[Json]) -> bool:
    version = plan.in_force(versions, DAY)
    is_over = version is not None and version["state"] == "withdrawn"
    return is_over and version is not None and any(each["announced"] > version["announced"] for each in versions)


def is_amended_while_suspended(versions: list[Json]) -> bool:
    version = plan.in_force(versions, DAY)
    is_over = version is not None and version["state"] == "suspended"
    later = [each for each in versions if version and version["announced"] < each["announced"] <= str(DAY)]
    return is_over and any(each["state"] == "amended" for each in later)


VERSION_RULES: dict[str, Callable[[list[Json]], bool]] = {
    "suspended: judged as of the day before": lambda versions: state_of(versions) == "suspended",
    "withdrawn: judged as of the day before": lambda versions: state_of(versions) == "withdrawn",
    "adopted again after it was suspended": lambda versions: (
        state_of(versions) in ("adopted", "amended")
        and any(each["state"] == "suspended" and each["announced"] <= str(DAY) for each in versions)
    ),
    "suspended: no amendment takes it up again": is_amended_while_suspended,
    "withdrawn: nothing comes after it": is_announced_after_its_end,
}
