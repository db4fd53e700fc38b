"""Mails by SMTP."""

import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib
from attrs import field, frozen

from alpine_service.adapters.mail.message import Sender, message_of
from alpine_service.errors import InvalidSetting, MailAway, MailRefused
from alpine_service.ports.mail import Mail
from alpine_service.ports.outside import Clock

_SETTING = "ALPINE_MAIL_URL"
_FIX = "give such as smtp+starttls://user:password@mail.example.com:587"
_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
# A reply that begins with 5 will be the same again (RFC 5321, 4.2.1).
_FOR_GOOD = 500
# Of those, what is wrong with us and not with the mail: the operator mends it, and it goes.
_OURS = frozenset({500, 501, 502, 503, 504, 530, 534, 535, 538})


@frozen
class SmtpServer:
    """Where mails are handed in. `smtp` is without TLS, for a relay on the same machine."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def read_server(url: str) -> SmtpServer:
    """From the setting; the text is not repeated in errors, because there is a password in it.

    Raises:
        InvalidSetting: it is no such URL.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidSetting(_SETTING, "it is not a URL", _FIX) from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise InvalidSetting(_SETTING, "it names no mail server", _FIX)
    return SmtpServer(
        parts.scheme,
        parts.hostname,
        port or _PORTS[parts.scheme],
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
    )


class SmtpMailer:
    """Keeps the port `Mailer`; a connection for each mail, because there are few.

    `before` is the server with the password that it had before, while that is being changed: the
    one is tried where the other was turned down.
    """

    def __init__(
        self,
        server: SmtpServer,
        sender: Sender,
        clock: Clock,
        *,
        before: SmtpServer | None = None,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = 20.0,
    ) -> None:
        # The likeliest first.
        self._servers: Sequence[SmtpServer] = [server]
        if before is not None and before != server:
            self._servers = [server, before]
        self._sender = sender
        self._clock = clock
        # Certificates are verified: who is in the middle would read every reset.
        self._tls = tls or ssl.create_default_context()
        self._timeout_s = timeout_s

    async def send(self, mail: Mail) -> None:
        message = message_of(mail, self._sender, self._clock.now())
        # Each once, although a refusal changes their order.
        tried = self._servers
        for server in tried:
            try:
                await self._hand_over(mail, message, server)
            except aiosmtplib.SMTPAuthenticationError as error:
                self._servers = [*(each for each in self._servers if each != server), server]
                if server == tried[-1]:
                    raise _answered(mail, error.code) from None
            else:
                return

    async def _hand_over(self, mail: Mail, message: EmailMessage, server: SmtpServer) -> None:
        """What the server says of our signing in goes on as it is."""
        try:
            await aiosmtplib.send(
                message,
                sender=self._sender.address,
                recipients=[mail.to],
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                timeout=self._timeout_s,
                use_tls=server.scheme == "smtps",
                start_tls=server.scheme == "smtp+starttls",
                tls_context=self._tls,
                # Our host's name is nobody's business, and asking for it may ask the network.
                local_hostname="localhost",
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            code = max(each.code for each in error.recipients)
            raise _answered(mail, code) from None
        except aiosmtplib.SMTPAuthenticationError:
            raise
        except aiosmtplib.SMTPResponseException as error:
            raise _answered(mail, error.code) from None
        except aiosmtplib.SMTPNotSupported:
            raise MailRefused(f"mail {mail.id}: the server lacks what it takes") from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # Of the error its kind only: its words may quote the address, or what the server said.
            raise MailAway(f"{server.host}: {type(error).__name__}") from None


def _answered(mail: Mail, code: int) -> MailAway | MailRefused:
    if code >= _FOR_GOOD and code not in _OURS:
        return MailRefused(f"mail {mail.id}: the server answered {code}")
    return MailAway(f"the mail server answered {code}")
