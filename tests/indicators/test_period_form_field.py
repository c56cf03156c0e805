"""A form says which text is no period, and what one looks like."""

from typing import Any

import pytest
from django import forms
from django.utils.translation import override

from indicators.admin.figure_form import FigureForm
from indicators.domain.periods import Period
from indicators.period_form_field import WrittenPeriodField
from targets.admin.plan_views import CopyPlanForm
from targets.pages.plan_copy import CopyForm

WRONG = {
    "a thirteenth month": "13/2024",
    "a fifth quarter": "quý 5/2024",
    "a day that does not exist": "30/02/2024",
    "a word": "năm ngoái",
    "a year of three digits": "202",
    "an end before its start": "2024-07/2024-01",
}
RIGHT = {"Q3/2024": "2024-Q3", " tháng 7/2024 ": "2024-07", "2024": "2024", "": None}
SENTENCE = {"en": "is no period. Such as 2024, 7/2024", "vi": "không phải là kỳ báo cáo. Ví dụ 2024, 7/2024"}


@pytest.mark.parametrize("language", SENTENCE)
@pytest.mark.parametrize("written", WRONG.values(), ids=WRONG)
def test_a_wrong_period_is_quoted_beside_examples(written: str, language: str) -> None:
    with override(language), pytest.raises(forms.ValidationError) as error:
        WrittenPeriodField(required=False).clean(written)
    assert error.value.messages[0].startswith(f"“{written}” {SENTENCE[language]}")


@pytest.mark.parametrize(("written", "code"), RIGHT.items())
def test_a_period_is_read_as_people_write_it(written: str, code: str | None) -> None:
    assert WrittenPeriodField(required=False).clean(written) == (Period.parse(code) if code else None)


@pytest.mark.parametrize("form", [FigureForm, CopyPlanForm, CopyForm])
def test_each_form_with_a_period_has_the_field(form: Any) -> None:
    assert isinstance(form.base_fields["period"], WrittenPeriodField)
