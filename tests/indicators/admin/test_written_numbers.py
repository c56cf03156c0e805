"""Every form reads numbers, days and periods as the language of the page writes them, and shows them that way."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.translation import override

from indicators.models import Area, Import, Indicator, Measurement, User
from indicators.services.batches import imports
from kpitracker.lib import clock
from kpitracker.lib.admin.number_fields import NumberField
from kpitracker.lib.db.uuid7 import uuid7
from targets.models import Target, TargetVersion
from tests import factories
from tests.admin_support import administrator, errors, milestone_boxes, no_rows, submit

pytestmark = pytest.mark.django_db

NUMBER_FIELDS_OF_DJANGO = (forms.DecimalField, forms.IntegerField, forms.FloatField)


def subclasses(cls: type[Any]) -> Iterator[type[Any]]:
    for subclass in cls.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


def fields_of_all_forms() -> Iterator[tuple[str, forms.Field]]:
    """The fields of each form of the admin, of its inlines, and of the pages beside them."""
    factories.world()
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("all")
    for model, page in admin.site._registry.items():
        inlines: list[Any] = page.get_inline_instances(request, model._default_manager.first())
        for form in (page.get_form(request), *(inline.get_formset(request).form for inline in inlines)):
            yield from ((f"{model._meta.label} {name}", field) for name, field in form.base_fields.items())
    for form in subclasses(forms.BaseForm):
        if form.__module__.startswith(("targets.", "indicators.")) and not issubclass(form, forms.ModelForm):
            yield from ((f"{form.__name__} {name}", field) for name, field in form.base_fields.items())


def test_no_form_reads_numbers_with_a_field_of_django() -> None:
    fields = dict(fields_of_all_forms())
    # A slider and a hidden version of a row: no user writes them.
    unwritten = {name for name in fields if name.endswith((" seen_version", "BoardForm publication"))}
    of_django = {name for name, field in fields.items() if isinstance(field, NUMBER_FIELDS_OF_DJANGO)}
    assert of_django - unwritten == set()
    assert sum(isinstance(field, NumberField) for field in fields.values()) > 15


def test_every_form_reads_days_in_the_notation_of_its_language() -> None:
    days = {name: field for name, field in fields_of_all_forms() if isinstance(field, forms.DateField)}
    assert len(days) > 10
    for name, field in days.items():
        for language, written in (
            ("vi", "05/11/2024"),
            ("en", "5 November 2024"),
            ("vi", "2024-11-05"),
            ("en", "2024-11-05"),
        ):
            with override(language):
                assert field.to_python(written) == date(2024, 11, 5), name
        with override("en"), pytest.raises(forms.ValidationError):
            field.to_python("05/11/2024")


@pytest.fixture
def client() -> Client:
    factories.area()
    factories.department()
    factories.indicator(
        "sales", department="statistics", name="Doanh số", name_en="Sales", unit="billion VND", decimals=1
    )
    return administrator()


def post_figure(client: Client, language: str, **values: str) -> Any:
    fields = {"indicator": Indicator.objects.get().pk, "area": Area.objects.get().pk, "period": "2024-01", **values}
    path = reverse("admin:indicators_measurement_add")
    return client.post(path, {"_save": "Save", **fields}, follow=True, headers={"Accept-Language": language})


def shown_value(answer: Any) -> str:
    """The hidden copy of what stood in the box, as the browser sends it back."""
    return str(answer.context["adminform"].form["value"].value())


@pytest.mark.parametrize(
    ("language", "written", "stored"),
    [
        pytest.param("vi", "7,5", "7.5", id="vi, a decimal comma"),
        pytest.param("vi", "1.234,5", "1234.5", id="vi, both signs"),
        pytest.param("vi", "1.234.567", "1234567", id="vi, two points"),
        pytest.param("vi", "140000", "140000", id="vi, digits alone"),
        pytest.param("vi", "-2,5", "-2.5", id="vi, below zero"),
        pytest.param("en", "1,234.5", "1234.5", id="en, both signs"),
        pytest.param("en", "7.5", "7.5", id="en, a decimal point"),
    ],
)
def test_a_figure_is_read_as_the_page_writes_it(client: Client, language: str, written: str, stored: str) -> None:
    post_figure(client, language, value=written)
    assert format(Measurement.objects.get().value or 0, "f") == stored


@pytest.mark.parametrize(
    ("language", "written", "question", "stored"),
    [
        pytest.param("vi", "140.000", "140.000 = 140000?", "140000", id="vi, thousands or decimals"),
        pytest.param("en", "140.000", "140.000 = 140?", "140", id="en, thousands or decimals"),
        pytest.param("vi", "7,25", "7,25 = 7,25?", "7.25", id="vi, more decimals than the indicator"),
        pytest.param("vi", "1,500", "1,500 = 1,5?", "1.5", id="vi, a comma with too many decimals"),
    ],
)
def test_what_is_ambiguous_is_stored_when_it_is_saved_again(
    client: Client, language: str, written: str, question: str, stored: str
) -> None:
    answer = post_figure(client, language, value=written)
    assert errors(answer)["value"][0].startswith(question)
    assert not Measurement.objects.exists()
    post_figure(client, language, value=written, **{"value-shown": shown_value(answer)})
    assert format(Measurement.objects.get().value or 0, "f") == stored


def test_another_ambiguous_number_is_asked_about_again(client: Client) -> None:
    answer = post_figure(client, "vi", value="145.000", **{"value-shown": "140.000"})
    assert errors(answer)["value"][0].startswith("145.000 = 145000?")


def test_the_answer_names_the_figure_and_the_value_that_was_read(client: Client) -> None:
    answer = post_figure(client, "vi", value="1.234,5", period="quý 1/2024")
    assert [str(message) for message in answer.context["messages"]] == [
        "Đã ghi mới: Doanh số, City, quý I/2024: 1.234,5 billion VND"
    ]
    english = post_figure(client, "en", value="1,234.5", period="Q1/2024")
    assert [str(message) for message in english.context["messages"]] == [
        "Unchanged, it was known already: Sales, City, the first quarter of 2024: 1,234.5 billion VND"
    ]


@pytest.mark.parametrize("written", ["10/2024", "tháng 10/2024", "2024-10"])
def test_a_period_is_written_as_people_write_it(client: Client, written: str) -> None:
    post_figure(client, "vi", value="7", period=written)
    assert Measurement.objects.get().period_start == date(2024, 10, 1)


def test_lists_and_filters_write_and_read_as_the_page(client: Client) -> None:
    factories.figure("sales", "2024-10", "508500.5", published="2024-11-05")
    path = reverse("admin:indicators_measurement_changelist")
    page = client.get(path, headers={"Accept-Language": "vi"}).content.decode()
    assert all(shown in page for shown in ("508.500,5", "05/11/2024", "tháng 10/2024"))
    in_may = client.get(path, {"published_from": "11/05/2024", "published_to": "12/05/2024"})
    assert not in_may.context["cl"].result_count
    in_november = client.get(path, {"published_from": "05/11/2024", "published_to": "05/11/2024"})
    assert in_november.context["cl"].result_count == 1


def test_a_whole_number_is_read_as_the_page_writes_it(client: Client) -> None:
    path = reverse("admin:indicators_indicator_change", args=[Indicator.objects.get().pk])
    form = client.get(path).context["adminform"].form
    fields = {name: form[name].value() or "" for name in form.fields if form[name].value() != []}
    for written, expected in (("1.000", {"due_days"}), ("7,5", {"due_days"}), ("12", set())):
        answer = client.post(path, {**fields, "due_days": written, "_save": "1"}, headers={"Accept-Language": "vi"})
        assert set(errors(answer) if answer.status_code == 200 else {}) == expected
    assert Indicator.objects.get().due_days == 12


def terms(target: Target, **values: str) -> dict[str, str]:
    rows = {f"versions-0-{name}": value for name, value in values.items()}
    return {"weight": "1", **no_rows("versions", "actions"), "versions-TOTAL_FORMS": "1", **rows}


def test_the_terms_of_a_target_are_read_and_shown_as_the_page_writes_them(client: Client) -> None:
    factories.plan()
    target = factories.target(lower="140000")
    path = reverse("admin:targets_target_change", args=[target.pk])
    client = Client(headers={"Accept-Language": "vi"})
    client.force_login(User.objects.get(username="admin"))
    page = client.get(path).content.decode()
    assert 'value="140.000"' in page
    boxes = milestone_boxes("30/06/2024|70.000,5|")
    amendment = {"announced": "05/11/2024", "state": "amended", "act": "x", **boxes}
    asked = submit(client, path, terms(target, lower="145.000", **amendment))
    assert "145.000 = 145000?" in asked.content.decode()
    submit(client, path, terms(target, lower="145.000", **{"lower-shown": "145.000"}, **amendment))
    version = TargetVersion.objects.get(number=2)
    assert (str(version.lower), version.announced) == ("145000", date(2024, 11, 5))
    assert version.milestones == [{"date": "2024-06-30", "lower": "70000.5", "upper": None}]
    assert "30/06/2024 70.000,5" in client.get(path).content.decode()


def test_the_words_beside_the_terms_read_numbers_as_the_page(client: Client) -> None:
    query = {"indicator": str(Indicator.objects.get().pk), "goal": "at_least", "lower": "140.000"}
    lines = client.get(reverse("admin:targets_target_words"), query, headers={"Accept-Language": "vi"}).json()["lines"]
    assert "140.000 billion VND" in lines[0]


@pytest.mark.parametrize(("language", "preselected"), [("vi", "vi"), ("en", "")])
def test_the_import_of_a_file_begins_with_the_notation_of_the_page(
    client: Client, language: str, preselected: str
) -> None:
    page = client.get(reverse("admin:indicators_import_upload"), headers={"Accept-Language": language})
    assert page.context["form"]["locale"].value() == preselected


def test_a_large_workbook_says_that_its_values_are_not_shown(client: Client, settings: Any, tmp_path: Any) -> None:
    settings.UPLOADS_DIR = settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    file = SimpleUploadedFile("f.json", b'[{"indicator": "sales", "period": "2024-02", "value": "7.5"}]')
    fields = {"file": file, "locale": "", "mode": "all", "end": "end"}
    page = client.post(reverse("admin:indicators_import_upload"), fields, follow=True)
    assert len(page.context["values"].rows) == 1
    Import.objects.update(size=5 * 1024 * 1024 + 1)
    page = client.get(page.redirect_chain[-1][0])
    assert page.context["values"].rows == []
    assert "The values of an XLSX or JSON file over 5 MB are not shown." in page.content.decode()


COUNTS = {"created": 12345, "revised": 23456, "unchanged": 34567, "rejected": 45678, "warnings": 56789}


@pytest.mark.parametrize(("language", "sign"), [("vi", "."), ("en", ",")])
def test_whole_numbers_are_grouped_in_lists_and_reports(
    client: Client, settings: Any, tmp_path: Any, language: str, sign: str
) -> None:
    settings.UPLOADS_DIR, now = str(tmp_path), clock.now()
    batch = imports.queue_import(pk=uuid7(), file_format="csv", by=factories.BY, now=now, size=1, file_name="f.csv")
    Import.objects.update(state="done", rows_done=116046, rows=116046, **COUNTS)
    headers = {"Accept-Language": language}
    for page in ("changelist", "change"):
        path = reverse(f"admin:indicators_import_{page}", args=[batch.pk] if page == "change" else [])
        content = client.get(path, headers=headers).content.decode()
        for number in (116046, *COUNTS.values()):
            assert not re.search(rf">[^<]*{number}", content), (page, number)
            assert f"{number:,}".replace(",", sign) in content, (page, number)


def test_every_column_of_whole_numbers_is_grouped(client: Client) -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.get(username="admin")
    for model, page in admin.site._registry.items():
        for column in page.get_list_display(request):
            field = isinstance(column, str) and hasattr(model, column) and getattr(model, column)
            assert not isinstance(getattr(field, "field", None), models.IntegerField), (model, column)


def test_a_dry_run_shows_the_values_it_read(client: Client, settings: Any, tmp_path: Any) -> None:
    settings.UPLOADS_DIR = settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    factories.figure("sales", "2024-02", "150046")
    file = SimpleUploadedFile("f.csv", b'indicator;period;value\nsales;2024-02;"140.000"\nsales;2024-03;"7,5"\n')
    fields = {"file": file, "locale": "vi", "mode": "all", "end": "end"}
    page = client.post(
        reverse("admin:indicators_import_upload"), fields, follow=True, headers={"Accept-Language": "vi"}
    )
    assert [row.cells for row in page.context["values"].rows] == [
        ["1", "Doanh số", "City", "tháng 2/2024", "150.046 → 140.000 billion VND"],
        ["2", "Doanh số", "City", "tháng 3/2024", "chưa có → 7,5 billion VND"],
    ]
    assert "140.000 billion VND" in page.content.decode()
    assert Import.objects.get().dry_run
