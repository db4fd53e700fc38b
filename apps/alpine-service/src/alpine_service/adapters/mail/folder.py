"""Mails laid down as files instead of sent, for a demo and for tests.

They hold links that open accounts, so only we may read them.
"""

import asyncio
import os
import re
from pathlib import Path

from alpine_service.adapters.mail.message import Sender, message_of
from alpine_service.errors import MailAway, MailRefused
from alpine_service.ports.mail import Mail
from alpine_service.ports.outside import Clock

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class FolderMailer:
    """Keeps the port `Mailer`; a file `<time>-<id>.eml` for each mail, whole or not there."""

    def __init__(self, folder: Path, sender: Sender, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    async def send(self, mail: Mail) -> None:
        if not _NAME.fullmatch(mail.id):
            raise MailRefused("the mail's id is no name of a file")
        now = self._clock.now()
        data = message_of(mail, self._sender, now).as_bytes()
        path = self._folder / f"{now:%Y%m%dT%H%M%S}-{mail.id}.eml"
        try:
            await asyncio.to_thread(_write, path, data)
        except OSError as error:
            raise MailAway(f"{self._folder}: {error.strerror}") from error


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    half.replace(path)
