"""The syntax tree of formulas, and how each node is computed over a span (domain.md section 4).

Every node computes a Decimal or raises ArithmeticError. A missing input, a division by zero, a number that is too
large and a span before the first year of the calendar all give no value.
"""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, Protocol

from .periods import Period
from .rounding import compared, plain

# Nested yoy() doubles the text at each level. A node with a longer text is shown as its value.
_READABLE: Final = 600
_HUNDRED: Final = Decimal(100)
_SIGNS: Final[dict[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


class NoValue(ArithmeticError):
    """An input has no value over the span."""


class Scope(Protocol):
    """Gives a formula its inputs; `values` caches the values of nodes by span."""

    values: dict[tuple["Node", Period], Decimal]

    def known(self, code: str, period: Period) -> Decimal:
        """Value of an indicator over a span; raises ArithmeticError when there is none."""


class Spelling(Scope, Protocol):
    """A scope that also gives the inputs as text; `texts` caches the texts of nodes by span."""

    texts: dict[tuple["Node", Period], str]

    def spelled(self, code: str, period: Period) -> str:
        """The arithmetic of an input as the text of one operand; raises ArithmeticError when it has no value."""


class Node(ABC):
    """A part of a formula. `depth` counts the levels down to its deepest part; a leaf has 1."""

    __slots__ = ("depth", "parts")

    def __init__(self, *parts: "Node") -> None:
        self.parts = parts
        self.depth: int = 1 + max((part.depth for part in parts), default=0)

    @abstractmethod
    def compute(self, scope: Scope, period: Period) -> Decimal:
        """Value over a span; raises ArithmeticError when there is none."""

    def spell(self, scope: Spelling, period: Period) -> str:
        """The arithmetic with numbers filled in, as the text of one operand; raises ArithmeticError."""
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
    """Operands joined by operators of one precedence, from left to right. It is one level deep however long it is."""

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
    """A node computed over another span. Values are cached because nested shifts reach the same spans."""

    __slots__ = ()

    def compute(self, scope: Scope, period: Period) -> Decimal:
        value = scope.values.get((self, period))
        if value is None:
            value = scope.values[self, period] = self._compute(scope, period)
        return value

    @abstractmethod
    def _compute(self, scope: Scope, period: Period) -> Decimal: ...


class Previous(Shifted):
    """previous(): the value over the span of the same length just before."""

    __slots__ = ()

    def _compute(self, scope: Scope, period: Period) -> Decimal:
        return self.parts[0].compute(scope, period.previous())

    def _spell(self, scope: Spelling, period: Period) -> str:
        return self.parts[0].spell(scope, period.previous())


class Growth(Shifted):
    """yoy(): growth in percent against the same span a year before."""

    __slots__ = ()

    def _compute(self, scope: Scope, period: Period) -> Decimal:
        before = self.parts[0].compute(scope, period.years_before(1))
        return (self.parts[0].compute(scope, period) / before - 1) * _HUNDRED

    def _spell(self, scope: Spelling, period: Period) -> str:
        now = self.parts[0].spell(scope, period)
        return f"(({now} / {self.parts[0].spell(scope, period.years_before(1))} - 1) * 100)"
