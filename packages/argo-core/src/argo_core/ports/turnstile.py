"""Where calls to a vendor pass."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from argo_core.resilience.queue import Urgency


class Passage(Protocol):
    """One call to a vendor, from its admission to its end."""

    def heard(self, remaining: float, limit: int = 0) -> None:
        """The vendor's headers say how many calls remain of its limit of that number."""
        ...


class Turnstile(Protocol):
    """Where every single call to one vendor passes: its limits first, then its breaker."""

    def call(self, urgency: Urgency, wait_s: float) -> AbstractAsyncContextManager[Passage]:
        """Make one call inside; what the block raises, or that it does not, is what became of it.

        Entering waits for the vendor's limits, `wait_s` monotonic seconds at most.

        Raises:
            VendorUnavailable: the breaker is open, the queue is full, or the turn would come too
                late; nothing was sent, so `calls` is 0.
        """
        ...
