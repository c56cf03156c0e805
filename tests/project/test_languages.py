"""Every page of the admin in both languages: nothing on it is in the other."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from unicodedata import normalize

import django
import pytest
import unfold
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, override

from indicators.models import Department, Indicator
from kpitracker.lib import clock
from targets.models import Delivery, Plan, Target
from targets.services.assessment import assess
from targets.services.notifications import links
from targets.services.reports import closings
from tests import factories, hidden_rows
from tests.admin_support import administrator

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]
LANGUAGES = ("vi", "en")
VIETNAMESE_LETTERS = re.compile("[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)
VISIBLE_ATTRIBUTES = ("title", "placeholder", "aria-label", "alt")
# Of `hidden_rows`, before they get a name in each language.
STORED_NAMES = (
    "Tiếng Việt", "Thành phố", "Quận Bắc", "Bán lẻ, việc làm", "Mật zirkon", "Từ zirkon", "Việc làm cần duyệt", "Việc làm",
    "Tết Dương lịch", "Kế hoạch việc làm", "Trật tự", "Bán nhiều hơn",
)  # fmt: skip
# Examples in help texts of fields that take Vietnamese, or names of people: they stand in English texts as they are typed.
EXAMPLES = ("Nguyễn", "Thị Lan", "Kinh tế", "Quốc khánh", "tỷ đồng, %, người", "12/NQ-HĐND")
# Words that both languages write alike, names of languages and of file formats, and codes.
BOTH = {"Tiếng Việt", "English", "Email", "E-mail", "Webhook", "Webhooks", "Chat", "Logo", "kpitracker", "Pepper"}
_IN_FRAMEWORK = re.compile(
    r"""(?:{%\s*trans(?:late)?\s+|\b(?:_|gettext|gettext_lazy|ngettext_lazy|ngettext)\(\s*)("(?:[^"\\]|\\.)+"|'(?:[^'\\]|\\.)+')"""
)
_MESSAGE = re.compile(r'^msgid(?:_plural)? "(.+)"$', re.MULTILINE)
_JOINED = re.compile(r'"\n"')
_ISO_DAY = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
# What names the notation of files.
WITH_ISO_DAYS = ("1234.5",)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|{\w*}")


class VisibleTexts(HTMLParser):
    """The texts of a page that a person reads or hears, without values of boxes."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = dict(attrs).get("class") or ""
        self._hidden += tag in ("script", "style")
        self._icon = "material-symbols-outlined" in classes
        self.texts += [normalize("NFC", value) for name, value in attrs if name in VISIBLE_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")
        self._icon = False

    def handle_data(self, data: str) -> None:
        if (
            not self._hidden
            and not getattr(self, "_icon", False)
            and (text := normalize("NFC", " ".join(data.split())))
        ):
            self.texts.append(text)


@cache
def framework_texts() -> frozenset[str]:
    """The English texts of Django and of the look of the admin."""
    root = Path(django.__file__).parent
    catalogues = [
        root / folder / "locale/en/LC_MESSAGES/django.po"
        for folder in ("conf", "contrib/admin", "contrib/auth", "contrib/humanize")
    ]
    texts = {text for path in catalogues for text in _MESSAGE.findall(_JOINED.sub("", path.read_text()))}
    for path in Path(unfold.__file__).parent.rglob("*"):
        if path.suffix in (".py", ".html"):
            texts |= {match[1][1:-1] for match in _IN_FRAMEWORK.finditer(path.read_text(errors="ignore"))}
    return frozenset(texts)


@cache
def own_texts() -> dict[str, str]:
    """Our texts, as they stand in the source: English → Vietnamese."""
    pairs: dict[str, str] = {}
    for package in ("kpitracker", "indicators", "targets"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("text", "translate"):
                    values = [value.value for value in node.args if isinstance(value, ast.Constant)]
                    words = [value for value in values if isinstance(value, str)]
                    if len(words) == len(values) == 2:
                        pairs[words[0]] = words[1]
    return pairs


@cache
def english_texts() -> tuple[frozenset[str], tuple[str, ...]]:
    """Texts that are English as a whole, and parts of three words or more that are English wherever they stand."""
    texts = set(framework_texts()) | {english for english, vietnamese in own_texts().items() if english != vietnamese}
    whole = {text for text in texts if len(text) > 2 and text not in BOTH and text[0].isupper()}
    parts = {" ".join(part.split()) for text in texts for part in _PLACEHOLDER.split(text)}
    return frozenset(whole), tuple(part for part in parts if part.count(" ") >= 2)


def iso_days(page: str) -> list[str]:
    """The visible texts that write a day as programs do."""
    parser = VisibleTexts()
    parser.feed(page)
    return [text for text in parser.texts if _ISO_DAY.search(text) and not text.startswith(WITH_ISO_DAYS)]


def foreign_texts(page: str, language: str) -> list[str]:
    parser = VisibleTexts()
    parser.feed(page)
    if language == "en":
        return [text for text in parser.texts if VIETNAMESE_LETTERS.search(without_stored_names(text))]
    whole, parts = english_texts()
    page_text = "\n".join(parser.texts)
    parts = tuple(part for part in parts if part in page_text)
    return [
        text
        for text in parser.texts
        if not VIETNAMESE_LETTERS.search(text.replace("“", ""))
        and (text in whole or "Work " in text or any(part in text for part in parts))
    ]


def without_stored_names(text: str) -> str:
    """Without the names that the history holds, without that of the language, and without examples of what is typed."""
    for name in (*STORED_NAMES, *EXAMPLES):
        text = text.replace(name, "")
    return text


def name_everything() -> None:
    """Give all objects a name in each language; in none of them does a word of the other occur."""
    for model in apps.get_models():
        if hasattr(model, "name_en"):
            for row in model._default_manager.all():
                model._default_manager.filter(pk=row.pk).update(name=f"Việc {row.pk}", name_en=f"Work {row.pk}")


def report(foreign: dict[str, list[str]]) -> str:
    """Each foreign text once, with one page that shows it."""
    pages = {text: address for address, texts in foreign.items() for text in texts}
    return "\n".join(f"{text!r} on {address}" for text, address in sorted(pages.items()))


@pytest.fixture
def client() -> Client:
    hidden_rows._catalogue()
    name_everything()
    hidden_rows._targets()
    name_everything()
    for step in (hidden_rows._figures, hidden_rows._unapproved_figures, hidden_rows._messages, hidden_rows._records):
        step()
    while assess.process_series_changes(now=clock.now()):
        pass
    name_everything()
    closings.close_plan(plan=Plan.objects.get(code="plan"), by=factories.BY, now=clock.now(), reason="books")
    Plan.objects.update(public=True)
    factories.shape("city")
    return administrator()


def addresses(*, every: bool = False) -> Iterator[str]:
    """All pages of the admin, with a row for those that need one; `every`: with several rows and all their views."""
    yield from ("/admin/", "/admin/password_change/", reverse("admin:targets_assessment_owed"))
    yield from (reverse("admin:indicators_import_upload"), "/admin/targets/plan/catalogue/")
    yield from (reverse("admin:indicators_area_delete", args=[1]), reverse("admin:indicators_area_history", args=[1]))
    yield reverse("admin:indicators_area_changelist") + "?q=nothing"
    for name in ("plan", "plan-amend", "plan-copy", "plan-year"):
        yield reverse(name, args=["plan"])
    yield from (reverse("work"), reverse("departments"), reverse("start"), f"{reverse('start')}?group=area")
    yield from (
        reverse("plan-report", args=["plan"]),
        reverse("public"),
        f"{reverse('public-board', args=['plan'])}?group=area",
    )
    yield from (reverse("indicator", args=[row.code]) for row in Indicator.objects.all()[: 9 if every else 2])
    for target in Target.objects.filter(plan__code="plan").order_by("pk")[: 9 if every else 2]:
        yield from (reverse(name, args=[target.identifier]) for name in ("target", "target-what-if"))
        yield reverse("public-target", args=["plan", target.identifier])
    yield from (reverse("department", args=[row.code]) for row in Department.objects.all()[: 5 if every else 1])
    target = Target.objects.filter(plan__code="plan").earliest("pk")
    yield f"{reverse('plan-amend', args=['plan'])}?target={target.identifier}"
    yield from (reverse("plans"), reverse("plan-closing", args=["plan", 1]))
    for model, page in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield from (reverse(f"{name}_changelist"), reverse(f"{name}_add"))
        for row in model._default_manager.all()[: 5 if every else 1]:
            views = ("change", "history", "delete") if every else ("change",)
            yield from (reverse(f"{name}_{view}", args=[row.pk]) for view in views)
            for action in getattr(page, "actions_detail", None) or ():
                try:
                    yield reverse(f"{name}_{action}", args=[row.pk])
                except NoReverseMatch:
                    continue


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.long)])
def test_no_page_speaks_the_other_language(client: Client, language: str, every: bool) -> None:
    opened, foreign = 0, {}
    for address in addresses(every=every):
        page = client.get(address, headers={"Accept-Language": language})
        # The labels in the list of the audit are stored, in the language of the service.
        if page.status_code == 200 and not (language == "en" and "/auditentry/" in address):
            opened += 1
            content = page.content.decode()
            if mistakes := foreign_texts(content, language) + iso_days(content):
                foreign[address] = sorted(set(mistakes))
    assert foreign == {}, report(foreign)
    assert opened > (150 if every else 60)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_refused_form_speaks_the_other_language(client: Client, language: str) -> None:
    refused, foreign = 0, {}
    for address in [address for address in addresses() if address.endswith(("/add/", "/change/"))]:
        page = client.post(address, {"_save": "1"}, headers={"Accept-Language": language})
        if page.status_code == 200:
            refused += 1
            content = page.content.decode()
            if mistakes := foreign_texts(content, language) + iso_days(content):
                foreign[address] = sorted(set(mistakes))
    assert foreign == {}, report(foreign)
    assert refused > 15


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_without_login_speaks_the_other_language(language: str) -> None:
    factories.world()
    name_everything()
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    delivery = Delivery.objects.get(webhook=None)
    answer = reverse("answer", args=[links._signer.sign(delivery.pk.hex)])
    for address in ("/admin/login/", "/admin/forgotten/", answer, "/admin/nothing/"):
        for page in (
            Client().get(address, headers={"Accept-Language": language}),
            Client().post(address, {}, headers={"Accept-Language": language}),
        ):
            assert foreign_texts(page.content.decode(), language) + iso_days(page.content.decode()) == [], address


def test_the_lists_of_texts_find_what_they_should() -> None:
    assert foreign_texts("<p>Please correct the errors below.</p>", "vi")
    assert foreign_texts('<a title="Return to site">x</a>', "vi")
    assert foreign_texts("<p>Lưu lại</p>", "en")
    assert iso_days("<p>on 2024-11-05</p>")
    assert not iso_days("<p>on 5 November 2024, 05/11/2024, 2024-11</p>")
    with override("vi"):
        assert foreign_texts(f"<p>{gettext('Save')}</p>", "vi") == []
