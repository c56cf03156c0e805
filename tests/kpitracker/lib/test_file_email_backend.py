"""Messages as files: whole, readable, one for each Message-ID."""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from kpitracker.lib.file_email_backend import EmailBackend, file_name


@pytest.fixture
def folder(tmp_path: Path, settings: object) -> Path:
    settings.EMAIL_FILE_PATH = tmp_path / "emails"  # type: ignore[attr-defined]
    return tmp_path / "emails"


@pytest.fixture
def backend(folder: Path) -> BaseEmailBackend:
    return EmailBackend()


def message(
    message_id: str = "<alert-1@kpi.example>", subject: str = "Cảnh báo", body: str = "Không đạt"
) -> mail.EmailMessage:
    headers = {"Message-ID": message_id}
    return mail.EmailMessage(subject, body, "kpi@kpi.example", ["Nguyễn Văn A <a@b.example>"], headers=headers)


def read(path: Path) -> EmailMessage:
    parsed = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_a_message_reads_back_as_it_was_written(backend: BaseEmailBackend, folder: Path) -> None:
    subject, body = "Xuất khẩu quý IV: " + "nguy cơ không đạt " * 10, "Kính gửi\n.\nFrom A\n" + "đ" * 2000

    assert backend.send_messages([message(subject=subject.strip(), body=body)]) == 1

    found = read(folder / "alert-1@kpi.example.eml")
    assert found["Subject"] == subject.strip()
    assert found["To"] == "Nguyễn Văn A <a@b.example>"
    assert found.get_content().splitlines() == body.splitlines()


def test_a_message_sent_twice_under_one_id_stays_one_file(backend: BaseEmailBackend, folder: Path) -> None:
    backend.send_messages([message(), message()])
    backend.send_messages([message(body="again")])

    assert [path.name for path in folder.iterdir()] == ["alert-1@kpi.example.eml"]
    assert read(folder / "alert-1@kpi.example.eml").get_content().strip() == "again"


def test_messages_without_an_id_of_their_own_are_files_of_their_own(backend: BaseEmailBackend, folder: Path) -> None:
    plain = [mail.EmailMessage("one", "", "a@b.example", ["c@d.example"]) for _ in range(2)]

    backend.send_messages(plain)

    assert len(list(folder.glob("*.eml"))) == 2


def test_nothing_but_whole_messages_lies_in_the_folder(backend: BaseEmailBackend, folder: Path) -> None:
    backend.send_messages([message(f"<{number}@kpi>") for number in range(3)])

    assert {path.suffix for path in folder.iterdir()} == {".eml"}


@pytest.mark.parametrize(
    "message_id",
    ["<../../etc/passwd>", "</etc/passwd>", "<.>", "<..>", "<a\x00b@c>", "<" + "x" * 500 + "@y>", "<.hidden@x>"],
)
def test_no_id_leads_out_of_the_folder_or_hides(message_id: str) -> None:
    name = file_name(message_id)

    assert Path(name).name == name
    assert len(name) <= 255
    assert not name.startswith(".")
    assert name.endswith(".eml")


def test_ids_that_differ_give_names_that_differ() -> None:
    ids = ["<a/b@c>", "<a_b@c>", "<a%2Fb@c>", "<a:b@c>", "<" + "x" * 300 + "1>", "<" + "x" * 300 + "2>"]

    assert len({file_name(message_id) for message_id in ids}) == len(ids)
