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
