"""The accepted notations of numbers: one for programs, and for people that of their language."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from kpitracker.lib import text_validation
from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import is_vietnamese, text, translate

# [0-9], not \d: \d accepts other digits of Unicode. No exponent: int(Decimal("1e1000000")) takes half a minute.
# Matches one text at a time: in joined texts a line break within a cell would pass for the one between two cells.
matches_number = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,6})?", re.ASCII).fullmatch
MAX_DECIMALS = 6
_MANY_DECIMALS = re.compile(r"-?[0-9]{1,18}\.[0-9]{7,30}", re.ASCII)

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
    if isinstance(value, str) and matches_number(value):
        return canonical_decimal(Decimal(value))
    raise ValidationProblem("invalid-number", _describe_fault(value) if isinstance(value, str) else EXPECTED_NUMBER)


def _describe_fault(value: str) -> str:
    """What is wrong with this text. It shows the text: characters that cannot be seen are a common fault."""
    if _MANY_DECIMALS.fullmatch(value):
        rounded = format(round_decimals(Decimal(value)), "f")
        return text(
            f"{value} has more than {MAX_DECIMALS} decimals. Rounded it is {rounded}.",
            f"{value} có hơn {MAX_DECIMALS} chữ số thập phân. Làm tròn là {rounded}.",
        )
    preview = text_validation.visible_preview(value)
    return text(
        f'A number such as 979000 or "7.5" is expected, not “{preview}”: at most 18 digits before the point and 6 after.',
        f'Cần một số như 979000 hoặc "7.5", không phải “{preview}”: tối đa 18 chữ số trước dấu chấm và 6 chữ số sau.',
    )


def round_decimals(value: Decimal) -> Decimal:
    """The number with at most six decimals, rounded half up."""
    return canonical_decimal(value.quantize(Decimal(1).scaleb(-MAX_DECIMALS), ROUND_HALF_UP, _EXACT_CONTEXT))


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


# How the languages write numbers: group the digits of the whole part, or not; then the decimal sign.
_GROUPED = r"(?P<whole>-?(?:[0-9]{{1,18}}|[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+|[1-9][0-9]{{0,2}}(?: [0-9]{{3}})+))"
_NOTATIONS = {
    "vi": re.compile(_GROUPED.format(group=r"\.") + r"(?:,(?P<fraction>[0-9]{1,12}))?", re.ASCII),
    "en": re.compile(_GROUPED.format(group=",") + r"(?:\.(?P<fraction>[0-9]{1,12}))?", re.ASCII),
}
_SAME_SIGNS = str.maketrans({"−": "-", "\u00a0": " ", "\u202f": " "})
_SWAP_SEPARATORS = str.maketrans(",.", ".,")
_SHOWN_EXAMPLE = text(
    "A number such as 979000, 979,000 or 7.5 is expected, with up to 18 digits before and 6 after the point.",
    "Cần một số như 979000, 979.000 hoặc 7,5, tối đa 18 chữ số trước và 6 chữ số sau dấu phẩy.",
)


class WrittenNumber(NamedTuple):
    """A number that a person wrote. `other`: what it means in the other language, if that is something else.

    `is_foreign`: it can be read only as the other language writes it.
    """

    written: str
    value: Decimal
    fraction_digits: int  # digits that were written after the decimal sign
    other: Decimal | None
    is_foreign: bool = False

    def question(self, decimals: int | None) -> str:
        """What to ask before the number is stored, in the active language; "" if it can mean one thing only.

        `decimals`: of the indicator; None for a number without an indicator.
        """
        if self.other is not None and self._may_be_other(decimals):
            value, other = (localize_number(number, grouped=False) for number in (self.value, self.other))
            return translate(
                f"{self.written} = {value}? If so, save again. If it is {other}, write {other}.",
                f"{self.written} = {value}? Nếu đúng, hãy lưu lần nữa. Nếu là {other}, hãy ghi {other}.",
            )
        if decimals is not None and self._has_more_decimals(decimals):
            value = localize_number(self.value, grouped=False)
            return translate(
                f"{self.written} = {value}? The indicator has {decimals} decimals. If it is right, save again.",
                f"{self.written} = {value}? Chỉ số có {decimals} chữ số thập phân. Nếu đúng, hãy lưu lần nữa.",
            )
        return ""

    def _has_more_decimals(self, decimals: int) -> bool:
        # 140.0000 on a Vietnamese page is 140, but who wrote four zeros may have meant more.
        return not fits_column(self.value, decimals) or (self.is_foreign and self.fraction_digits > decimals)

    def _may_be_other(self, decimals: int | None) -> bool:
        # Programs and keypads write a point in every language. A comma follows the language, unless it cannot fit.
        if "." in self.written:
            return True
        if decimals is None:
            return False
        return self.fraction_digits > decimals if self.fraction_digits else decimals >= _GROUP_DIGITS


_GROUP_DIGITS = 3


def read_number(written: str) -> WrittenNumber:
    """Read a number as the active language writes it: 1.234,5 in Vietnamese, 1,234.5 in English.

    A number that can be meant only as the other language writes it is read that way. Raises `ValidationProblem`.
    """
    language = "vi" if is_vietnamese() else "en"
    readings = {name: _read_notation(written, pattern) for name, pattern in _NOTATIONS.items()}
    own, other = readings.pop(language), readings.popitem()[1]
    is_foreign = own is None
    if own is None:
        own, other = other, None
    if own is None or not fits_column(own[0], 12):
        raise ValidationProblem("invalid-number", _SHOWN_EXAMPLE)
    other_value = other[0] if other and other[0] != own[0] else None
    return WrittenNumber(written.strip(), *own, other_value, is_foreign)


def _read_notation(written: str, pattern: re.Pattern[str]) -> tuple[Decimal, int] | None:
    """The value and how many digits stand after the decimal sign; None if this is another notation."""
    match = pattern.fullmatch(written.strip().translate(_SAME_SIGNS))
    if match is None:
        return None
    whole, fraction = re.sub(r"[., ]", "", match["whole"]), match["fraction"] or ""
    return canonical_decimal(Decimal(f"{whole}.{fraction or 0}")), len(fraction)


def localize_number(value: Decimal | str, *, grouped: bool = True, vietnamese: bool | None = None) -> str:
    """A decimal to its last digit as a language (default: the active one) writes it: −1.234,5 or −1,234.5."""
    plain = format(value, "f") if isinstance(value, Decimal) else value
    whole, _, fraction = plain.lstrip("-").partition(".")
    english = (f"{int(whole):,}" if grouped else whole) + (f".{fraction}" if fraction else "")
    swapped = is_vietnamese() if vietnamese is None else vietnamese
    return ("−" if plain.startswith("-") else "") + (english.translate(_SWAP_SEPARATORS) if swapped else english)
