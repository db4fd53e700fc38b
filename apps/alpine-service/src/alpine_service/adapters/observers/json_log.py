"""What happened as lines of JSON, written by a thread of their own a few times a second.

Whoever reads the lines may be slow or stuck, and nobody who tells waits for that: a bounded number
of lines waits, and what comes beyond is counted and said once there is room again.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import BinaryIO

import orjson

from alpine_service.ports.observing import TRACE_ID, Fact, Weight
from alpine_service.ports.outside import Clock

MOST_LINES = 10_000
# The thread is not woken for each line: that would cost every request a change of threads.
EVERY_S = 0.1
_LONGEST_FACT = 1_000
_GOODBYE_S = 2.0
_ORDER = {weight: number for number, weight in enumerate(Weight)}


class JsonLog:
    """Keeps the port `Observer`; lines are written while `writing()` is open."""

    def __init__(
        self,
        out: BinaryIO,
        clock: Clock,
        *,
        most: int = MOST_LINES,
        every_s: float = EVERY_S,
        least: Weight = Weight.INFO,
        trace_id: Callable[[], str | None] = lambda: None,
    ) -> None:
        """Of less weight than `least` nothing is written; `trace_id` says in which trace we are."""
        self.least = least
        self._out = out
        self._clock = clock
        self._most = most
        self._every_s = every_s
        self._trace_id = trace_id
        self._lines: deque[bytes] = deque()
        self._dropped = 0
        self._end = threading.Event()

    def tell(self, what: str, weight: Weight = Weight.INFO, **facts: Fact) -> None:
        if _ORDER[weight] < _ORDER[self.least]:
            return
        if (trace_id := self._trace_id()) is not None:
            facts.setdefault(TRACE_ID, trace_id)
        if len(self._lines) >= self._most:
            self._dropped += 1
            return
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            self._lines.append(self._line("log.dropped", Weight.WARNING, {"lines": dropped}))
        self._lines.append(self._line(what, weight, facts))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Write until the block is left, and then what is left, if it can be written soon."""
        # A daemon, so that a reader that is stuck does not hold up the end of the process.
        thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._end.clear()
        thread.start()
        try:
            yield
        finally:
            self._end.set()
            await asyncio.to_thread(thread.join, _GOODBYE_S)

    def _line(self, what: str, weight: Weight, facts: dict[str, Fact]) -> bytes:
        at = self._clock.now().isoformat(timespec="microseconds").replace("+00:00", "Z")
        said: dict[str, Fact] = {"at": at, "what": what, "weight": weight.value}
        for name, value in facts.items():
            # What a line says of itself cannot be said over by a fact.
            said.setdefault(name, value[:_LONGEST_FACT] if isinstance(value, str) else value)
        # JSON has no line feed within a line, so that no fact can begin another one.
        try:
            return orjson.dumps(said, default=str, option=orjson.OPT_APPEND_NEWLINE)
        except TypeError:
            # A number above 64 bits, or half a character.
            plain = {name: ascii(value)[:_LONGEST_FACT] for name, value in facts.items()}
            return orjson.dumps(plain | {"at": at, "what": what, "weight": weight.value}) + b"\n"

    def _write(self) -> None:
        while not self._end.wait(self._every_s):
            self._write_all()
        self._write_all()

    def _write_all(self) -> None:
        """All that wait, and no more: so that the end comes although somebody goes on telling."""
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        if not lines:
            return
        # Whoever read may have gone: there is nobody to say that to.
        with suppress(OSError, ValueError):
            self._out.write(b"".join(lines))
            self._out.flush()
