"""Whether a mail server would take mails from us; none is sent."""

import ssl

import aiosmtplib

from alpine_service.adapters.mail.smtp import SmtpServer
from alpine_service.errors import MailAway, MailRefused

TIMEOUT_S = 10.0


async def greet(
    server: SmtpServer, *, tls: ssl.SSLContext | None = None, timeout_s: float = TIMEOUT_S
) -> None:
    """Connect as for a mail, sign in if there is a user, and leave.

    Raises:
        MailAway: it cannot be reached, or its certificate is not good.
        MailRefused: it does not let us in.
    """
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        timeout=timeout_s,
        use_tls=server.scheme == "smtps",
        start_tls=server.scheme == "smtp+starttls",
        tls_context=tls or ssl.create_default_context(),
        local_hostname="localhost",
    )
    try:
        async with client:
            await client.noop()
    except aiosmtplib.SMTPResponseException as error:
        # Its code only: its words may quote what we sent.
        raise MailRefused(f"{server.host}: the server answered {error.code}") from None
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise MailAway(f"{server.host}: {type(error).__name__}") from None
