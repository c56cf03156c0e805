"""Create, change and delete indicators, and keep their stored inputs and parts in step with them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.utils.formats import date_format

from indicators import signals
from indicators.domain.choices import Accumulation, IndicatorKind
from indicators.domain.formula_lexer import FUNCTIONS
from indicators.domain.regions import is_summable
from indicators.models import Department, Indicator, Measurement
from indicators.services.catalogue import formulas, parts
from kpitracker.lib import crud
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Conflict, ValidationProblem
from kpitracker.lib.i18n.text import text

# What the values mean. Once there are figures or targets, another meaning is another indicator.
FIXED_FIELDS = ("unit", "kind", "accumulation", "formula")


@transaction.atomic
def create_indicator(*, by: Actor, **values: Any) -> Indicator:
    """Raises `ValidationProblem` for a code that is a function name, an invalid formula, numbers out of range,
    `Unprocessable` for parts that do not add up to it.
    """
    new_parts = parts.resolve_parts(values.pop("parts", ()))
    resolved = _resolve_values(values, None)
    if resolved["code"] in FUNCTIONS:
        raise ValidationProblem(
            "invalid-code",
            text("This is the name of a function of formulas.", "Đây là tên hàm trong công thức."),
            pointer="/code",
        )
    indicator = crud.insert_row(Indicator(**resolved), by=by)
    formulas.rebuild_inputs(indicator)
    parts.replace_parts(indicator, new_parts, by)
    parts.check_parts(indicator)
    return indicator


@transaction.atomic
def update_indicator(*, indicator: Indicator, by: Actor, now: datetime, **values: Any) -> Indicator:
    """Raises `Conflict` (in-use) when the change contradicts existing figures or targets, else as `create_indicator`."""
    new_parts = parts.resolve_parts(values.pop("parts")) if "parts" in values else None
    resolved = _resolve_values(values, indicator)
    if resolved.get("formula") and Measurement.objects.filter(indicator=indicator).exists():
        raise Conflict(
            "in-use",
            text("It has figures: a formula would hide them.", "Đã có số liệu: công thức sẽ che mất chúng."),
            pointer="/formula",
        )
    changed_fields = {name for name, value in resolved.items() if getattr(indicator, name) != value}
    if Measurement.objects.filter(indicator=indicator).exists():
        refuse_change_of_meaning(changed_fields)
    updated_indicator = crud.change_row(indicator, resolved, by=by)
    formulas.rebuild_inputs(updated_indicator)
    if new_parts is not None:
        parts.replace_parts(updated_indicator, new_parts, by)
    parts.check_parts(updated_indicator)
    signals.indicator_changed.send(sender=Indicator, indicator=updated_indicator, now=now, changed=changed_fields)
    return updated_indicator


def refuse_change_of_meaning(changed_fields: Collection[str], *, by_targets: bool = False) -> None:
    """Raises `Conflict` (in-use) for fields that say what the values mean: the past would say something else.

    `by_targets`: targets exist, else figures.
    """
    used_by, used_by_vi = ("targets", "chỉ tiêu") if by_targets else ("figures", "số liệu")
    for name in FIXED_FIELDS:
        if name in changed_fields:
            raise Conflict(
                "in-use",
                text(
                    f"It has {used_by}, so {name} cannot change: create a new indicator, and end the duty to report this one.",
                    f"Đã có {used_by_vi} nên không đổi được {name}: hãy tạo chỉ số mới và kết thúc phân công báo cáo chỉ số này.",
                ),
                pointer=f"/{name}",
            )


@transaction.atomic
def delete_indicator(*, indicator: Indicator, by: Actor) -> None:
    """Raises `Conflict` (in-use) when the indicator has figures or anything else refers to it."""
    if Measurement.objects.filter(indicator=indicator).exists():
        raise crud.in_use_conflict(indicator)
    crud.delete_row(indicator, by=by)


def _resolve_values(values: Mapping[str, Any], indicator: Indicator | None) -> dict[str, Any]:
    resolved = dict(values)
    if "department" in resolved and not isinstance(resolved["department"], Department):
        resolved["department"] = Department.objects.by_code_or_none(resolved["department"], "/department")

    def new_value(name: str) -> str:
        return str(resolved.get(name, getattr(indicator, name, "")) or "")

    # Setting one of the two clears the other, so that a PATCH need not clear it explicitly.
    if resolved.get("formula") and "accumulation" not in values:
        resolved["accumulation"] = ""
    if resolved.get("accumulation") and "formula" not in values:
        resolved["formula"] = ""
    if bool(new_value("accumulation")) == bool(new_value("formula")):
        detail = text("Exactly one of accumulation and formula.", "Cần đúng một trong hai: accumulation hoặc formula.")
        if new_value("formula"):
            raise ValidationProblem("invalid-formula", detail, pointer="/formula")
        raise ValidationProblem("required", detail, pointer="/accumulation")
    if resolved.get("formula"):
        formulas.parse_formula(resolved["formula"])
    if "breaks" in resolved:
        resolved["breaks"] = _stored_breaks(resolved["breaks"] or [])
    _check_plausibility(resolved, indicator)
    _check_regional(resolved, indicator)
    return resolved


def _stored_breaks(breaks: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The breaks as they are stored, by day. Raises `ValidationProblem` (invalid-breaks, required) for two on one day, or none."""
    # A nested row of a PATCH may lack required fields.
    for index, row in enumerate(breaks):
        if "day" not in row:
            raise ValidationProblem(
                "required", text("A break needs its day.", "Hãy nêu ngày."), pointer=f"/breaks/{index}/day"
            )
    rows = sorted(
        (
            {"day": str(row["day"]), "note": row.get("note") or "", "note_en": row.get("note_en") or ""}
            for row in breaks
        ),
        key=itemgetter("day"),
    )
    if repeated := next((later["day"] for earlier, later in pairwise(rows) if earlier["day"] == later["day"]), None):
        day = date_format(date.fromisoformat(repeated))
        raise ValidationProblem(
            "invalid-breaks",
            text(f"Two breaks on {day}.", f"Hai điểm gián đoạn cùng ngày {day}."),
            pointer="/breaks",
        )
    return rows


def _check_regional(values: Mapping[str, object], indicator: Indicator | None) -> None:
    """Raises `ValidationProblem` (invalid-regional) for an indicator that cannot be summed over areas."""

    def new_value(name: str, default: str = "") -> str:
        return str(values.get(name, getattr(indicator, name, default)) or "")

    accumulation = new_value("accumulation")
    if new_value("regional") and not is_summable(
        IndicatorKind(new_value("kind", "level")), Accumulation(accumulation) if accumulation else None
    ):
        raise ValidationProblem(
            "invalid-regional",
            text(
                "Only levels and counts that accumulate as sum or last are added up over areas; "
                "a formula is computed from its inputs' sums.",
                "Chỉ cộng được mức và số lượng có cách cộng gộp sum hoặc last; công thức được tính từ tổng các đầu vào.",
            ),
            pointer="/regional",
        )


def _check_plausibility(values: Mapping[str, Any], indicator: Indicator | None) -> None:
    """Raises `ValidationProblem` (invalid-formula, invalid-band) for plausibility rules that cannot be applied to a figure."""

    def new_value(name: str) -> Any:
        return values.get(name, getattr(indicator, name, None))

    if values.get("check_formula"):
        formulas.parse_formula(values["check_formula"], "/check_formula")
    if new_value("check_formula") and new_value("formula"):
        detail = text(
            "A computed indicator has no posted figures to check.",
            "Chỉ số tính toán không có số liệu gửi để kiểm tra.",
        )
        raise ValidationProblem("invalid-formula", detail, pointer="/check_formula")
    low, high = new_value("usual_low"), new_value("usual_high")
    if low is not None and high is not None and low > high:
        raise ValidationProblem(
            "invalid-band",
            text("The lower bound is above the upper bound.", "Cận dưới lớn hơn cận trên."),
            pointer="/usual_high",
        )
