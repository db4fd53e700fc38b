"""A part of the benchmark in a process of its own, which is told what to do by a pipe."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from attrs import frozen

Work = Callable[["Orders"], Coroutine[Any, Any, None]]
_GOODBYE_S = 5


@frozen
class Orders:
    """A child's end: what it is told, and what it answers. None is the end."""

    _pipe: Connection

    async def next(self) -> Any:
        """The next order."""
        return await asyncio.to_thread(self._pipe.recv)

    def answer(self, value: object) -> None:
        self._pipe.send(value)


@frozen
class Child:
    """The parent's end."""

    _pipe: Connection

    async def ask(self, order: object) -> Any:
        """Give an order and wait for the answer."""
        self.tell(order)
        return await self.answer()

    def tell(self, order: object) -> None:
        self._pipe.send(order)

    async def answer(self) -> Any:
        return await asyncio.to_thread(self._pipe.recv)


@asynccontextmanager
async def child(work: Work) -> AsyncIterator[Child]:
    """Run `work` in another process for the block; it returns when it is told None."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_run, args=(work, there), daemon=True)
    await asyncio.to_thread(process.start)
    # Only the child has its end now, so that its death is seen.
    there.close()
    try:
        yield Child(here)
    finally:
        # It may have ended before.
        with suppress(OSError):
            here.send(None)
        await asyncio.to_thread(process.join, _GOODBYE_S)
        process.kill()


def _run(work: Work, pipe: Connection) -> None:
    asyncio.run(work(Orders(pipe)))
