"""Formulas read and worked out at once, by recursive descent: no tree is kept."""

import re
from collections.abc import Callable
from fractions import Fraction

from tests.targets.recompute.spans import Span, just_before, years_before

Value = Fraction | None
Look = Callable[[str, Span], Value]
Torn = Callable[[set[str], Span, Span], bool]
_WORDS = re.compile(r"\s*(\d+(?:\.\d+)?|[a-z][a-z0-9]*(?:-[a-z0-9]+)*|[-+*/(),|])")


def words(text: str) -> list[str]:
    results, place = [], 0
    while place < len(text.rstrip()):
        match = _WORDS.match(text, place)
        assert match, text[place:]
        results.append(match[1])
        place = match.end()
    return results


def growth_of(text: str) -> str | None:
    """x of a formula that is yoy(x) as a whole, in whatever parentheses."""
    parts = words(text)
    while parts[0] == "(" and parts[-1] == ")":
        parts = parts[1:-1]
    if parts[:2] == ["yoy", "("] and parts[-1] == ")":
        inner = parts[2:-1]
        while len(inner) > 2 and inner[0] == "(" and inner[-1] == ")":
            inner = inner[1:-1]
        return inner[0] if len(inner) == 1 and inner[0][0].isalpha() else None
    return None


def whole_everywhere(names: set[str], earlier: Span, later: Span) -> bool:
    return False


def work_out(text: str, span: Span, look: Look, torn: Torn = whole_everywhere) -> Value:
    """The value over a span; None where an input is missing or something is divided by zero."""
    reader = _Reader(words(text), look, torn)
    value = reader.sum(span)
    assert reader.place == len(reader.words), text
    return value


class _Reader:
    def __init__(self, parts: list[str], look: Look, torn: Torn) -> None:
        self.words, self.place, self.look, self.torn = parts, 0, look, torn

    def next_is(self, *signs: str) -> bool:
        return self.place < len(self.words) and self.words[self.place] in signs

    def take(self) -> str:
        self.place += 1
        return self.words[self.place - 1]

    def sum(self, span: Span) -> Value:
        value = self.product(span)
        while self.next_is("+", "-"):
            sign, other = self.take(), self.product(span)
            if value is not None:
                value = None if other is None else value + other if sign == "+" else value - other
        return value

    def product(self, span: Span) -> Value:
        value = self.one(span)
        while self.next_is("*", "/"):
            sign, other = self.take(), self.one(span)
            if value is None or other is None or (sign == "/" and other == 0):
                value = None
            else:
                value = value * other if sign == "*" else value / other
        return value

    def one(self, span: Span) -> Value:
        word = self.take()
        if word == "-":
            value = self.one(span)
            return None if value is None else -value
        if word in ("(", "|"):
            value = self.sum(span)
            self.take()
            return abs(value) if word == "|" and value is not None else value
        if word[0].isdigit():
            return Fraction(word)
        return self.call(word, span) if self.next_is("(") else self.look(word, span)

    def call(self, name: str, span: Span) -> Value:
        opening = self.place
        if name in ("yoy", "previous"):
            earlier = years_before(span, 1) if name == "yoy" else just_before(span)
            before = self.parts(earlier)[0]
            if self.torn({word for word in self.words[opening : self.place] if word[0].isalpha()}, earlier, span):
                before = None
            if name == "previous":
                return before
            self.place = opening
            now = self.parts(span)[0]
            return None if now is None or before is None or before <= 0 else (now / before - 1) * 100
        result = self.parts(span)
        existing = [value for value in result if value is not None]
        if len(existing) < len(result):
            return None
        return min(existing) if name == "min" else max(existing)

    def parts(self, span: Span) -> list[Value]:
        self.take()
        results = [self.sum(span)]
        while self.next_is(","):
            self.take()
            results.append(self.sum(span))
        self.take()
        return results
