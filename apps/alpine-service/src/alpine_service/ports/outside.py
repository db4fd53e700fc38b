"""Time, chance and secrets: what the world gives and nothing in here may take by itself."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """One time base for reading and for sleeping."""

    def now(self) -> datetime:
        """The wall's time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, from no particular beginning."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds have passed; at once, but not without yielding, for 0."""
        ...


class Chance(Protocol):
    """Bytes that nobody can guess."""

    def draw(self, count: int) -> bytes: ...


class Vault(Protocol):
    """Keeps small secrets that must be had back, such as those of second factors and webhooks."""

    def seal(self, secret: bytes, purpose: str) -> bytes:
        """Bytes that tell nothing; the same secret gives others each time."""
        ...

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        """The secret.

        Raises:
            DatabaseRefused: altered, sealed for another purpose, or with a key that is gone.
        """
        ...


class Signer(Protocol):
    """A key that signs; the witness's."""

    @property
    def key(self) -> str:
        """The verifier key, one line, as readers pin it."""
        ...

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature of 64 bytes over the message."""
        ...
