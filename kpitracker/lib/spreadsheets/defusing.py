"""Texts that a spreadsheet program would run as formulas."""

import re

# What Excel, LibreOffice and others begin a formula with; also in full width, which some of them take as well.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?", re.ASCII)


def defuse(text: str) -> str:
    """With an apostrophe in front where the cell would become a formula; a negative number stays one."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def restore(text: str) -> str:
    """What was defused, as it was: `restore(defuse(text)) == text`, whatever the text."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
