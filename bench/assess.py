"""Assessing many targets, beside one UPDATE that does the plain arithmetic."""

import random
import resource
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from bench.common import Series, Verdict

AREAS, MONTHS, YEAR = 200, 6, 2026
NOW = datetime(YEAR, 7, 25, 3, tzinfo=UTC)
BATCH, TIMES = 50_000, 3


def world(targets: int, months: int = MONTHS, past_years: int = 0) -> None:
    """A target for each indicator in each of 200 areas, with months of figures that the service has recorded.

    `past_years`: the number of whole years with figures of each month before the year of the targets.
    """
    from indicators.models import Area, Department, Indicator
    from targets.models import Plan

    department = Department.objects.create(code="statistics", name="Statistics")
    Area.objects.bulk_create(Area(code=f"area-{n}", name=f"Area {n}") for n in range(AREAS))
    Indicator.objects.bulk_create(
        Indicator(code=f"indicator-{n}", name=f"Indicator {n}", accumulation="sum", department=department, due_days=20)
        for n in range(targets // AREAS)
    )
    areas = dict(Area.objects.values_list("code", "pk"))
    indicators = dict(Indicator.objects.values_list("code", "pk"))
    plan = Plan.objects.create(
        code="plan", name="Plan", area_id=areas["area-0"], period_start=date(YEAR, 1, 1), period_end=date(YEAR, 12, 31)
    )
    _promise(targets, plan, indicators, areas)
    for year in range(YEAR - past_years, YEAR):
        for month in range(1, 13):
            post(targets, month, 7 * year, year)
    for month in range(1, months + 1):
        post(targets, month, 0)


def _promise(targets: int, plan: Any, indicators: dict[str, int], areas: dict[str, int]) -> None:
    """A target each: at least 900 to 949 in the year, set by one version."""
    from kpitracker.lib.db import bulk
    from kpitracker.lib.db.locks_and_triggers import supports_copy
    from targets.models import Target, TargetVersion

    start, end = f"{YEAR}-01-01", f"{YEAR}-12-31"
    texts, number, one = (
        bulk.variable_width_encoder(*["text"] * 6, is_cached=False),
        bulk.decimal_encoder(),
        bulk.decimal_encoder()("1"),
    )
    ids = bulk.fixed_width_encoder("integer", "bigint", "bigint", "bigint", "date", "date", "boolean", "boolean")
    names = [
        "row_version", "plan_id", "indicator_id", "area_id", "period_start", "period_end", "qualitative", "about",
        "weight", "identifier", "goal", "section", "section_en", "source", "note",
    ]  # fmt: skip
    bulk.insert_rows(
        Target,
        names,
        (
            ids(1, plan.pk, indicators[f"indicator-{i}"], areas[f"area-{a}"], start, end, False, False)
            + one
            + texts((f"plan:indicator-{i}:area-{a}", "at_least", f"section {i % 7}", "", "", ""))
            for i, a in places(targets)
        ),
    )
    pks = list(Target.objects.order_by("pk").values_list("pk", flat=True))
    heads = bulk.fixed_width_encoder("bigint", "integer", "boolean", "boolean", "date", bulk.TIMESTAMP_TYPE)
    words = bulk.variable_width_encoder(
        "text", "text", "text", "text", "text", "text", "text", "jsonb" if supports_copy() else "text"
    )
    names = ["target_id", "number", "lower_open", "upper_open", "announced", "recorded_at", "lower", "profile", "act"]
    names += ["reason", "state", "source", "note", "author", "milestones"]
    moment = bulk.moment_text(datetime(YEAR - 1, 12, 10, tzinfo=UTC))
    bulk.insert_rows(
        TargetVersion,
        names,
        (
            heads(pk, 1, False, False, f"{YEAR - 1}-12-10", moment)
            + number(str(900 + pk % 50))
            + words(("", "", "", "adopted", "", "", "bench", "[]"))
            for pk in pks
        ),
    )


def places(targets: int) -> Iterator[tuple[int, int]]:
    for k in range(targets):
        yield divmod(k, AREAS)


def post(targets: int, month: int, bump: int, year: int = YEAR) -> None:
    """Post a month of figures for every target, as one department would; the marks are left for the caller."""
    from indicators.domain.periods import Period
    from indicators.services.batches.record import record_batch
    from indicators.services.batches.rows import FigureRow
    from kpitracker.lib.actor import system_actor
    from kpitracker.lib.db.uuid7 import uuid7_batch

    period, published = Period.parse(f"{year}-{month:02}"), date(year + month // 12, month % 12 + 1, 10)
    rows = [
        FigureRow(
            k + 1,
            f"indicator-{i}",
            f"area-{a}",
            period,
            published,
            str(50 + (k * 31 + month * 17 + bump) % 60),
            "",
            "",
            "",
            "",
            "",
        )
        for k, (i, a) in enumerate(places(targets))
    ]
    for start in range(0, targets, BATCH):
        record_batch(rows=rows[start : start + BATCH], by=system_actor("bench"), now=NOW, origin=uuid7_batch(1)[0])


def settle() -> None:
    """Do what a server does by itself sooner or later: gather statistics, free empty pages."""
    from django.db import connection

    from indicators.models import SeriesChange

    SeriesChange.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


class Plain:
    """One UPDATE that sums the figures of each target, compares and projects. All rows change at each run."""

    def __init__(self, targets: int) -> None:
        from django.db import connection

        self._cursor = connection.cursor()
        self._on_server = connection.vendor == "postgresql"
        number = "numeric(20, 4)" if self._on_server else "real"
        self._run(f"""CREATE TABLE plain_targets (id integer PRIMARY KEY, indicator_id integer NOT NULL, area_id integer
            NOT NULL, goal {number} NOT NULL, share {number} NOT NULL, actual {number}, variance {number},
            percent {number}, outlook {number}, status integer, UNIQUE (indicator_id, area_id))""")
        self._run(f"""CREATE TABLE plain_figures (indicator_id integer NOT NULL, area_id integer NOT NULL, month integer
            NOT NULL, value {number} NOT NULL, UNIQUE (indicator_id, area_id, month))""")
        rows = [(k + 1, *divmod(k, AREAS), 900 + k % 50) for k in range(targets)]
        figures = [(i, a, m, 50 + (k * 31 + m * 17) % 60) for k, i, a, _ in rows for m in range(MONTHS)]
        self._cursor.executemany(
            "INSERT INTO plain_targets (id, indicator_id, area_id, goal, share) VALUES (%s, %s, %s, %s, 0.4959)", rows
        )
        self._cursor.executemany("INSERT INTO plain_figures VALUES (%s, %s, %s, %s)", figures)
        self.series = Series("anchor: one UPDATE of the plain arithmetic", targets, "targets")

    def _run(self, statement: str) -> None:
        self._cursor.execute(statement)

    def measure(self) -> None:
        self._run("UPDATE plain_targets SET goal = goal + 0.01")
        self._run("VACUUM ANALYZE plain_targets" if self._on_server else "ANALYZE plain_targets")
        self.series.run(lambda: self._run(_PLAIN))


_PLAIN = """UPDATE plain_targets SET actual = f.total, variance = f.total - goal * share,
    percent = (f.total - goal * share) / (goal * share) * 100, outlook = f.total / share,
    status = CASE WHEN f.total >= goal * share THEN 1 WHEN f.total >= 0.95 * goal * share THEN 2 ELSE 3 END
    FROM (SELECT indicator_id, area_id, sum(value) AS total FROM plain_figures GROUP BY indicator_id, area_id) f
    WHERE f.indicator_id = plain_targets.indicator_id AND f.area_id = plain_targets.area_id"""


def many(targets: int) -> list[object]:
    """Assess all targets, changed and unchanged, beside the plain UPDATE; measure the memory of the process."""
    from targets.services.assessment import daily

    world(targets)
    plain = Plain(targets)
    settle()
    changed = Series(f"judging {targets:,} targets, all changed", targets, "targets")
    same = Series("judging them again, nothing changed", targets, "targets")
    unchanged_day = Series("the daily round, nothing due", targets, "targets")
    first = daily.assess_all(now=NOW)
    held = _megabytes()
    for bump in range(1, TIMES + 1):
        plain.measure()
        post(targets, MONTHS, bump)
        settle()
        written = changed.run(lambda: daily.assess_all(now=NOW))
        again = same.run(lambda: daily.assess_all(now=NOW))
        assessed = unchanged_day.run(partial(daily.assess_expired, now=NOW + timedelta(days=bump)))
        if (first, written, again, assessed) != (targets, targets, 0, 0):
            raise SystemExit(f"Written {first}, {written}, {again}, {assessed} of {targets}.")
    rates = [series.rate / plain.series.rate for series in (changed, same, unchanged_day)]
    return [
        plain.series, changed, same, unchanged_day,
        Verdict("judging, all changed / plain UPDATE", rates[0], 0.45),
        Verdict("judging again, nothing changed / plain UPDATE", rates[1], 0.9),
        Verdict("the daily round, nothing due / plain UPDATE", rates[2], 0.9),
        Verdict("memory of three rounds, more than after the first", _megabytes() - held, 50, at_most=True, unit="MB"),
    ]  # fmt: skip


def processor_time(targets: int, past_years: int) -> list[object]:
    """Judge all targets again, with nothing changed, and print the processor time of this process for each of them.

    To compare two commits, run both by turns on the same machine: times of different minutes are not comparable.
    """
    from targets.services.assessment import daily

    world(targets, past_years=past_years)
    settle()
    daily.assess_all(now=NOW)
    series = Series(f"judging, {past_years} past years, processor time of one", targets, "targets")
    for _ in range(TIMES):
        started = time.process_time()
        if written := daily.assess_all(now=NOW):
            raise SystemExit(f"Written {written} of {targets}, nothing had changed.")
        series.seconds.append(time.process_time() - started)
    return [series]


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def dirty(targets: int) -> Series:
    """Assess a thousand changed series among `targets` targets."""
    from indicators.services.figures import revision_store
    from targets.models import Target
    from targets.services.assessment import assess

    world(targets, months=1)
    settle()
    pairs = list(Target.objects.values_list("indicator_id", "area_id"))
    series = Series(f"1,000 changed among {targets:,} targets", 1000, "targets")
    for _ in range(TIMES):
        revision_store.mark_changed_series(set(random.sample(pairs, 1000)), quiet=True, now=NOW)

        def work() -> None:
            while assess.process_series_changes(now=NOW + timedelta(seconds=1)):
                pass

        series.run(work)
    return series


def scorecard() -> list[object]:
    """The scorecard of a plan of a thousand targets as of a past day, the first time in a new process."""
    from kpitracker.lib.actor import system_actor
    from targets.models import Plan
    from targets.services.reports import scorecards

    world(1000)
    settle()
    question = scorecards.ScorecardQuery(Plan.objects.get(), date(YEAR, 5, 20), NOW.date(), system_actor("bench"))
    series = Series("a scorecard of 1,000 targets as of a past day", 1, "cards")
    series.run(lambda: scorecards.build_scorecard(question))
    cold = series.seconds[0]
    for _ in range(TIMES):
        series.run(lambda: scorecards.build_scorecard(question))
    return [series, Verdict("scorecard of 1,000 targets, cold", cold * 1000, 300, at_most=True, unit="ms")]
