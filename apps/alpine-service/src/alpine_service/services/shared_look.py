"""One look for all who ask at the same time, and never one that began before they asked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SharedLook(Generic[T]):
    """While one look is under way, those who come wait together for the next.

    So everybody gets an answer that was looked up after they asked, and however many ask there are
    never more than two looks ahead.
    """

    def __init__(self, look: Callable[[], Awaitable[T]]) -> None:
        self._look = look
        self._now: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def look(self) -> T:
        """What there is to be seen now; raises what the look raises."""
        if self._now is None:
            self._now = asyncio.create_task(self._run(None))
            task = self._now
        elif self._next is None:
            task = self._next = asyncio.create_task(self._run(self._now))
        else:
            task = self._next
        # Whoever stops waiting does not take the answer from the others.
        return await asyncio.shield(task)

    async def _run(self, before: "asyncio.Task[T] | None") -> T:
        if before is not None:
            await asyncio.wait((before,))
        try:
            return await self._look()
        finally:
            self._now, self._next = self._next, None
