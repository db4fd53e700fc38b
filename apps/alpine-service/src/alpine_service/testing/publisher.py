"""A publisher to try Alpine with where there is no real one: it invents a signal every second.

`python -m alpine_service.testing.publisher` prints the log's address and key, as JSON, then reads a
line with the address of a witness, and publishes until standard input is closed. It forgets all at
its end, so its key is another one each time. Every third signal is sealed for a few seconds.
"""

import asyncio
import os
import sys
import threading
import time

import aiohttp
import orjson

from alpine_service.adapters.secrets.chance import SystemChance
from alpine_service.adapters.system_clock import SystemClock
from alpine_service.testing.members import outcome_members, signal_members, strategy_members
from alpine_service.testing.small_log import SmallLog

NAME = "invented.example/log"
BEAT_S = 1.0
SEALED_S = 5
_SYMBOLS = ("AAPL", "MSFT", "BTC/USD")
_DIRECTIONS = ("BUY", "SELL", "HOLD")
_OPEN, _SEALED = "invented-open", "invented-sealed"


class Publisher:
    """Puts something new into a log at each beat."""

    def __init__(self, log: SmallLog) -> None:
        self._log = log
        self._sealed: list[tuple[int, int]] = []
        self._beats = 0
        self._now()
        log.add(strategy_members(), _OPEN)
        log.add(strategy_members("delayed", reveal_after_s=SEALED_S), _SEALED)

    async def beat(self) -> None:
        """A signal, open or sealed; what is due is revealed, and some signals have an outcome."""
        now_us, number = self._now(), self._beats
        self._beats += 1
        direction = _DIRECTIONS[number % len(_DIRECTIONS)]
        signal = signal_members(f"invented-{number}", _SYMBOLS[number % 2], direction)
        if number % 3 == 0:
            entry = self._log.record.commit(signal, _SEALED, SEALED_S)
            self._sealed.append((entry.index, now_us + SEALED_S * 1_000_000))
        else:
            entry = self._log.add(signal, _OPEN)
            if direction != "HOLD":
                self._log.add(outcome_members(entry.index, signal), _OPEN)
        while self._sealed and self._sealed[0][1] <= now_us:
            self._log.record.reveal(self._sealed.pop(0)[0])
        try:
            await self._log.publish()
        except (aiohttp.ClientError, TimeoutError):
            # The witness is away: what is new is published as pending.
            size = self._log.record.size
            self._log.show(size, self._log.sign(size))

    def _now(self) -> int:
        self._log.record.now_us = time.time_ns() // 1_000
        return self._log.record.now_us


async def publish() -> None:
    """Until standard input is closed."""
    log = SmallLog(name=NAME, seed=SystemChance().draw(32))
    async with log:
        sys.stdout.write(orjson.dumps({"url": log.url, "key": str(log.key)}).decode() + "\n")
        sys.stdout.flush()
        witness = await asyncio.to_thread(sys.stdin.readline)
        log.witness_urls = (witness.strip(),) if witness.strip() else ()
        publisher, over = Publisher(log), _end_of_input()
        while not over.is_set():
            await publisher.beat()
            await SystemClock().sleep(BEAT_S)


def _end_of_input() -> threading.Event:
    over = threading.Event()

    def read_to_the_end() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        over.set()

    threading.Thread(target=read_to_the_end, name="input", daemon=True).start()
    return over


if __name__ == "__main__":
    asyncio.run(publish())
