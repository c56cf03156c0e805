"""The Vietnamese catalogue for the texts of django-unfold."""

from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils.translation import gettext, override

from tests.admin_support import administrator

[FOLDER] = settings.LOCALE_PATHS
CATALOGUE = Path(FOLDER) / "vi/LC_MESSAGES/django.po"


def test_the_compiled_catalogue_is_current() -> None:
    """Otherwise: `make messages`."""
    source, compiled = polib.pofile(str(CATALOGUE)), polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    assert {entry.msgid: entry.msgstr for entry in compiled} == {entry.msgid: entry.msgstr for entry in source}
    assert not source.untranslated_entries()
    assert not source.fuzzy_entries()


def test_our_texts_come_before_the_ones_of_django() -> None:
    with override("vi"):
        assert gettext("Apply Filters") == "Áp dụng bộ lọc"
        assert gettext("Cancel") == "Hủy"
    with override("en"):
        assert gettext("Apply Filters") == "Apply Filters"


@pytest.mark.django_db
def test_a_page_of_the_admin_is_in_vietnamese() -> None:
    page = administrator().get("/admin/indicators/area/", headers={"Accept-Language": "vi"}).content.decode()
    assert "Chưa có gì ở đây. Hãy thêm mới." in page
    assert "Tìm mục…" in page
    english = {entry.msgid for entry in polib.pofile(str(CATALOGUE)) if len(entry.msgid) > 14}
    assert {text for text in english if f">{text}<" in page} == set()
