"""Protection against formula injection: texts that a spreadsheet program would run as formulas."""

import re

# The first characters of a formula in Excel, LibreOffice and others, also in full width, which some accept.
_FORMULA_START = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_NEGATIVE_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?", re.ASCII)


def escape_formula(text: str) -> str:
    """Add an apostrophe if the cell would become a formula; negative numbers stay unchanged."""
    return f"'{text}" if _FORMULA_START.match(text) and not _NEGATIVE_NUMBER.fullmatch(text) else text


def unescape_formula(text: str) -> str:
    """The reverse: `unescape_formula(escape_formula(text)) == text` for every text."""
    return text[1:] if text.startswith("'") and _FORMULA_START.match(text) else text
