"""E-mail: what is sent, and what sends it."""

from collections.abc import Mapping
from typing import Protocol

from attrs import Factory, field, frozen


@frozen
class Mail:
    """One message to one person. `id` is the same at every attempt; the text may hold a secret.

    `headers` come beside those that every mail has, as `List-Unsubscribe`; they may hold one too.
    """

    id: str
    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default=Factory(dict), repr=False)


class Mailer(Protocol):
    """Hands mails to whoever delivers them."""

    async def send(self, mail: Mail) -> None:
        """Return once it was taken.

        Raises:
            MailAway: not now; the same mail may be tried again.
            MailRefused: never.
        """
        ...
