"""Mail that goes to files can be read in any editor, and is recorded as a file."""

import email
from email import policy
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from hypothesis import given
from hypothesis import strategies as st

from kpitracker.lib.outbound import mail_files
from tests.mailbox import read_mailbox

# Long names that mail programs fold; signs that need escapes in other encodings.
SUBJECTS = [
    "kpitracker: Chậm tiến độ: Tỷ lệ lao động qua đào tạo có bằng cấp, chứng chỉ của Thành phố Hồ Chí Minh năm 2024",
    "Sở Kế hoạch và Đầu tư: " + "Tỷ lệ giải ngân vốn đầu tư công " * 10,
    "plain",
]
BODIES = [
    "Chỉ tiêu: ít nhất 140.000 việc làm\nThực hiện: 138.200\n",
    "one line " + "Tăng trưởng " * 300,
    "=3D and =\n.\nFrom here\n\n",
    "https://127.0.0.1:8000/answer/" + "a" * 200,
]


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = mail_files.BACKEND, tmp_path / "emails"
    return tmp_path / "emails"


@pytest.mark.parametrize("html", [False, True], ids=["a text", "a text and a page"])
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_file_has_subject_and_text_as_they_are(folder: Path, subject: str, body: str, html: bool) -> None:
    message = EmailMultiAlternatives(subject, body, "KPI thành phố <kpi@example.gov>", ["Đỗ Lan <lan@example.gov>"])
    if html:
        message.attach_alternative(f"<p>{body}</p>", "text/html")
    assert message.send() == 1
    (file,) = folder.iterdir()
    written = file.read_text(encoding="utf-8")
    assert f"Subject: {subject.strip()}\n" in written
    assert "From: KPI thành phố <kpi@example.gov>\n" in written
    assert "To: Đỗ Lan <lan@example.gov>\n" in written
    assert all(line in written for line in body.splitlines())
    parsed = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert parsed["Subject"] == subject.strip()
    text_part = parsed.get_body(("plain",))
    assert text_part is not None
    assert text_part.get_content().strip("\n") == body.strip("\n")


@given(st.text("aăâđêếộ 0,;:()<>@'\\=_-%¡ࠀ𐀀", min_size=1, max_size=300).map(lambda text: " ".join(text.split())))
def test_any_subject_comes_back_as_it_was(subject: str) -> None:
    message = EmailMultiAlternatives(subject, "x", "a@example.gov", ["b@example.gov"])
    assert f"Subject: {subject}\n" in mail_files.readable_bytes(message).decode()


def test_each_message_is_a_file_and_nothing_half_is_left(folder: Path) -> None:
    for number in range(3):
        send_mail(f"n{number}", "x", None, ["b@example.gov"])
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 3
    assert all(name.endswith(".eml") and not name.startswith(".") for name in names)
    assert sorted(str(message["Subject"]) for message in read_mailbox(folder)) == ["n0", "n1", "n2"]


def test_a_file_is_recorded_as_a_file_and_not_as_accepted(settings: Any) -> None:
    assert mail_files.mail_response() == "written to a file"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert mail_files.mail_response() == "accepted"
