"""A turnstile that lets everybody pass until told otherwise, and remembers them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import define, field

from argo_core.errors import VendorError
from argo_core.resilience.queue import Urgency


@define
class Passed:
    """One passage: how urgent it was, how long it would have waited, what was heard inside.

    `error` is what ended it; `open` until then.
    """

    urgency: Urgency
    wait_s: float
    heard_of: list[tuple[float, int]] = field(factory=list)
    error: BaseException | None = None
    open: bool = True

    def heard(self, remaining: float, limit: int = 0) -> None:
        self.heard_of.append((remaining, limit))


class FakeTurnstile:
    """Set `closed` to an error, and everybody who comes is turned away with it."""

    def __init__(self) -> None:
        self.closed: VendorError | None = None
        self.passed: list[Passed] = []

    @asynccontextmanager
    async def call(self, urgency: Urgency, wait_s: float) -> AsyncIterator[Passed]:
        if self.closed is not None:
            raise self.closed
        passage = Passed(urgency, wait_s)
        self.passed.append(passage)
        try:
            yield passage
        except BaseException as error:
            passage.error = error
            raise
        finally:
            passage.open = False
