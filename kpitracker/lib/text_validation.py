"""Validation and normalisation of text input."""

import re
import unicodedata

from kpitracker.lib.errors import TooLarge, ValidationProblem
from kpitracker.lib.i18n.text import text

# Control characters except tab and line ends; lone surrogates, which SQLite stores but no response can encode; changes
# of the writing direction, which show another text than is stored; code points that are no characters.
_FORBIDDEN_CHARACTERS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
# Categories of Unicode without a picture of their own: format characters such as U+200B, line separators, private use.
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cn", "Co", "Zl", "Zp"}
# Letters and signs that are drawn as nothing: fillers of Hangul, the blank of Braille.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_CODE_PATTERN = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
MAX_BYTES = 64 * 1024
# From the Stream-Safe Text Format (Unicode, annex 15): sorting more marks takes quadratic time.
MAX_MARKS = 30


def clean_text(value: str, *, max_length: int | None = None, one_line: bool = False) -> str:
    """Check the text and normalise it to NFC: systems type the same name differently. Raises `ValidationProblem`.

    A text of which nothing can be seen is none: it becomes empty. `one_line`: a name or a label. Blanks around it are removed, and it may hold only what can be seen: two names that
    look the same are the same.
    """
    if detail := find_fault(value):
        raise ValidationProblem("invalid-text", detail)
    if one_line and ("\n" in value or "\r" in value):
        raise ValidationProblem("invalid-text", text("One line is expected.", "Chỉ được một dòng."))
    if len(value) * 4 > MAX_BYTES and len(value.encode()) > MAX_BYTES:
        raise TooLarge("too-large", text("The text is longer than 64 KB.", "Văn bản dài quá 64 KB."))
    if _has_stacked_marks(value):
        raise ValidationProblem("invalid-text", text("Too many marks on one letter.", "Quá nhiều dấu trên một chữ."))
    value = unicodedata.normalize("NFC", value)
    if one_line:
        value = _clean_name(value)
    elif is_blank(value):
        value = ""
    if max_length is not None and len(value) > max_length:
        raise ValidationProblem(
            "invalid-text", text(f"At most {max_length} characters are allowed.", f"Tối đa {max_length} ký tự.")
        )
    return value


def is_blank(value: str) -> bool:
    """Whether nothing of a text can be seen: a reason of U+200B alone is none."""
    if value.isascii():
        return not value.strip()
    return all(
        sign.isspace() or sign in _BLANK_LETTERS or unicodedata.category(sign) in _INVISIBLE_CATEGORIES
        for sign in value
    )


def _clean_name(value: str) -> str:
    """Replace every kind of blank by a space, and refuse characters that cannot be seen."""
    if value.isascii():
        return value.replace("\t", " ").strip()
    value = "".join(" " if sign == "\t" or unicodedata.category(sign) == "Zs" else sign for sign in value).strip()
    for previous, sign in zip(" " + value, value, strict=False):
        category = unicodedata.category(sign)
        if category in _INVISIBLE_CATEGORIES or sign in _BLANK_LETTERS:
            code = f"U+{ord(sign):04X}"
            raise ValidationProblem(
                "invalid-text",
                text(f"The character {code} cannot be seen.", f"Ký tự {code} không hiển thị được."),
            )
        if previous == " " and category.startswith("M"):
            raise ValidationProblem(
                "invalid-text", text("A mark stands without its letter.", "Có dấu đứng riêng, không kèm chữ.")
            )
    return value


def _has_stacked_marks(value: str) -> bool:
    marks = 0
    for character in "" if value.isascii() else value:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MAX_MARKS:
            return True
    return False


def find_fault(value: str) -> str | None:
    """A message about the first forbidden character, None when there is none."""
    match = _FORBIDDEN_CHARACTERS.search(value)
    if match is None:
        return None
    code = f"U+{ord(match[0]):04X}"
    return text(f"The character {code} is not allowed.", f"Không cho phép ký tự {code}.")


def ascii_preview(name: str) -> str:
    """The first 200 characters of an unknown name, escaped to visible ASCII, for a JSON pointer.

    PostgreSQL stores no NUL, so an answer that is kept must not repeat one.
    """
    escaped = name[:200].encode("ascii", "backslashreplace").decode()
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in escaped)[:200]


def visible_preview(value: str, *, max_length: int = 60) -> str:
    """The first characters of a text for a message, with those that cannot be seen as their code: `1200[U+000A]1350`."""
    shown = "".join(sign if sign.isprintable() else f"[U+{ord(sign):04X}]" for sign in value[:max_length])
    return shown + ("…" if len(value) > max_length else "")


def check_code(value: str) -> str:
    """Check a code (docs/domain.md): lower-case words of a-z and 0-9 joined by hyphens, at most 64 characters."""
    if len(value) <= 64 and _CODE_PATTERN.fullmatch(value):
        return value
    raise ValidationProblem(
        "invalid-code",
        text(
            "A code of lower-case letters and digits joined by hyphens is expected, such as retail-sales, at most 64.",
            "Cần mã gồm chữ thường a-z và chữ số, nối bằng dấu gạch ngang, ví dụ retail-sales, tối đa 64 ký tự.",
        ),
    )


def normalize_for_search(*values: str) -> str:
    """Lower case without diacritics, so that search finds Vietnamese names typed without them. đ becomes d."""
    decomposed = unicodedata.normalize("NFD", " ".join(values).lower()).replace("đ", "d")
    return "".join(character for character in decomposed if not unicodedata.combining(character))
