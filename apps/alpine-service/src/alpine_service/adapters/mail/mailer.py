"""The way by which mails leave, as the operator wants it."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from attrs import define

from alpine_service.adapters.mail.folder import FolderMailer
from alpine_service.adapters.mail.message import read_sender
from alpine_service.adapters.mail.smtp import SmtpMailer, read_server
from alpine_service.ports.mail import Mail, Mailer
from alpine_service.ports.outside import Clock


@define
class Exchangeable:
    """Keeps the port `Mailer` by another one, which may be exchanged between two mails."""

    inner: Mailer

    async def send(self, mail: Mail) -> None:
        await self.inner.send(mail)


def open_mailer(url: str, sender: str, clock: Clock, before: str | None = None) -> Mailer:
    """By the URL's scheme: a mail server, or `file:` and a folder.

    `before` is the server's URL as it was, while its password is being changed.

    Raises:
        InvalidSetting: a URL or the sender cannot be meant.
    """
    whom = read_sender(sender)
    if url.startswith("file:"):
        return FolderMailer(Path(unquote(urlsplit(url).path)), whom, clock)
    old = None if before is None else read_server(before)
    return SmtpMailer(read_server(url), whom, clock, before=old)
