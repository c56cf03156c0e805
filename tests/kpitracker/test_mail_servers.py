"""A real mail through a real server, with each form of EMAIL_URL that docs/settings.md gives."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest

from kpitracker.variables import MAIL_PORTS
from tests.settings_starts import Outcome, SettingsStart, outcomes_of
from tests.smtp_servers import CERTIFICATE, Mailbox

# The server warns of logins without TLS, which is what two rows are about.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

SEND = """
from django.core.mail import send_mail
try:
    send_mail("Kiểm tra: đạt", "Tăng 7,5 %.", None, ["leaders@example.gov"])
except Exception as error:
    print(type(error).__name__)
"""
SCHEMES = tuple(MAIL_PORTS)
LOGINS = [("user", "password"), ("stats@example.gov", "p@ss:w/o#r?d%")]


@contextmanager
def server(scheme: str, login: tuple[str, str] | None) -> Iterator[Mailbox]:
    mailbox = Mailbox(scheme, login)
    mailbox.up()
    try:
        yield mailbox
    finally:
        mailbox.down()


def send(url: str, **variables: str) -> Outcome:
    trusted = {"SSL_CERT_FILE": str(CERTIFICATE)}
    variables = trusted | {"EMAIL_URL": url, "DEFAULT_FROM_EMAIL": "KPI <kpi@example.gov>"} | variables
    (outcome,) = outcomes_of([SettingsStart(variables, SEND)])
    return outcome


def address(mailbox: Mailbox, login: tuple[str, str] | None) -> str:
    user = f"{quote(login[0], safe='')}:{quote(login[1], safe='')}@" if login else ""
    return f"{mailbox.scheme}://{user}localhost:{mailbox.port}"


@pytest.mark.parametrize("login", [None, *LOGINS], ids=["without a login", "a login", "a login with signs"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_mail_arrives(scheme: str, login: tuple[str, str] | None) -> None:
    with server(scheme, login) as mailbox:
        outcome = send(address(mailbox, login))

    assert (outcome.status, outcome.output, outcome.errors) == (0, "", "")
    (message,) = mailbox.taken
    assert (message["Subject"], message["From"]) == ("Kiểm tra: đạt", "KPI <kpi@example.gov>")
    assert mailbox.recipients == [["leaders@example.gov"]]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_wrong_password_is_an_error_and_no_mail(scheme: str) -> None:
    with server(scheme, LOGINS[0]) as mailbox:
        outcome = send(address(mailbox, ("user", "guess")))

    assert outcome.output == "SMTPAuthenticationError\n"
    assert mailbox.taken == []


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtp+ssl"])
def test_a_server_with_a_certificate_of_no_authority_gets_neither_password_nor_mail(scheme: str) -> None:
    with server(scheme, LOGINS[0]) as mailbox:
        outcome = send(address(mailbox, LOGINS[0]), SSL_CERT_FILE="/dev/null")

    assert outcome.output == "SSLCertVerificationError\n"
    assert mailbox.taken == []


@pytest.mark.parametrize("variables", [{}, {"EMAIL_URL": "file:"}], ids=["no address", "file:"])
def test_without_a_server_mail_is_a_file_in_the_data_folder(variables: dict[str, str]) -> None:
    look = (
        "; import pathlib; print(*[path.read_text() for path in pathlib.Path(settings.DATA_DIR, 'emails').iterdir()])"
    )

    (outcome,) = outcomes_of([SettingsStart(variables, SEND + "\n" + look.removeprefix("; "))])

    assert outcome.status == 0, outcome
    assert "To: leaders@example.gov" in outcome.output
