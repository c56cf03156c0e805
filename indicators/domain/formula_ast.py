"""The syntax tree of formulas, and how each node is computed over a span (domain.md section 4).

Every node computes a Decimal or raises ArithmeticError. A missing input, a division by zero, a number that is too
large and a span before the first year of the calendar all give no value.
"""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final, Protocol

from .missing_values import MissingSlug, MissingValue
from .periods import Period
from .rounding import round_for_comparison, to_plain_string

# Nested yoy() doubles the text at each level. A node with a longer text is shown as its value.
_MAX_READABLE_LENGTH: Final = 600
_HUNDRED: Final = Decimal(100)
_OPERATORS: Final[dict[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


class MissingValueError(ArithmeticError):
    """There is no value over the span."""

    def __init__(self, reason: MissingValue) -> None:
        super().__init__(reason.slug)
        self.reason = reason


class EvaluationScope(Protocol):
    """Gives a formula its inputs; `values` caches the values of nodes by span."""

    values: dict[tuple["Node", Period], Decimal]

    def value_of(self, code: str, period: Period) -> Decimal:
        """Value of an indicator over a span; raises ArithmeticError when there is none."""

    def require_comparable(self, codes: Iterable[str], earlier: Period, later: Period) -> None:
        """Raise MissingValueError when the series changed between two spans, so that they cannot be compared."""


class TextScope(EvaluationScope, Protocol):
    """A scope that also gives the inputs as text; `texts` caches the texts of nodes by span."""

    texts: dict[tuple["Node", Period], str]

    def operand_text(self, code: str, period: Period) -> str:
        """The arithmetic of an input as the text of one operand; raises ArithmeticError when it has no value."""


class Node(ABC):
    """A part of a formula. `depth` counts the levels down to its deepest part; a leaf has 1. `codes`: its indicators."""

    __slots__ = ("codes", "depth", "parts")

    def __init__(self, *parts: "Node", codes: Iterable[str] = ()) -> None:
        self.parts = parts
        self.codes: frozenset[str] = frozenset(codes).union(*(part.codes for part in parts))
        self.depth: int = 1 + max((part.depth for part in parts), default=0)

    @abstractmethod
    def compute(self, scope: EvaluationScope, period: Period) -> Decimal:
        """Value over a span; raises ArithmeticError when there is none."""

    def to_text(self, scope: TextScope, period: Period) -> str:
        """The arithmetic with numbers filled in, as the text of one operand; raises ArithmeticError."""
        text = scope.texts.get((self, period))
        if text is None:
            text = self._to_text(scope, period)
            if len(text) > _MAX_READABLE_LENGTH:
                text = to_plain_string(round_for_comparison(self.compute(scope, period)))
            scope.texts[self, period] = text
        return text

    @abstractmethod
    def _to_text(self, scope: TextScope, period: Period) -> str: ...


class NumberLiteral(Node):
    __slots__ = ("value",)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.value = Decimal(text)

    def compute(self, scope: EvaluationScope, period: Period) -> Decimal:
        return self.value

    def _to_text(self, scope: TextScope, period: Period) -> str:
        return to_plain_string(self.value)


class IndicatorReference(Node):
    __slots__ = ("code",)

    def __init__(self, code: str) -> None:
        super().__init__(codes=[code])
        self.code = code

    def compute(self, scope: EvaluationScope, period: Period) -> Decimal:
        return scope.value_of(self.code, period)

    def _to_text(self, scope: TextScope, period: Period) -> str:
        return scope.operand_text(self.code, period)


class OperatorChain(Node):
    """Operands joined by operators of one precedence, from left to right. It is one level deep however long it is."""

    __slots__ = ("_operands", "signs")

    def __init__(self, operands: Sequence[Node], signs: Sequence[str]) -> None:
        super().__init__(*operands)
        self.signs = tuple(signs)
        self._operands = tuple((_OPERATORS[sign], operand) for sign, operand in zip(signs, operands[1:], strict=True))

    def compute(self, scope: EvaluationScope, period: Period) -> Decimal:
        value = self.parts[0].compute(scope, period)
        for combine, part in self._operands:
            value = combine(value, part.compute(scope, period))
        return value

    def _to_text(self, scope: TextScope, period: Period) -> str:
        text = self.parts[0].to_text(scope, period)
        for sign, part in zip(self.signs, self.parts[1:], strict=True):
            text += f" {sign} {part.to_text(scope, period)}"
        return f"({text})"


class Negation(Node):
    __slots__ = ()

    def compute(self, scope: EvaluationScope, period: Period) -> Decimal:
        return -self.parts[0].compute(scope, period)

    def _to_text(self, scope: TextScope, period: Period) -> str:
        return f"(-{self.parts[0].to_text(scope, period)})"


class MinMax(Node):
    """min() or max()."""

    __slots__ = ("_choose", "name")

    def __init__(self, name: str, *parts: Node) -> None:
        super().__init__(*parts)
        self.name = name
        self._choose: Callable[[list[Decimal]], Decimal] = min if name == "min" else max

    def compute(self, scope: EvaluationScope, period: Period) -> Decimal:
        return self._choose([part.compute(scope, period) for part in self.parts])

    def _to_text(self, scope: TextScope, period: Period) -> str:
        return f"{self.name}({', '.join(part.to_text(scope, period) for part in self.parts)})"


class TimeShift(Node, ABC):
    """A node computed over another span. Values are cached because nested shifts reach the same spans."""

    __slots__ = ()

    def compute(self, scope: EvaluationScope, period: Period) -> Decimal:
        value = scope.values.get((self, period))
        if value is None:
            value = scope.values[self, period] = self._compute(scope, period)
        return value

    @abstractmethod
    def _compute(self, scope: EvaluationScope, period: Period) -> Decimal: ...


class PreviousPeriod(TimeShift):
    """previous(): the value over the span of the same length just before."""

    __slots__ = ()

    def _compute(self, scope: EvaluationScope, period: Period) -> Decimal:
        earlier = period.previous()
        scope.require_comparable(self.codes, earlier, period)
        return self.parts[0].compute(scope, earlier)

    def _to_text(self, scope: TextScope, period: Period) -> str:
        return self.parts[0].to_text(scope, period.previous())


class YearOnYearGrowth(TimeShift):
    """yoy(): growth in percent against the same span a year before; none over a base that is not above 0."""

    __slots__ = ()

    def _compute(self, scope: EvaluationScope, period: Period) -> Decimal:
        earlier = period.years_before(1)
        scope.require_comparable(self.codes, earlier, period)
        base = self._compute_base(scope, earlier)
        if base <= 0:
            # A loss that grows would be growth.
            raise MissingValueError(MissingValue(MissingSlug.BASE_NOT_ABOVE_ZERO, period=earlier))
        return (self.parts[0].compute(scope, period) / base - 1) * _HUNDRED

    def _compute_base(self, scope: EvaluationScope, earlier: Period) -> Decimal:
        try:
            return self.parts[0].compute(scope, earlier)
        except MissingValueError as error:
            if error.reason.slug == MissingSlug.INPUT_MISSING:
                error.reason = error.reason._replace(slug=MissingSlug.BASE_MISSING)
            raise

    def _to_text(self, scope: TextScope, period: Period) -> str:
        current = self.parts[0].to_text(scope, period)
        return f"(({current} / {self.parts[0].to_text(scope, period.years_before(1))} - 1) * 100)"
