"""Exact decimals: one context for all arithmetic, one way to round, one way to format."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from typing import Final

COMPARISON_PLACES: Final = 12
# From this size on, computed numbers are shown without additional decimal places.
_LARGE_VALUE: Final = 1000

_CONTEXT: Final = Context(prec=50, rounding=ROUND_HALF_UP, traps=[DivisionByZero, InvalidOperation, Overflow])
_QUANTA: Final = tuple(Decimal(1).scaleb(-places) for places in range(COMPARISON_PLACES + 1))


def exact_arithmetic() -> AbstractContextManager[Context]:
    """Context manager for decimal arithmetic with 50 digits.

    An operation without a result raises ArithmeticError: there is never a NaN or an infinity.
    """
    return localcontext(_CONTEXT)


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Round to `places` decimal places (0 to 12), halves away from zero (domain.md, end of section 6)."""
    try:
        return value.quantize(_QUANTA[places], ROUND_HALF_UP, _CONTEXT)
    except InvalidOperation:
        # Only a number with more than 38 digits before the point gets here. With 50 digits in all it has no digit
        # after the 12th place: there is nothing to round.
        return value


def round_for_comparison(value: Decimal) -> Decimal:
    """Round a computed value to 12 decimal places before it is compared, so that a third of 3 is 1."""
    return round_half_up(value, COMPARISON_PLACES)


def to_plain_string(value: Decimal) -> str:
    """Format without exponent and trailing zeros: 7.5, -0.65, 190000, 0."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def count_places(value: Decimal) -> int:
    """The number of decimal places of a number, without trailing zeros."""
    return len(to_plain_string(value).partition(".")[2])


def shown_places(
    numbers: Iterable[Decimal], decimals: int, *, beside: Iterable[Decimal] = (), computed: bool = True
) -> int:
    """With how many decimal places people see the numbers of one text (domain.md, end of section 6).

    `decimals`: those of the indicator; computed numbers get two more, unless one of them is large. Then as many more
    as it takes to see that numbers differ, from each other, from zero, and from those `beside` them.
    """
    shown = set(numbers)
    is_large = any(abs(number) >= _LARGE_VALUE for number in shown)
    places = decimals + (2 if computed and not is_large else 0)
    last_place = max(6, places)  # the API rounds to 6 places: later digits are not known
    compared = {round_half_up(number, last_place) for number in (*shown, *beside, Decimal(0))}
    while places < last_place and len({round_half_up(number, places) for number in compared}) < len(compared):
        places += 1
    return places
