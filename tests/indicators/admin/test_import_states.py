"""A preview says that it is one, and that nothing is stored: in the list of imports and on its page, in both languages."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from indicators.models import Import
from tests.admin_support import administrator

pytestmark = pytest.mark.django_db
STATES = {
    ("queued", True): ("preview: waiting", "xem trước: đang chờ"),
    ("checking", True): ("preview: being checked", "xem trước: đang kiểm tra"),
    ("done", True): ("preview, nothing stored", "xem trước, chưa ghi gì"),
    ("rejected", True): ("preview with wrong rows, nothing stored", "xem trước, có dòng sai, chưa ghi gì"),
    ("failed", True): ("preview: cannot be read", "xem trước: không đọc được"),
    ("done", False): ("done", "xong"),
    ("rejected", False): ("rejected, nothing stored", "bị từ chối, không ghi gì"),
    ("undone", False): ("undone", "đã hoàn tác"),
}
TONES = {
    ("queued", True): "info",
    ("checking", True): "info",
    ("done", True): "info",
    ("rejected", True): "danger",
    ("failed", True): "danger",
    ("done", False): "success",
    ("rejected", False): "danger",
    ("undone", False): "warning",
}
IDS = [f"{'a preview' if dry_run else 'an import'} that is {state}" for state, dry_run in STATES]


@pytest.fixture
def client() -> Client:
    return administrator()


@pytest.mark.parametrize("language", [0, 1], ids=["in English", "in Vietnamese"])
@pytest.mark.parametrize(("kind", "texts"), STATES.items(), ids=IDS)
def test_the_state_is_said(client: Client, kind: tuple[str, bool], texts: tuple[str, str], language: int) -> None:
    state, dry_run = kind
    counts = {"rows": 0} if state == "done" else {}
    undo = {"withdrawn": 0, "not_undone": 0} if state == "undone" else None
    row = Import.objects.create(
        created_at=timezone.now(), posted_by="x", format="csv", state=state, dry_run=dry_run, undo=undo, **counts
    )
    headers = {"Accept-Language": ("en", "vi")[language]}
    listed = client.get(reverse("admin:indicators_import_changelist"), headers=headers).content.decode()
    shown = client.get(reverse("admin:indicators_import_change", args=[row.pk]), headers=headers).content.decode()
    pattern = f">{texts[language]}<"
    for page in (listed, shown):
        assert pattern in page.replace(">\n", ">").replace("\n", "").replace("  ", "")
        assert f'tone-{TONES[kind]}">{texts[language]}<' in page
