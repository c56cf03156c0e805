"""The parser of formulas, and their inputs (grammar: domain.md section 4)."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from .graphs import find_cycle, heights
from .nodes import Chain, Extreme, Growth, Name, Negation, Node, Number, Previous
from .tokens import END, FUNCTIONS, InvalidFormula, Token, tokens

__all__ = ["Formula", "InvalidFormula", "find_cycle", "parse", "within_depth"]

DEEPEST: Final = 32
# Levels that nested formulas may have in total: far more than users write, and a small part of the interpreter's
# stack.
DEEPEST_TOGETHER: Final = 200
_LEVELS_BETWEEN: Final = 3
_RANKS: Final = {"+": 1, "-": 1, "*": 2, "/": 2}
_OPERAND: Final = 3


class Formula:
    """A parsed formula. `inputs` are the indicator codes in it, at least one."""

    __slots__ = ("inputs", "root", "text")

    def __init__(self, text: str, root: Node, inputs: Iterable[str]) -> None:
        self.text = text
        self.root = root
        self.inputs = frozenset(inputs)

    def growth_of(self) -> str | None:
        """The code x if the whole formula is yoy(x), else None."""
        if isinstance(self.root, Growth) and isinstance(self.root.parts[0], Name):
            return self.root.parts[0].code
        return None


@lru_cache(maxsize=4096)
def parse(text: str) -> Formula:
    """Parse a formula; raises InvalidFormula with a message that names the position."""
    reader = _Reader(text)
    root = reader.whole()
    if not reader.inputs:
        raise InvalidFormula("a formula names at least one indicator", 0)
    return Formula(text, root, reader.inputs)


def within_depth(formulas: Mapping[str, Formula]) -> set[str]:
    """Codes whose formulas can be computed: not nested too deeply, with all their inputs, and without a cycle."""
    graph = {code: formula.inputs for code, formula in formulas.items()}
    weights = {code: formula.root.depth + _LEVELS_BETWEEN for code, formula in formulas.items()}
    return {code for code, height in heights(graph, weights).items() if height <= DEEPEST_TOGETHER}


class _Reader:
    """A Pratt parser: an expression takes operators while they bind tighter than the operator around it."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._next = next(self._tokens)
        self._depth = 0
        self.inputs: set[str] = set()

    def whole(self) -> Node:
        root = self._expression(0)
        if self._next.kind != END:
            raise InvalidFormula(f"expected an operator, found {self._next.text!r}", self._next.position)
        return root

    def _expression(self, above: int) -> Node:
        node = self._operand()
        while (rank := _RANKS.get(self._next.text, 0)) > above:
            node = self._chain(node, rank)
        return node

    def _chain(self, first: Node, rank: int) -> Node:
        operands, signs = [first], []
        while _RANKS.get(self._next.text) == rank:
            signs.append(self._take().text)
            operands.append(self._expression(rank))
        return Chain(operands, signs)

    def _operand(self) -> Node:
        token = self._take()
        if token.kind == "number":
            return Number(token.text)
        if token.kind == "word":
            return self._call(token) if token.text in FUNCTIONS else self._name(token)
        if token.text == "(":
            return self._nested(token, 0, closing=True)
        if token.text == "-":
            return Negation(self._nested(token, _OPERAND, closing=False))
        found = f"found {token.text!r}" if token.text else "the formula ends"
        raise InvalidFormula(f"expected a number, a code or a function, {found}", token.position)

    def _nested(self, opening: Token, above: int, *, closing: bool) -> Node:
        if self._depth == DEEPEST:
            raise InvalidFormula(f"nested more than {DEEPEST} deep", opening.position)
        self._depth += 1
        node = self._expression(above)
        self._depth -= 1
        if closing:
            self._expect(")")
        return node

    def _name(self, token: Token) -> Node:
        if self._next.text == "(":
            known = ", ".join(sorted(FUNCTIONS))
            raise InvalidFormula(f"{token.text!r} is none of {known}", token.position)
        self.inputs.add(token.text)
        return Name(token.text)

    def _call(self, function: Token) -> Node:
        opening = self._expect("(")
        parts = [self._nested(opening, 0, closing=False)]
        while self._next.text == ",":
            self._take()
            parts.append(self._nested(opening, 0, closing=False))
        self._expect(")")
        if function.text in ("min", "max"):
            return Extreme(function.text, *parts)
        if len(parts) > 1:
            raise InvalidFormula(f"{function.text}() takes one part", function.position)
        return Growth(*parts) if function.text == "yoy" else Previous(*parts)

    def _expect(self, sign: str) -> Token:
        token = self._take()
        if token.text != sign:
            found = f"found {token.text!r}" if token.text else "the formula ends"
            raise InvalidFormula(f"expected {sign!r}, {found}", token.position)
        return token

    def _take(self) -> Token:
        token = self._next
        self._next = token if token.kind == END else next(self._tokens)
        return token
