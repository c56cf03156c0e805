"""The demo's targets at every month's end and after, computed again from their explanations as they are sent."""

import io
import json
from calendar import monthrange
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.core.management import call_command

from targets.models import Target
from targets.services import explanations
from targets.services.judging import Judged, judge_many
from tests.support import api_of
from tests.targets.recompute.evaluator import recompute
from tests.targets.recompute.sheet import rounded

pytestmark = pytest.mark.django_db
LATER = [date(2025, 2, 28), date(2025, 3, 31), date(2025, 10, 31), date(2025, 12, 31), date(2026, 5, 31)]
MONTH_ENDS = [date(2024, month, monthrange(2024, month)[1]) for month in range(1, 13)]


def test_each_target_follows_from_its_explanation() -> None:
    call_command("load_demo", stdout=io.StringIO())
    targets = list(Target.objects.shown())
    today = date(2026, 6, 30)
    found = [each for day in MONTH_ENDS + LATER for each in judge_many(targets=targets, as_of=day, today=today)]
    assert len(found) > 300
    for each in found:
        explained = json.dumps(explanations.explanation(each))
        assert as_sent(each, recompute(explained)) == each.body | {"rule": each.body["rule"]}, each.target

    sent = api_of().get(f"targets/{targets[0].identifier}/status/?as_of={MONTH_ENDS[9]}").ok()
    again = next(each for each in found if each.target == targets[0] and each.as_of == MONTH_ENDS[9])
    assert sent["explanation"].items() >= explanations.explanation(again).items()


def as_sent(judged: Judged, found: dict[str, Any]) -> dict[str, Any]:
    """The body with everything in it that was computed again."""
    places = max(6, judged.target.indicator.decimals + 2)
    body = judged.body

    def shown(name: str) -> str | None:
        value = found.get(name)
        return None if value is None else text(rounded(value, places))

    return body | {
        "status": found["status"],
        "provisional": found["provisional"],
        **{
            name: shown(name)
            for name in ("actual", "variance", "variance_percent", "shortfall", "position", "tolerance")
        },
        "covered_through": day(found["covered_through"]),
        "partial": found["partial"],
        "expected": body["expected"]
        | {name: shown(f"expected_{name}") for name in ("lower", "upper")}
        | {"profile": found["profile"]},
        "projection": {
            "value": shown("projection"),
            "low": shown("projection_low"),
            "high": shown("projection_high"),
        },
        "required": body["required"] | {name: shown(f"required_{name}") for name in ("lower", "upper")},
        "freshness": {
            "covered_through": day(found["covered_through"]),
            "expected_through": day(found["expected_through"]),
            "overdue": found["overdue"],
            "next_due": day(found["next_due"]),
        },
    }


def day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def text(value: Fraction) -> str:
    """Plain decimals; the value has no more places than are shown."""
    whole = f"{int(abs(value) * 10**12):013d}"
    sign = "-" if value < 0 else ""
    return sign + f"{whole[:-12]}.{whole[-12:]}".rstrip("0").rstrip(".")
