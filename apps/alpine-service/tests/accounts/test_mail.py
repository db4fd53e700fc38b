"""Mails leave: by a real mail server on the loopback address, or into a folder."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
import pytest_asyncio
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from attrs import define, evolve, field
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.adapters.mail.folder import FolderMailer
from alpine_service.adapters.mail.mailer import open_mailer
from alpine_service.adapters.mail.message import message_of, read_sender
from alpine_service.adapters.mail.smtp import SmtpMailer, read_server
from alpine_service.errors import InvalidSetting, MailAway, MailRefused
from alpine_service.ports.mail import Mail
from alpine_service.testing.fake_clock import BEGINNING, FakeClock

SENDER = read_sender("Alpine <alpine@alpine.example>")
MAIL = Mail(
    "mai_1",
    "ada@people.example",
    "Confirm your address",
    "The link\nhttps://alpine.example/verify#token\n",
    "<p>The link</p>",
    {"List-Unsubscribe": "<https://alpine.example/stop>"},
)


@define
class PostOffice:
    """A mail server that keeps what it gets, and answers as it is told."""

    port: int = 0
    taken: list[tuple[str, list[str], bytes]] = field(factory=list)
    to_recipient: str = "250 OK"
    to_data: str = "250 OK"
    takes_utf8: bool = True
    refused: int = 0
    """How often somebody's password was wrong."""

    def judge(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: object
    ) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and data.password == b"s@cret"
        self.refused += not is_right
        return AuthResult(success=is_right, handled=False)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names it
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(  # noqa: N802 - aiosmtpd names it
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        if self.to_data.startswith("250"):
            self.taken.append((str(envelope.mail_from), envelope.rcpt_tos, envelope.content))
        return self.to_data

    def message(self) -> EmailMessage:
        ((_, _, content),) = self.taken
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message


@pytest_asyncio.fixture
async def office() -> AsyncIterator[PostOffice]:
    async for each in _open(PostOffice()):
        yield each


async def _open(
    office: PostOffice, tls: ssl.SSLContext | None = None, *, starttls: bool = False
) -> AsyncIterator[PostOffice]:
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            office,
            hostname="localhost",
            enable_SMTPUTF8=office.takes_utf8,
            tls_context=tls if starttls else None,
            require_starttls=starttls,
            authenticator=office.judge if starttls else None,
            loop=loop,
        )

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=None if starttls else tls)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        await server.wait_closed()


def _mailer(office: PostOffice, scheme: str = "smtp", **more: ssl.SSLContext) -> SmtpMailer:
    server = read_server(f"{scheme}://alpine:s%40cret@127.0.0.1:{office.port}")
    if scheme != "smtp+starttls":
        server = evolve(server, user=None, password=None)
    return SmtpMailer(server, SENDER, FakeClock(), timeout_s=5.0, **more)


async def test_a_mail_arrives_whole(office: PostOffice) -> None:
    await _mailer(office).send(MAIL)
    ((sender, recipients, _),) = office.taken
    assert (sender, recipients) == ("alpine@alpine.example", ["ada@people.example"])
    message = office.message()
    assert message["From"] == "Alpine <alpine@alpine.example>"
    assert message["To"] == "ada@people.example"
    assert message["Subject"] == MAIL.subject
    assert message["Message-ID"] == "<mai_1@alpine.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == "<https://alpine.example/stop>"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == MAIL.text.splitlines()
    assert html.get_content().strip() == MAIL.html


async def test_an_address_with_letters_of_the_world_arrives(office: PostOffice) -> None:
    await _mailer(office).send(evolve(MAIL, to="ünser@bücher.example", subject="Grüße"))
    ((_, recipients, _),) = office.taken
    assert recipients == ["ünser@bücher.example"]
    assert office.message()["Subject"] == "Grüße"


async def test_a_server_that_cannot_write_the_address_is_not_asked_again() -> None:
    async for office in _open(PostOffice(takes_utf8=False)):
        with pytest.raises(MailRefused, match="lacks"):
            await _mailer(office).send(evolve(MAIL, to="ünser@bücher.example"))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("550 no such user", MailRefused),
        ("553 bad name", MailRefused),
        ("450 greylisted", MailAway),
        ("421 closing", MailAway),
        ("530 sign in first", MailAway),
    ],
)
async def test_a_servers_answer_says_whether_to_try_again(
    office: PostOffice, answer: str, kind: type[Exception]
) -> None:
    office.to_recipient = answer
    with pytest.raises(kind) as caught:
        await _mailer(office).send(MAIL)
    assert "ada@" not in str(caught.value)
    office.to_recipient, office.to_data = "250 OK", answer
    with pytest.raises(kind):
        await _mailer(office).send(MAIL)
    assert not office.taken


async def test_a_server_that_is_not_there_is_away(unused_tcp_port: int) -> None:
    with pytest.raises(MailAway, match="127"):
        await _mailer(PostOffice(unused_tcp_port)).send(MAIL)


async def test_a_server_that_says_nothing_is_away() -> None:
    gone = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with server:
        url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(MailAway):
            await SmtpMailer(read_server(url), SENDER, FakeClock(), timeout_s=0.1).send(MAIL)
        async with asyncio.timeout(5):
            await gone.wait()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the loopback address, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=365 * 100))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "mail.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def _server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_tls_is_used_and_verified(certificate: Path, scheme: str) -> None:
    office = PostOffice()
    starttls = scheme == "smtp+starttls"
    async for _ in _open(office, _server_tls(certificate), starttls=starttls):
        # Nobody vouches for it, so nothing is said to it.
        with pytest.raises(MailAway):
            await _mailer(office, scheme).send(MAIL)
        assert not office.taken
        known = ssl.create_default_context(cafile=str(certificate))
        await _mailer(office, scheme, tls=known).send(MAIL)
        assert len(office.taken) == 1


async def test_while_a_password_is_changed_either_works(certificate: Path) -> None:
    office, tls = PostOffice(), ssl.create_default_context(cafile=str(certificate))
    async for _ in _open(office, _server_tls(certificate), starttls=True):
        right = read_server(f"smtp+starttls://alpine:s%40cret@127.0.0.1:{office.port}")
        wrong, worse = evolve(right, password="new"), evolve(right, password="newer")
        early = SmtpMailer(wrong, SENDER, FakeClock(), before=right, tls=tls, timeout_s=5.0)
        await early.send(MAIL)
        # The one that was right is tried first now, so the server is not annoyed at each mail.
        refused = office.refused
        await early.send(MAIL)
        assert (len(office.taken), office.refused) == (2, refused)
        late = SmtpMailer(right, SENDER, FakeClock(), before=wrong, tls=tls, timeout_s=5.0)
        await late.send(MAIL)
        neither = SmtpMailer(wrong, SENDER, FakeClock(), before=worse, tls=tls, timeout_s=5.0)
        with pytest.raises(MailAway, match="535"):
            await neither.send(MAIL)
    assert len(office.taken) == 3


async def test_starttls_is_not_done_without(office: PostOffice) -> None:
    """Whoever stands between cannot talk us out of TLS."""
    with pytest.raises(MailAway):
        await _mailer(office, "smtp+starttls").send(MAIL)
    assert not office.taken


@pytest.mark.parametrize(
    "url", ["smtp://", "http://mail.example", "smtp://[::1", "smtp://u:p@mail.example:99999"]
)
def test_what_is_no_mail_server_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        read_server(url)
    assert url not in str(caught.value)


def test_a_server_keeps_its_password_to_itself() -> None:
    server = read_server("smtps://alpine:s%40cret@mail.example")
    assert (server.port, server.user, server.password) == (465, "alpine", "s@cret")
    assert "s@cret" not in repr(server)


@pytest.mark.parametrize("text", ["", "Alpine", "Alpine <>", "a@b\r\nBcc: c@d"])
def test_what_is_no_sender_is_refused(text: str) -> None:
    with pytest.raises(InvalidSetting):
        read_sender(text)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_nothing_in_a_header_begins_another(to: str, subject: str, more: str) -> None:
    injected = "x\r\nBcc: eve@people.example\r\n"
    for mail in (
        Mail("mai_1", to, subject, "text", None, {"X-More": more}),
        Mail("mai_1", to + injected, subject, "text"),
        Mail("mai_1", "ada@people.example", subject + injected, "text"),
        Mail("mai_1", "ada@people.example", "s", "text", None, {"X-More": more + injected}),
        Mail("mai_1", "ada@people.example", "s", "text", None, {"From": "eve@people.example"}),
    ):
        try:
            message = message_of(mail, SENDER, BEGINNING)
        except MailRefused:
            continue
        parsed = message_from_bytes(message.as_bytes(policy=policy.SMTPUTF8))
        assert parsed["Bcc"] is None
        assert len(parsed.get_all("From", [])) == 1


async def test_a_folder_gets_whole_files_that_only_we_may_read(tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    mailer = FolderMailer(folder, SENDER, FakeClock())
    await mailer.send(MAIL)
    await mailer.send(MAIL)
    (file,) = folder.iterdir()
    assert file.name == "20260302T120000-mai_1.eml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert message["To"] == "ada@people.example"


async def test_a_folder_takes_addresses_of_the_world(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path, SENDER, FakeClock())
    await mailer.send(evolve(MAIL, to="ünser@bücher.example"))
    data = (tmp_path / "20260302T120000-mai_1.eml").read_bytes()
    assert "To: ünser@bücher.example\r\n".encode() in data


async def test_a_folder_refuses_ids_that_lead_out_of_it(tmp_path: Path) -> None:
    with pytest.raises(MailRefused):
        await FolderMailer(tmp_path, SENDER, FakeClock()).send(evolve(MAIL, id="../mai_1"))


async def test_a_folder_that_cannot_be_written_is_away(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MailAway):
        await FolderMailer(tmp_path / "file", SENDER, FakeClock()).send(MAIL)


def test_the_setting_says_how_mails_leave() -> None:
    assert isinstance(open_mailer("file:/var/mails", "a@b.example", FakeClock()), FolderMailer)
    assert isinstance(open_mailer("smtp://mail.example", "a@b.example", FakeClock()), SmtpMailer)
