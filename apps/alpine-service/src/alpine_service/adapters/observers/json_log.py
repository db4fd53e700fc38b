"""What happened as lines of JSON, written by a thread of their own.

Whoever reads the lines may be slow or stuck, and nobody who tells waits for that: a bounded number
of lines waits, and what comes beyond is counted and said once there is room again.
"""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

import orjson

from alpine_service.ports.observing import Fact, Weight
from alpine_service.ports.outside import Clock

MOST_LINES = 10_000
_LONGEST_FACT = 1_000
_GOODBYE_S = 2.0


class JsonLog:
    """Keeps the port `Observer`; lines are written while `writing()` is open."""

    def __init__(self, out: BinaryIO, clock: Clock, most: int = MOST_LINES) -> None:
        self._out = out
        self._clock = clock
        self._lines: queue.Queue[bytes | None] = queue.Queue(most)
        self._dropped = 0

    def tell(self, what: str, weight: Weight = Weight.INFO, **facts: Fact) -> None:
        if self._dropped and not self._lines.full():
            dropped, self._dropped = self._dropped, 0
            self._put(self._line("log.dropped", Weight.WARNING, {"lines": dropped}))
        self._put(self._line(what, weight, facts))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write until the block is left, and then what is left, if it can be written soon."""
        # A daemon, so that a reader that is stuck does not hold up the end of the process.
        thread = threading.Thread(target=self._write, name="log", daemon=True)
        thread.start()
        try:
            yield
        finally:
            with suppress(queue.Full):
                self._lines.put(None, timeout=_GOODBYE_S)
            thread.join(_GOODBYE_S)

    def _put(self, line: bytes) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._dropped += 1

    def _line(self, what: str, weight: Weight, facts: dict[str, Fact]) -> bytes:
        at = self._clock.now().isoformat(timespec="microseconds").replace("+00:00", "Z")
        said: dict[str, Fact] = {"at": at, "what": what, "weight": weight.value}
        for name, value in facts.items():
            # What a line says of itself cannot be said over by a fact.
            said.setdefault(name, value[:_LONGEST_FACT] if isinstance(value, str) else value)
        # JSON has no line feed within a line, so that no fact can begin another one.
        return orjson.dumps(said, default=str, option=orjson.OPT_APPEND_NEWLINE)

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            # Whoever read has gone: there is nobody to say that to.
            with suppress(OSError, ValueError):
                self._out.write(line)
                if self._lines.empty():
                    self._out.flush()
