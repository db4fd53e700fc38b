"""A turnstile that always turns, for tools that make a few calls and for tests of other things."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from argo_core.resilience.queue import Urgency


class OpenPassage:
    """A passage nobody keeps count of."""

    def heard(self, remaining: float, limit: int = 0) -> None:
        """It does not matter."""


class OpenTurnstile:
    """The port `Turnstile` without limits and without a breaker."""

    @asynccontextmanager
    async def call(self, urgency: Urgency, wait_s: float) -> AsyncIterator[OpenPassage]:
        """Pass at once."""
        yield OpenPassage()
