"""Exact decimals: one context for all arithmetic, one way to round, one way to write."""

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

COMPARED_PLACES: Final = 12

_CONTEXT: Final = Context(prec=50, rounding=ROUND_HALF_UP, traps=[DivisionByZero, InvalidOperation, Overflow])
_UNITS: Final = tuple(Decimal(1).scaleb(-places) for places in range(COMPARED_PLACES + 1))


def exact() -> AbstractContextManager[Context]:
    """Arithmetic of 50 digits inside `with exact():`.

    What cannot be computed raises ArithmeticError; there is never a NaN or an infinity.
    """
    return localcontext(_CONTEXT)


def half_up(value: Decimal, places: int) -> Decimal:
    """Round to at most 12 places, halves away from zero (domain.md, end of section 6)."""
    try:
        return value.quantize(_UNITS[places], ROUND_HALF_UP, _CONTEXT)
    except InvalidOperation:
        # Only a number of more than 38 digits before the point gets here, and a number of 50
        # digits that is so large has nothing after the place to round.
        return value


def compared(value: Decimal) -> Decimal:
    """A computed value as it is compared: a third of three is one for everybody."""
    return half_up(value, COMPARED_PLACES)


def plain(value: Decimal) -> str:
    """Plain notation, neither exponent nor trailing zeros: 7.5, -0.65, 190000, 0."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
