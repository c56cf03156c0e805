"""Protection against formula injection: texts that a spreadsheet program would run as formulas."""

import re

# The first characters of a formula in Excel, LibreOffice and others, also in full width, which some accept.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?", re.ASCII)


def defuse(text: str) -> str:
    """Add an apostrophe if the cell would become a formula; negative numbers stay unchanged."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def restore(text: str) -> str:
    """The reverse: `unescape_formula(escape_formula(text)) == text` for every text."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
