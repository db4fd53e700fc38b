"""What the daily mail needs from outside."""

from datetime import date, datetime, tzinfo
from typing import Protocol

from attrs import field, frozen

from alpine_service.domain.delivery.digest import DigestContent, DigestWish
from alpine_service.ports.mail import Mail


class Zones(Protocol):
    """The world's time zones."""

    async def zone(self, name: str) -> tzinfo | None:
        """That of a name such as `Europe/Zurich`, or None if there is none."""
        ...


@frozen
class DueDigest:
    """Somebody whose mail is due. `told` is the last event that the mail before looked at."""

    user_id: str
    address: str = field(repr=False)
    hour: int
    zone: str
    told: int
    due_at: datetime


@frozen
class DigestStep:
    """What is written down with a mail: up to which event it tells, and when the next is due."""

    day: date
    told: int
    next_at: datetime


class DigestStore(Protocol):
    """Wishes, and mails that were made; each method is one transaction."""

    async def wish(self, user_id: str) -> DigestWish | None: ...

    async def keep(
        self, user_id: str, wish: DigestWish, next_at: datetime | None, now: datetime
    ) -> None:
        """Who had none before is told what happens from now on."""
        ...

    async def due(self, now: datetime, limit: int) -> list[DueDigest]:
        """Those of accounts that are open and whose address is shown to be theirs."""
        ...

    async def last_event(self) -> int: ...

    async def content(self, told: int, to: int, *, is_realtime: bool) -> DigestContent:
        """What happened behind `told`, up to `to`, as that kind of plan may see it."""
        ...

    async def step(
        self, due: DueDigest, step: DigestStep, mail: Mail | None, token: bytes, now: datetime
    ) -> bool:
        """Go on to the next day, with that mail; False if another was faster.

        A user gets no second mail for one day; what it would have told waits for the next.
        """
        ...

    async def unsubscribe(self, token: bytes, now: datetime) -> bool:
        """No more mails to whoever got the one with that token; False if nobody did."""
        ...
