"""Answers that a repeated request gets again, kept for a while."""

from datetime import datetime
from typing import Protocol

from attrs import field, frozen


@frozen
class Asker:
    """Whose request it is, to which method and path, under which Idempotency-Key."""

    owner: str
    route: str
    key: str


@frozen
class Earlier:
    """An earlier request under the same key; `answer` is sealed, and None while there is none."""

    request_sha256: bytes
    answer: bytes | None = field(repr=False)


class AnswerStore(Protocol):
    """Each method is one transaction. All may raise DatabaseAway and DatabaseRefused."""

    async def begin(
        self, asker: Asker, request_sha256: bytes, now: datetime, until: datetime
    ) -> Earlier | None:
        """Take the key until then, unless somebody has it: then what they asked.

        Of any number at the same time exactly one takes it.
        """
        ...

    async def finish(self, asker: Asker, answer: bytes, until: datetime) -> None:
        """Keep the sealed answer until then."""
        ...

    async def forget(self, asker: Asker) -> None:
        """Give the key back."""
        ...

    async def sweep(self, now: datetime) -> int:
        """Delete what has ended; how many."""
        ...
