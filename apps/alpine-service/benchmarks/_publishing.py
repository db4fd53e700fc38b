"""A log to be read, written and served by a process of its own."""

import asyncio
from pathlib import Path

from benchmarks._child import Orders

from alpine_service.testing.large_log import serving, write_large_log


async def publish(orders: Orders) -> None:
    """Told a folder and how many signals, answers the log's size and address."""
    folder, signals = await orders.next()
    log = await asyncio.to_thread(write_large_log, Path(folder), signals)
    async with serving(log) as url:
        orders.answer((log.size, url))
        await orders.next()
