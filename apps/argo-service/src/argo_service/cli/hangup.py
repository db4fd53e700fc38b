"""SIGHUP as a wish to read the settings again, heard from the very beginning."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from argo_service.reloading import Reloader


def hangup_reloads() -> bool:
    """Whether SIGHUP means that: at a terminal it says that the terminal is gone."""
    return signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and not sys.stdin.isatty()


@contextmanager
def hangups() -> Iterator[asyncio.Event]:
    """An event that SIGHUP sets; it is in place before there is anything to reload."""
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    if not hangup_reloads():
        yield heard
        return
    loop.add_signal_handler(signal.SIGHUP, heard.set)
    try:
        yield heard
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


@asynccontextmanager
async def reloading(heard: asyncio.Event, reloader: Reloader) -> AsyncIterator[None]:
    """Reload once for each time `heard` is set, while the block lasts."""
    task = asyncio.create_task(_reload(heard, reloader), name="reload")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _reload(heard: asyncio.Event, reloader: Reloader) -> None:
    while True:
        await heard.wait()
        heard.clear()
        await reloader.reload()
