"""An answer of the API with everything in it that was computed again."""

from datetime import date
from fractions import Fraction
from typing import Any

from tests.targets.recompute.sheet import rounded

_NUMBERS = ("actual", "variance", "variance_percent", "shortfall", "position", "tolerance")


def answered(body: dict[str, Any], decimals: int, found: dict[str, Any]) -> dict[str, Any]:
    """Equal to the body of an assessment where the evaluator agrees; numbers as they are shown, days as texts."""
    places = max(6, decimals + 2)

    def shown(name: str) -> str | None:
        value = found.get(name)
        return None if value is None else text(rounded(value, places))

    edges = ("lower", "upper")
    created = ("covered_through", "expected_through", "next_due")
    dues = {name: day(found[name]) for name in created} | {"overdue": found["overdue"]}
    return body | {
        "status": found["status"],
        "provisional": found["provisional"],
        **{name: shown(name) for name in _NUMBERS},
        "covered_through": day(found["covered_through"]),
        "partial": found["partial"],
        "expected": body["expected"]
        | {name: shown(f"expected_{name}") for name in edges}
        | {"profile": found["profile"], "fallback": found.get("fallback", False)}
        | {"interpolated": found.get("interpolated", False)},
        "outlook": body["outlook"]
        | {name: shown(f"outlook_{name}") for name in ("value", "low", "high")}
        | {name: found.get(f"outlook_{name}") for name in ("method", "range_from")}
        | {"tested": tested(found, shown("outlook_error"))},
        "required": body["required"]
        | {name: shown(f"required_{name}") for name in edges}
        | {name: found.get(f"required_{name}") for name in ("per", "assumes")},
        "freshness": dues,
    }


def tested(found: dict[str, Any], error: str | None) -> dict[str, Any] | None:
    periods = found.get("outlook_tested")
    return None if periods is None else {"periods": periods, "mean_absolute_error": error}


def day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def text(value: Fraction) -> str:
    """Plain decimals; the value has no more places than are shown."""
    whole = f"{int(abs(value) * 10**12):013d}"
    sign = "-" if value < 0 else ""
    return sign + f"{whole[:-12]}.{whole[-12:]}".rstrip("0").rstrip(".")
