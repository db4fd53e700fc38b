"""The processes of a soak: started, started again when they die, and looked at."""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import psutil  # type: ignore[import-untyped]  # it ships no types
from attrs import define, field

_LINES: Final = 30
_STOP_S: Final = 10.0
# A supervisor waits a moment, so that what dies at once does not take the machine with it.
_AGAIN_S: Final = 0.1
_LIMIT: Final = 1 << 20

Heard = Callable[[str], None]


@define
class Watched:
    """One process under its name, whatever its number is at the moment.

    `heard` is told each line of its standard output. `ends` are the exits that nobody asked for,
    with the last words.
    """

    name: str
    command: Sequence[str]
    heard: Heard
    process: asyncio.subprocess.Process | None = field(default=None, init=False)
    starts: int = field(default=0, init=False)
    kills: int = field(default=0, init=False)
    ends: list[str] = field(factory=list, init=False)
    answered: asyncio.Event = field(factory=asyncio.Event, init=False)
    _words: deque[str] = field(factory=lambda: deque(maxlen=_LINES), init=False)
    _stopping: bool = field(default=False, init=False)
    _killed: bool = field(default=False, init=False)
    _task: "asyncio.Task[None] | None" = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        """Its number, None while it is between two lives."""
        running = self.process is not None and self.process.returncode is None
        return self.process.pid if self.process and running else None

    def begin(self) -> None:
        """Start it, and again whenever it ends."""
        self._task = asyncio.create_task(self._kept())

    def kill(self) -> None:
        """SIGKILL; it is started again."""
        if self.pid is not None:
            self._killed = True
            self.kills += 1
            os.kill(self.pid, signal.SIGKILL)

    async def pause(self, wall_s: float) -> None:
        """Stop it in its tracks for so long, with all that it started."""
        if self.pid is None:
            return
        with suppress(psutil.Error):
            first = psutil.Process(self.pid)
            family = [first, *first.children(recursive=True)]
            for each in family:
                each.suspend()
            try:
                await asyncio.sleep(wall_s)
            finally:
                for each in family:
                    with suppress(psutil.Error):
                        each.resume()

    async def stop(self) -> float:
        """Ask it to end, and insist if it does not; how many seconds it took."""
        self._stopping = True
        began = asyncio.get_running_loop().time()
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)
        if self._task is not None:
            try:
                async with asyncio.timeout(_STOP_S):
                    await self._task
            except TimeoutError:
                self.ends.append(f"did not stop within {_STOP_S:.0f} s")
                self.kill()
                await asyncio.gather(self._task, return_exceptions=True)
        return asyncio.get_running_loop().time() - began

    async def _kept(self) -> None:
        while not self._stopping:
            self._killed = False
            self.answered.clear()
            self._words.clear()
            self.starts += 1
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=_LIMIT,
            )
            await asyncio.gather(self._listen(self.process), self._complaints(self.process))
            code = await self.process.wait()
            # Whoever is asked to stop before it has begun need not be polite.
            early = self._stopping and code == -signal.SIGTERM and not self.answered.is_set()
            if not self._killed and not early and (code or not self._stopping):
                self.ends.append(f"ended with {code}: {' | '.join(self._words)[-2000:]}")
            await asyncio.sleep(_AGAIN_S)

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.answered.set()
            self.heard(line.decode(errors="replace").rstrip())

    async def _complaints(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            self._words.append(line.decode(errors="replace").rstrip())


def python(module: str, *arguments: str) -> tuple[str, ...]:
    """A module of ours as a program."""
    return (sys.executable, "-m", module, *arguments)
