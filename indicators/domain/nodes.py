"""What a formula is made of, and how each part is computed over a span (domain.md section 4).

Every part computes a Decimal or raises ArithmeticError: a missing input, a division by zero, a
number too large and a span before the calendar begins all give no value.
"""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, Protocol

from .periods import Period
from .rounding import compared, plain

# Nested yoy() doubles a text at each level; a longer part is shown as its value instead.
_READABLE: Final = 600
_HUNDRED: Final = Decimal(100)
_SIGNS: Final[dict[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


class NoValue(ArithmeticError):
    """An input is not known over the span."""


class Scope(Protocol):
    """Where a formula finds its inputs; `values` remembers what parts came to, by span."""

    values: dict[tuple["Node", Period], Decimal]

    def known(self, code: str, period: Period) -> Decimal:
        """Value of an indicator over a span; raises ArithmeticError when there is none."""


class Spelling(Scope, Protocol):
    """A scope that also knows its inputs as text; `texts` remembers those of parts, by span."""

    texts: dict[tuple["Node", Period], str]

    def spelled(self, code: str, period: Period) -> str:
        """Arithmetic with numbers, as one operand; raises ArithmeticError without a value."""


class Node(ABC):
    """A part of a formula. `depth` counts the levels from it down to its deepest part."""

    __slots__ = ("depth", "parts")

    def __init__(self, *parts: "Node") -> None:
        self.parts = parts
        self.depth: int = 1 + max((part.depth for part in parts), default=0)

    @abstractmethod
    def compute(self, scope: Scope, period: Period) -> Decimal:
        """Value over a span; raises ArithmeticError when there is none."""

    def spell(self, scope: Spelling, period: Period) -> str:
        """The part with numbers put in, as one operand; raises ArithmeticError."""
        text = scope.texts.get((self, period))
        if text is None:
            text = self._spell(scope, period)
            if len(text) > _READABLE:
                text = plain(compared(self.compute(scope, period)))
            scope.texts[self, period] = text
        return text

    @abstractmethod
    def _spell(self, scope: Spelling, period: Period) -> str: ...


class Number(Node):
    __slots__ = ("value",)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.value = Decimal(text)

    def compute(self, scope: Scope, period: Period) -> Decimal:
        return self.value

    def _spell(self, scope: Spelling, period: Period) -> str:
        return plain(self.value)


class Name(Node):
    __slots__ = ("code",)

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code

    def compute(self, scope: Scope, period: Period) -> Decimal:
        return scope.known(self.code, period)

    def _spell(self, scope: Spelling, period: Period) -> str:
        return scope.spelled(self.code, period)


class Chain(Node):
    """Operands joined by signs of one rank, from left to right: one level, however long."""

    __slots__ = ("_operands", "signs")

    def __init__(self, operands: Sequence[Node], signs: Sequence[str]) -> None:
        super().__init__(*operands)
        self.signs = tuple(signs)
        self._operands = tuple((_SIGNS[s], n) for s, n in zip(signs, operands[1:], strict=True))

    def compute(self, scope: Scope, period: Period) -> Decimal:
        value = self.parts[0].compute(scope, period)
        for combine, part in self._operands:
            value = combine(value, part.compute(scope, period))
        return value

    def _spell(self, scope: Spelling, period: Period) -> str:
        text = self.parts[0].spell(scope, period)
        for sign, part in zip(self.signs, self.parts[1:], strict=True):
            text += f" {sign} {part.spell(scope, period)}"
        return f"({text})"


class Negation(Node):
    __slots__ = ()

    def compute(self, scope: Scope, period: Period) -> Decimal:
        return -self.parts[0].compute(scope, period)

    def _spell(self, scope: Spelling, period: Period) -> str:
        return f"(-{self.parts[0].spell(scope, period)})"


class Extreme(Node):
    """min() or max()."""

    __slots__ = ("_choose", "name")

    def __init__(self, name: str, *parts: Node) -> None:
        super().__init__(*parts)
        self.name = name
        self._choose: Callable[[list[Decimal]], Decimal] = min if name == "min" else max

    def compute(self, scope: Scope, period: Period) -> Decimal:
        return self._choose([part.compute(scope, period) for part in self.parts])

    def _spell(self, scope: Spelling, period: Period) -> str:
        return f"{self.name}({', '.join(part.spell(scope, period) for part in self.parts)})"


class Shifted(Node, ABC):
    """A part computed over another span: remembered, for nested shifts meet the same spans."""

    __slots__ = ()

    def compute(self, scope: Scope, period: Period) -> Decimal:
        value = scope.values.get((self, period))
        if value is None:
            value = scope.values[self, period] = self._compute(scope, period)
        return value

    @abstractmethod
    def _compute(self, scope: Scope, period: Period) -> Decimal: ...


class Previous(Shifted):
    """previous(): over the span of the same length just before."""

    __slots__ = ()

    def _compute(self, scope: Scope, period: Period) -> Decimal:
        return self.parts[0].compute(scope, period.previous())

    def _spell(self, scope: Spelling, period: Period) -> str:
        return self.parts[0].spell(scope, period.previous())


class Growth(Shifted):
    """yoy(): growth in percent over the same span a year before."""

    __slots__ = ()

    def _compute(self, scope: Scope, period: Period) -> Decimal:
        before = self.parts[0].compute(scope, period.years_before(1))
        return (self.parts[0].compute(scope, period) / before - 1) * _HUNDRED

    def _spell(self, scope: Spelling, period: Period) -> str:
        now = self.parts[0].spell(scope, period)
        return f"(({now} / {self.parts[0].spell(scope, period.years_before(1))} - 1) * 100)"
