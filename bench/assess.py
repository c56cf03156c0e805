"""Judging many targets: set by set in and out, beside one UPDATE of the plain arithmetic."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

AREAS, MONTHS, YEAR = 200, 6, 2026
NOW = datetime(YEAR, 7, 25, 3, tzinfo=UTC)
BATCH = 50_000


def world(targets: int) -> None:
    """Each indicator has a target in each of 200 areas; months of figures of each through the service itself."""
    from indicators.models import Area, Department, Indicator
    from kpitracker.lib import bulk
    from targets.models import Plan, Target, TargetVersion

    department = Department.objects.create(code="statistics", name="Statistics")
    Area.objects.bulk_create(Area(code=f"area-{n}", name=f"Area {n}") for n in range(AREAS))
    Indicator.objects.bulk_create(
        Indicator(code=f"indicator-{n}", name=f"Indicator {n}", accumulation="sum", department=department, due_days=20)
        for n in range(targets // AREAS)
    )
    areas = dict(Area.objects.values_list("code", "pk"))
    indicators = dict(Indicator.objects.values_list("code", "pk"))
    start, end = f"{YEAR}-01-01", f"{YEAR}-12-31"
    plan = Plan.objects.create(
        code="plan", name="Plan", area_id=areas["area-0"], period_start=date(YEAR, 1, 1), period_end=date(YEAR, 12, 31)
    )
    texts, number, one = (
        bulk.free("text", "text", "text", "text", "text", repeated=False),
        bulk.number(),
        bulk.number()("1"),
    )
    ids = bulk.fixed("integer", "bigint", "bigint", "bigint", "date", "date", "boolean", "boolean")
    names = [
        "row_version", "plan_id", "indicator_id", "area_id", "period_start", "period_end", "qualitative", "about",
        "weight", "identifier", "goal", "section", "source", "note",
    ]  # fmt: skip
    bulk.insert(
        Target,
        names,
        (
            ids(1, plan.pk, indicators[f"indicator-{i}"], areas[f"area-{a}"], start, end, False, False)
            + one
            + texts((f"plan:indicator-{i}:area-{a}", "at_least", f"section {i % 7}", "", ""))
            for i, a in places(targets)
        ),
    )
    pks = list(Target.objects.order_by("pk").values_list("pk", flat=True))
    heads = bulk.fixed("bigint", "integer", "boolean", "boolean", "date", bulk.MOMENT)
    words = bulk.free("text", "text", "text", "text", "text", "text", "text", "jsonb" if bulk.copies() else "text")
    names = ["target_id", "number", "lower_open", "upper_open", "announced", "recorded_at", "lower", "profile", "act"]
    names += ["reason", "state", "source", "note", "recorded_by", "milestones"]
    moment = bulk.moment(datetime(YEAR - 1, 12, 10, tzinfo=UTC))
    bulk.insert(
        TargetVersion,
        names,
        (
            heads(pk, 1, False, False, f"{YEAR - 1}-12-10", moment)
            + number(str(900 + pk % 50))
            + words(("", "", "", "adopted", "", "", "bench", "[]"))
            for pk in pks
        ),
    )
    for month in range(1, MONTHS + 1):
        post(targets, month, 0)


def places(targets: int) -> Iterator[tuple[int, int]]:
    for k in range(targets):
        yield divmod(k, AREAS)


def post(targets: int, month: int, bump: int) -> None:
    """A month of figures of every target, as one department would send it; the marks are left for the caller."""
    from indicators.domain.periods import Period
    from indicators.services.batches.record import record_many
    from indicators.services.batches.rows import Row
    from kpitracker.lib.actor import operator
    from kpitracker.lib.ids import uuid7s

    period, published = Period.parse(f"{YEAR}-{month:02}"), date(YEAR, month + 1, 10)
    rows = [
        Row(
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
        record_many(rows=rows[start : start + BATCH], by=operator("bench"), now=NOW, origin=uuid7s(1)[0])
