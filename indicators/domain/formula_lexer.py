"""The lexer of formulas."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

MAX_FORMULA_LENGTH: Final = 1000
FUNCTIONS: Final = frozenset({"min", "max", "yoy", "previous"})
END: Final = "end"

_TOKEN_PATTERN = re.compile(
    r"(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<word>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)"
    r"|(?P<sign>[-+*/(),])"
    r"|(?P<space>[ \t\r\n]+)"
)
# Longer than any figure (18 digits before and 6 after the point), and still exact within 50 digits.
_MAX_NUMBER_LENGTH = 40


class InvalidFormula(ValueError):
    """A text is not a formula. `position` counts characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} (at character {position + 1})")
        self.position = position


class Token(NamedTuple):
    """`kind` is number, word, sign or end; `position` counts characters from 0."""

    kind: str
    text: str
    position: int


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of a formula, then one of kind `end`; raises InvalidFormula.

    The longest match wins, so that `a-b` is one code and `a - b` is a difference.
    """
    if len(text) > MAX_FORMULA_LENGTH:
        raise InvalidFormula(f"a formula has at most {MAX_FORMULA_LENGTH} characters", MAX_FORMULA_LENGTH)
    position = 0
    while position < len(text):
        match = _TOKEN_PATTERN.match(text, position)
        if match is None:
            raise InvalidFormula(f"unexpected {text[position]!r}", position)
        kind = match.lastgroup or ""
        if kind == "number" and len(match[0]) > _MAX_NUMBER_LENGTH:
            raise InvalidFormula(f"a number has at most {_MAX_NUMBER_LENGTH} characters", position)
        if kind != "space":
            yield Token(kind, match[0], position)
        position = match.end()
    yield Token(END, "", position)
