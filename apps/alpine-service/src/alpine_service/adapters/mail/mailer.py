"""The way by which mails leave, as the operator wants it."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from alpine_service.adapters.mail.folder import FolderMailer
from alpine_service.adapters.mail.message import read_sender
from alpine_service.adapters.mail.smtp import SmtpMailer, read_server
from alpine_service.ports.mail import Mailer
from alpine_service.ports.outside import Clock


def open_mailer(url: str, sender: str, clock: Clock) -> Mailer:
    """By the URL's scheme: a mail server, or `file:` and a folder.

    Raises:
        InvalidSetting: URL or sender cannot be meant.
    """
    whom = read_sender(sender)
    if url.startswith("file:"):
        return FolderMailer(Path(unquote(urlsplit(url).path)), whom, clock)
    return SmtpMailer(read_server(url), whom, clock)
