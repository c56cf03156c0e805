"""The accepted notation of numbers in input."""

import re
from decimal import Context, Decimal

from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import text

# [0-9], not \d: \d accepts other digits of Unicode. No exponent: int(Decimal("1e1000000")) takes half a minute.
_NUMBER_PATTERN = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,6})?", re.ASCII)

# More digits than any column holds: the default precision of 28 would round values with 12 places.
_EXACT_CONTEXT = Context(prec=60)

EXPECTED_NUMBER = text(
    'A number with up to 18 digits before and 6 after the point is expected, such as 979000 or "7.5".',
    'Cần một số có tối đa 18 chữ số trước và 6 chữ số sau dấu chấm, ví dụ 979000 hoặc "7.5".',
)


class NumberText(str):
    """The text of a JSON number: its digits never pass through a float."""

    __slots__ = ()


def parse_number(value: object) -> Decimal:
    """The exact decimal of a JSON number (`NumberText`) or a text in the same notation. Raises `ValidationProblem`."""
    if isinstance(value, str) and _NUMBER_PATTERN.fullmatch(value):
        return canonical_decimal(Decimal(value))
    raise ValidationProblem("invalid-number", EXPECTED_NUMBER)


def canonical_decimal(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without exponent, so that both databases give the same text."""
    value = value.normalize(_EXACT_CONTEXT)
    if value.is_zero():
        return Decimal(0)
    return value.quantize(Decimal(1), context=_EXACT_CONTEXT) if value.as_tuple().exponent > 0 else value  # type: ignore[operator]


def fits_column(value: Decimal, places: int, digits: int = 18) -> bool:
    """Whether a column with `digits` before and `places` after the point holds the value exactly."""
    if not value.is_finite() or value.adjusted() >= digits:
        return False
    return -value.normalize(_EXACT_CONTEXT).as_tuple().exponent <= places  # type: ignore[operator]
