"""The parser of formulas, and their inputs (grammar: domain.md section 4)."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from .formula_ast import (
    IndicatorReference,
    MinMax,
    Negation,
    Node,
    NumberLiteral,
    OperatorChain,
    PreviousPeriod,
    YearOnYearGrowth,
)
from .formula_lexer import END, FUNCTIONS, InvalidFormula, Token, tokenize
from .graphs import find_cycle, weighted_depths

__all__ = ["Formula", "InvalidFormula", "computable_codes", "find_cycle", "parse_formula"]

MAX_DEPTH: Final = 32
# Levels that nested formulas may have in total: far more than users write, and a small part of the interpreter's
# stack.
MAX_TOTAL_DEPTH: Final = 200
_LEVELS_PER_FORMULA: Final = 3
_PRECEDENCES: Final = {"+": 1, "-": 1, "*": 2, "/": 2}
_OPERAND_PRECEDENCE: Final = 3


class Formula:
    """A parsed formula. `inputs` are the indicator codes in it, at least one."""

    __slots__ = ("inputs", "root", "text")

    def __init__(self, text: str, root: Node, inputs: Iterable[str]) -> None:
        self.text = text
        self.root = root
        self.inputs = frozenset(inputs)

    def growth_input(self) -> str | None:
        """The code x if the whole formula is yoy(x), else None."""
        if isinstance(self.root, YearOnYearGrowth) and isinstance(self.root.parts[0], IndicatorReference):
            return self.root.parts[0].code
        return None


@lru_cache(maxsize=4096)
def parse_formula(text: str) -> Formula:
    """Parse a formula; raises InvalidFormula with a message that names the position."""
    parser = _FormulaParser(text)
    root = parser.parse()
    if not parser.inputs:
        raise InvalidFormula("a formula names at least one indicator", 0)
    return Formula(text, root, parser.inputs)


def computable_codes(formulas: Mapping[str, Formula]) -> set[str]:
    """Codes whose formulas can be computed: not nested too deeply, with all their inputs, and without a cycle."""
    graph = {code: formula.inputs for code, formula in formulas.items()}
    weights = {code: formula.root.depth + _LEVELS_PER_FORMULA for code, formula in formulas.items()}
    return {code for code, depth in weighted_depths(graph, weights).items() if depth <= MAX_TOTAL_DEPTH}


class _FormulaParser:
    """A Pratt parser: an expression takes operators while they bind tighter than the operator around it."""

    def __init__(self, text: str) -> None:
        self._tokens = tokenize(text)
        self._next = next(self._tokens)
        self._depth = 0
        self.inputs: set[str] = set()

    def parse(self) -> Node:
        root = self._parse_expression(0)
        if self._next.kind != END:
            raise InvalidFormula(f"expected an operator, found {self._next.text!r}", self._next.position)
        return root

    def _parse_expression(self, outer_precedence: int) -> Node:
        node = self._parse_operand()
        while (precedence := _PRECEDENCES.get(self._next.text, 0)) > outer_precedence:
            node = self._parse_chain(node, precedence)
        return node

    def _parse_chain(self, first: Node, precedence: int) -> Node:
        operands, signs = [first], []
        while _PRECEDENCES.get(self._next.text) == precedence:
            signs.append(self._take_token().text)
            operands.append(self._parse_expression(precedence))
        return OperatorChain(operands, signs)

    def _parse_operand(self) -> Node:
        token = self._take_token()
        if token.kind == "number":
            return NumberLiteral(token.text)
        if token.kind == "word":
            return self._parse_call(token) if token.text in FUNCTIONS else self._parse_name(token)
        if token.text == "(":
            return self._parse_nested(token, 0, closing=True)
        if token.text == "-":
            return Negation(self._parse_nested(token, _OPERAND_PRECEDENCE, closing=False))
        actual = f"found {token.text!r}" if token.text else "the formula ends"
        raise InvalidFormula(f"expected a number, a code or a function, {actual}", token.position)

    def _parse_nested(self, opening: Token, outer_precedence: int, *, closing: bool) -> Node:
        if self._depth == MAX_DEPTH:
            raise InvalidFormula(f"nested more than {MAX_DEPTH} deep", opening.position)
        self._depth += 1
        node = self._parse_expression(outer_precedence)
        self._depth -= 1
        if closing:
            self._expect(")")
        return node

    def _parse_name(self, token: Token) -> Node:
        if self._next.text == "(":
            function_names = ", ".join(sorted(FUNCTIONS))
            raise InvalidFormula(f"{token.text!r} is none of {function_names}", token.position)
        self.inputs.add(token.text)
        return IndicatorReference(token.text)

    def _parse_call(self, function: Token) -> Node:
        opening = self._expect("(")
        arguments = [self._parse_nested(opening, 0, closing=False)]
        while self._next.text == ",":
            self._take_token()
            arguments.append(self._parse_nested(opening, 0, closing=False))
        self._expect(")")
        if function.text in ("min", "max"):
            return MinMax(function.text, *arguments)
        if len(arguments) > 1:
            raise InvalidFormula(f"{function.text}() takes one part", function.position)
        return YearOnYearGrowth(*arguments) if function.text == "yoy" else PreviousPeriod(*arguments)

    def _expect(self, sign: str) -> Token:
        token = self._take_token()
        if token.text != sign:
            actual = f"found {token.text!r}" if token.text else "the formula ends"
            raise InvalidFormula(f"expected {sign!r}, {actual}", token.position)
        return token

    def _take_token(self) -> Token:
        token = self._next
        self._next = token if token.kind == END else next(self._tokens)
        return token
