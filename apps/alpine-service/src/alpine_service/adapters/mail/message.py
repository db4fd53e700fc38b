"""A mail as it goes over the wire."""

from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr

from attrs import frozen

from alpine_service.errors import InvalidSetting, MailRefused
from alpine_service.ports.mail import Mail

_SETTING = "ALPINE_MAIL_FROM"


@frozen
class Sender:
    """Who mails are from."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def read_sender(text: str) -> Sender:
    """Such as `Alpine <alpine@example.com>`.

    Raises:
        InvalidSetting: it is no sender.
    """
    name, address = parseaddr(text)
    if "@" not in address or any(ord(character) < ord(" ") for character in text):
        raise InvalidSetting(_SETTING, "it is no sender", "give such as Alpine <a@b.example>")
    return Sender(name, address)


def message_of(mail: Mail, sender: Sender, now: datetime) -> EmailMessage:
    """Text, and HTML if there is some. Nothing in a header begins another one.

    Raises:
        MailRefused: the recipient or the subject cannot be written in a header.
    """
    try:
        # Only where the address itself needs it, because not every server takes it (RFC 6531).
        message = EmailMessage(policy=SMTP if mail.to.isascii() else SMTPUTF8)
        message["From"] = Address(sender.name, addr_spec=sender.address)
        name, _, domain = mail.to.rpartition("@")
        message["To"] = Address(username=name, domain=domain)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(now)
        # The same at every attempt, so that a server that got it twice can tell.
        message["Message-ID"] = f"<{mail.id}@{sender.domain}>"
        # Nobody's vacation notice answers a machine (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        for name, value in mail.headers.items():
            message[name] = value
        message.set_content(mail.text)
        if mail.html is not None:
            message.add_alternative(mail.html, subtype="html")
    except (ValueError, MessageError, IndexError) as error:
        # From None, because the error below quotes the address.
        del error
        raise MailRefused(f"mail {mail.id} cannot be written") from None
    return message
