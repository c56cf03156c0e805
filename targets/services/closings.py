"""Close a plan: freeze its scorecard, read it again, and compare it with what has been recorded since."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from indicators.domain.periods import Period
from indicators.domain.rounding import plain
from indicators.models import Indicator, Revision
from indicators.querysets import RevisionQuerySet
from indicators.services.books import read_by
from kpitracker.lib import clock, writing
from kpitracker.lib.actor import ALL_SCOPES, Actor
from kpitracker.lib.audit import notes
from kpitracker.lib.errors import Invalid, Missing
from kpitracker.lib.rendering import timestamp
from kpitracker.lib.texts import text
from targets.domain.scores import Counted, roll_up
from targets.domain.vocabulary import Status
from targets.models import Closing, Plan, Target, TargetVersion
from targets.services import plans, rows, scorecards
from targets.services.explanations import explained
from targets.services.judging import Judged

# The longest time that a transaction may take before its rows become visible.
_LONGEST = timedelta(hours=1)
_ALL_SEEING = Actor("closing", None, ALL_SCOPES)


class Opened(NamedTuple):
    """A closing as one user may read it. `digest` is the SHA-256 of `content`; `whole`: no target is hidden."""

    closing: Closing
    content: str
    digest: str
    whole: bool

    @property
    def card(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.content)
        return found


@transaction.atomic
def close(*, plan: Plan, by: Actor, now: datetime, reason: str, as_of: date | None = None) -> Closing:
    """Freeze the scorecard of a plan as of a day, from what has been recorded until now.

    From the last day of the plan's period on, closing also locks the plan's periods. Raises `NotPermitted`
    (not-your-plan), `Invalid` (required, invalid-date).
    """
    plans.check_owner(plan.department, by)
    if not reason.strip():
        raise Invalid("required", text("Say why.", "Hãy nêu lý do."), pointer="/reason")
    today = clock.local_day(now)
    day = as_of or today
    if day > today:
        detail = text(f"as_of may not be after today ({today}).", f"as_of không được sau hôm nay ({today}).")
        raise Invalid("invalid-date", detail, pointer="/as_of")
    # Posting a figure takes a shared lock on its plans: the figure is in the scorecard, or refused, or comes later.
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if day >= plan.period_end and (plan.locked_through is None or plan.locked_through < plan.period_end):
        plans.change(plan=plan, by=by, locked_through=plan.period_end)
    content = _frozen(plan, day, today, now)
    last = plan.closings.aggregate(last=Max("number"))["last"] or 0
    row = Closing(
        plan=plan,
        number=last + 1,
        as_of=day,
        recorded_by=now,
        reason=reason,
        content=content,
        digest=digest_of(content),
        closed_by=by.name,
        recent=_recent(plan, now),
    )
    writing.check(row)
    row.save(force_insert=True)
    # The audit log leaves out the content: the row keeps it, and the digest identifies it.
    said = {"plan": plan.code, "number": row.number, "as_of": str(day), "reason": reason, "digest": row.digest}
    notes.note(by=by, verb="created", row=row, after=said)
    return row


def digest_of(content: str) -> str:
    """SHA-256 over the UTF-8 of the content, in hexadecimal digits."""
    return hashlib.sha256(content.encode()).hexdigest()


def _written(card: Mapping[str, Any]) -> str:
    return json.dumps(card, ensure_ascii=False, separators=(",", ":"))


def _frozen(plan: Plan, as_of: date, today: date, now: datetime) -> str:
    question = scorecards.Question(plan, as_of, today, _ALL_SEEING, recorded_by=now)
    judged = scorecards.judged_of(question)
    return _written(
        {
            "plan": {
                "code": plan.code,
                "name": plan.name,
                "name_en": plan.name_en,
                "area": plan.area.code,
                "period": str(plan.period),
                "issuer": plan.issuer,
                "act": plan.act,
            },
            "as_of": as_of.isoformat(),
            "recorded_by": timestamp(now),
            **roll_up(counts := scorecards.counted_all(judged, as_of), scorecards.departments_above()),
            "targets": [_row(*each) for each in zip(judged, counts, explained(judged), strict=True)],
        }
    )


def _row(each: Judged, count: Counted, explanation: dict[str, Any]) -> dict[str, Any]:
    return {
        **each.body,
        **rows.place(each.target),
        "weight": plain(each.target.weight),
        "cooperating": list(count.cooperating),
        "actions_open": count.actions_open,
        "actions_overdue": count.actions_overdue,
        "explanation": explanation,
    }


def of_plan(plan: Plan, number: int) -> Closing:
    """Raises `Missing`."""
    found: Closing | None = Closing.objects.filter(plan=plan, number=number).first()
    if found is None:
        raise Missing(detail=text(f"{plan.code} has no closing {number}.", f"{plan.code} không có lần chốt {number}."))
    return found


def opened(closing: Closing, by: Actor) -> Opened:
    """The closing without the targets that the caller may not see; then the totals and the digest are recomputed.

    Raises `RuntimeError` when the content does not match its digest.
    """
    if digest_of(closing.content) != closing.digest:
        raise RuntimeError(f"The content of {closing} does not have its digest.")
    hidden = Indicator.objects.hidden_from(by)
    codes = set(Indicator.objects.filter(pk__in=hidden).values_list("code", flat=True)) if hidden else set()
    card = json.loads(closing.content) if codes else {"targets": []}
    shown = [row for row in card["targets"] if row["indicator"] not in codes]
    if len(shown) == len(card["targets"]):
        return Opened(closing, closing.content, closing.digest, True)
    content = _written(
        card | roll_up([_counted(row) for row in shown], scorecards.departments_above()) | {"targets": shown}
    )
    return Opened(closing, content, digest_of(content), False)


def _counted(row: Mapping[str, Any]) -> Counted:
    return Counted(
        status=Status(row["status"]),
        weight=Decimal(row["weight"]),
        stale=row["freshness"]["overdue"],
        department=row["department"],
        section=row["section"],
        cooperating=tuple(row["cooperating"]),
        actions_open=row["actions_open"],
        actions_overdue=row["actions_overdue"],
    )


def compare(closing: Closing, *, by: Actor, as_of: date, today: date) -> dict[str, Any]:
    """What differs as of a day: the targets, and every revision and amendment recorded since the closing."""
    card = opened(closing, by).card
    judged = scorecards.judged_of(scorecards.Question(closing.plan, as_of, today, by))
    counts = roll_up(scorecards.counted_all(judged, as_of))
    return {
        "plan": closing.plan.code,
        "number": closing.number,
        "as_of": as_of.isoformat(),
        "before": card["totals"],
        "after": counts["totals"],
        "targets": scorecards.differences(map(scorecards.seen_row, card["targets"]), map(scorecards.seen, judged)),
        "figures": [_revision(each) for each in _figures_since(closing, by)],
        "amendments": [_version(each) for each in _versions_since(closing, by)],
    }


def _revisions(rows: RevisionQuerySet, plan: Plan, by: Actor, since: datetime) -> list[Revision]:
    """Those of `revisions` recorded after a moment on the series that the plan's targets read, in recording order."""
    targets = list(Target.objects.visible_to(by).filter(plan=plan))
    if not targets:
        return []
    series = read_by({(each.indicator_id, each.area_id) for each in targets})
    last = max(each.period_end for each in targets)
    found = rows.of_series(series, "measurement__").filter(_known_after(since), measurement__period_start__lte=last)
    shown = found.select_related("measurement__indicator", "measurement__area", "department").order_by("pk")
    return [each for each in shown if (each.measurement.indicator_id, each.measurement.area_id) in series]


def _recent(plan: Plan, now: datetime) -> dict[str, list[Any]]:
    since = now - _LONGEST
    versions = TargetVersion.objects.filter(target__plan=plan, recorded_at__gt=since)
    return {
        "revisions": sorted(each.pk.hex for each in _revisions(Revision.objects.all(), plan, _ALL_SEEING, since)),
        "versions": sorted(versions.values_list("pk", flat=True)),
    }


def _known_after(moment: datetime) -> Q:
    """Recorded, or approved, after a moment."""
    return Q(recorded_at__gt=moment) | Q(approval__decided_at__gt=moment)


def _figures_since(closing: Closing, by: Actor) -> list[Revision]:
    """Revisions that count now and did not count at the closing, in recording order."""
    seen = set(closing.recent["revisions"])
    found = _revisions(Revision.objects.valid(), closing.plan, by, closing.recorded_by - _LONGEST)
    return [each for each in found if each.pk.hex not in seen]


def _versions_since(closing: Closing, by: Actor) -> QuerySet[TargetVersion]:
    targets = Target.objects.visible_to(by).filter(plan=closing.plan)
    found = TargetVersion.objects.filter(target__in=targets, recorded_at__gt=closing.recorded_by - _LONGEST)
    return found.exclude(pk__in=closing.recent["versions"]).select_related("target").order_by("pk")


def _revision(each: Revision) -> dict[str, Any]:
    figure = each.measurement
    return {
        "id": str(figure.pk),
        "indicator": figure.indicator.code,
        "area": figure.area.code,
        "period": str(Period(figure.period_start, figure.period_end)),
        "revision": each.number,
        "value": None if each.value is None else plain(each.value),
        "stage": each.stage,
        "published": rows.day(each.published) or "unknown",
        "recorded_at": timestamp(each.recorded_at),
        "department": each.department.code if each.department else None,
        "current": figure.current == each.pk,
    }


def _version(each: TargetVersion) -> dict[str, Any]:
    return {
        "target": each.target.identifier,
        "version": each.number,
        "announced": each.announced.isoformat(),
        "act": each.act,
        "reason": each.reason,
        "recorded_at": timestamp(each.recorded_at),
    }
