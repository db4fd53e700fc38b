"""A log read once, entry after entry, for what it says about its sources."""

import asyncio
from collections.abc import Sequence

from argo_core.errors import InvalidInput, LogUnusable
from argo_core.signals.skill.judged_log import JudgedLog, Track
from argo_service.parts import Entries, read_entries

WINDOW = 1_000
"""So many entries are asked for at a time, which is as many as a log gives."""


class Reading:
    """What a log's first entries say; `go_on` reads what is new since, and nothing twice."""

    def __init__(self, log: Entries) -> None:
        self._log = log
        self._judged = JudgedLog()
        # One reads on at a time, and nobody looks while an entry is taken.
        self._turn = asyncio.Lock()
        self._going_on = asyncio.Lock()

    @property
    def size(self) -> int:
        """How many entries were read."""
        return self._judged.size

    @property
    def strategies(self) -> tuple[str, ...]:
        """All strategies, the one that registered last at the end."""
        return self._judged.strategies

    async def go_on(self, size: int) -> None:
        """Read until `size` entries were read; entries are looked into beside the event loop.

        Raises:
            LogError: the log cannot be read, or what is in it is no entry.
        """
        async with self._going_on:
            while self._judged.size < size:
                start = self._judged.size
                found = await read_entries(self._log, start, min(size, start + WINDOW))
                async with self._turn:
                    await asyncio.to_thread(self._take, start, found)

    async def track(self, strategy: str) -> Track:
        """What is known of that strategy by now.

        Raises:
            InvalidInput: there is none of that name.
        """
        async with self._turn:
            return self._judged.track(strategy)

    def _take(self, start: int, entries: Sequence[bytes]) -> None:
        for index, data in enumerate(entries, start):
            try:
                self._judged.take(index, data)
            except InvalidInput as error:
                raise LogUnusable(f"entry {index} is damaged: {error}") from error
