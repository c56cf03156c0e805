"""Text from outside."""

import pytest

from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.text_validation import check_code, clean_text, normalize_for_search

FORBIDDEN = [
    pytest.param("a\x00b", id="NUL"),
    pytest.param("\ud800", id="a lone surrogate"),
    pytest.param("\x1b[31m", id="an escape code"),
    pytest.param("\x85", id="a control character of the second block"),
]


@pytest.mark.parametrize("value", FORBIDDEN)
def test_forbidden_characters(value: str) -> None:
    with pytest.raises(ValidationProblem) as error:
        clean_text(value)
    assert error.value.slug == "invalid-text"


def test_lines_and_tabs_are_text_unless_one_line_is_wanted() -> None:
    assert clean_text("a\n\tb") == "a\n\tb"
    with pytest.raises(ValidationProblem):
        clean_text("a\r\nb", one_line=True)


NAMES = {
    "blanks around it": ("  Sở Y tế \t", "Sở Y tế"),
    "a blank that does not break": ("Sở\u00a0Y tế", "Sở Y tế"),
    "a wide blank": ("Sở\u3000Y tế", "Sở Y tế"),
    "a tab": ("Sở\tY tế", "Sở Y tế"),
    "marks on letters": ("So\u031b\u0309 Y te\u0302\u0301", "Sở Y tế"),
    "only blanks": (" \u00a0 ", ""),
    "signs": ("Tỷ lệ (%) – 95 m² №7 “a” ½ 👍", "Tỷ lệ (%) – 95 m² №7 “a” ½ 👍"),
}
UNSEEN = {
    "a turned direction": "abc\u202ecba",
    "an isolated direction": "abc\u2066cba",
    "a space without width": "Sở\u200bY tế",
    "a joiner": "Sở\u200dY tế",
    "a word joiner": "\u2060Sở Y tế",
    "a byte order mark": "\ufeffSở Y tế",
    "a soft hyphen": "Sở Y\u00ad tế",
    "no character": "Sở Y tế\uffff",
    "no character yet": "Sở Y tế\u0378",
    "a private sign": "Sở Y tế\ue000",
    "a line separator": "Sở\u2028Y tế",
    "a filler of Hangul": "Sở Y tế\u3164",
    "a blank of Braille": "Sở\u2800Y tế",
    "a tag": "Sở Y tế\U000e0041",
    "a lone accent": "\u0301",
    "an accent before its letter": "\u0301e",
    "an accent after a blank": "Sở \u0309Y tế",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_stored_as_it_is_seen(name: str) -> None:
    typed, stored = NAMES[name]
    assert clean_text(typed, one_line=True) == stored


@pytest.mark.parametrize("name", UNSEEN)
def test_a_name_holds_nothing_that_cannot_be_seen(name: str) -> None:
    with pytest.raises(ValidationProblem) as error:
        clean_text(UNSEEN[name], one_line=True)
    assert error.value.slug == "invalid-text"


def test_the_same_name_typed_on_two_systems_is_one_name() -> None:
    assert clean_text("Thống kê") == clean_text("Thống kê")


def test_a_text_over_64_kb_is_too_large() -> None:
    assert len(clean_text("ế" * 21_845)) == 21_845
    with pytest.raises(ValidationProblem) as error:
        clean_text("ế" * 21_846)
    assert error.value.slug == "too-large"


def test_a_letter_bears_thirty_marks_and_a_text_any_number_of_such_letters() -> None:
    assert clean_text(("a" + "\u0323\u0301" * 15) * 200)
    with pytest.raises(ValidationProblem, match="invalid-text"):
        clean_text("a" + "\u0301\u0323" * 16)


@pytest.mark.parametrize("code", ["a", "retail-sales", "x2-3y", "a" * 64])
def test_codes(code: str) -> None:
    assert check_code(code) == code


@pytest.mark.parametrize("code", ["", "A", "2a", "-a", "a-", "a--b", "a_b", "a b", "ă", "a" * 65, "a\n"])
def test_not_codes(code: str) -> None:
    with pytest.raises(ValidationProblem) as error:
        check_code(code)
    assert error.value.slug == "invalid-code"


def test_names_are_found_without_diacritics() -> None:
    assert normalize_for_search("Đầu tư công", "Sở Kế hoạch") == "dau tu cong so ke hoach"
    assert "đường"[0] not in normalize_for_search("đường")
