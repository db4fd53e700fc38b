"""The mails that wait, as the one who sends them sees them."""

from datetime import datetime, timedelta
from typing import Protocol

from attrs import frozen

from alpine_service.ports.mail import Mail


@frozen
class Waiting:
    """A mail that is ours for a while. `tries` counts this one."""

    mail: Mail
    tries: int
    queued_at: datetime


class MailQueue(Protocol):
    """Lends mails; one that nobody speaks of again is lent anew when the time is over."""

    async def claim(self, count: int, now: datetime, lease: timedelta) -> list[Waiting]:
        """Up to so many that are due, the longest due first; nobody else gets them meanwhile."""
        ...

    async def done(self, waiting: Waiting) -> None:
        """It was sent or given up, and is forgotten."""
        ...

    async def later(self, waiting: Waiting, at: datetime) -> None:
        """Try again then."""
        ...

    async def next_at(self) -> datetime | None:
        """When the next is due, or None if none waits."""
        ...
