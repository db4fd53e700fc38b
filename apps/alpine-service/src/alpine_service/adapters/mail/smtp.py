"""Mails by SMTP."""

import ssl
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
    """Keeps the port `Mailer`; a connection for each mail, because there are few."""

    def __init__(
        self,
        server: SmtpServer,
        sender: Sender,
        clock: Clock,
        *,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = 20.0,
    ) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock
        # Certificates are verified: who is in the middle would read every reset.
        self._tls = tls or ssl.create_default_context()
        self._timeout_s = timeout_s

    async def send(self, mail: Mail) -> None:
        message = message_of(mail, self._sender, self._clock.now())
        server = self._server
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
