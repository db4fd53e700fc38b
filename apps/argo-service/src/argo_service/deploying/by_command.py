"""Processes that commands start and stop: systemctl, a container's tool, a script."""

import asyncio
import os
import shlex
import signal
from collections.abc import Sequence
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO, Final

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_service.deploying.colour import Colour
from argo_service.errors import StepFailed

# Not `start`, which leaves an idle colour of an older version as it is.
START: Final = "systemctl restart argo@{colour}"
STOP: Final = "systemctl stop argo@{colour}"
MAX_BYTES: Final = 1_000_000
_COLOUR: Final = "{colour}"


def split(option: str, command: str) -> tuple[str, ...]:
    """A command as its words; no shell sees it.

    Raises:
        InvalidInput: it cannot be split, or has no place for the colour.
    """
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise InvalidInput(option, "a quote has no end", f"as in {START!r}") from error
    if not any(_COLOUR in word for word in words):
        raise InvalidInput(option, f"no word of it has {_COLOUR}", f"as in {START!r}")
    return words


@frozen
class ByCommand:
    """Runs one command at a time, for `timeout_s` seconds at most."""

    starts: Sequence[str]
    stops: Sequence[str]
    timeout_s: float = 120.0

    async def start(self, colour: Colour) -> None:
        await self._run([word.replace(_COLOUR, colour) for word in self.starts])

    async def stop(self, colour: Colour) -> None:
        await self._run([word.replace(_COLOUR, colour) for word in self.stops])

    async def _run(self, words: Sequence[str]) -> None:
        command = shlex.join(words)
        # Not a pipe, which would be full one day, and which a child of the command may keep open.
        complaints = await asyncio.to_thread(TemporaryFile)
        try:
            code = await self._code(words, command, complaints)
            if code != 0:
                last = await asyncio.to_thread(_last_line_of, complaints)
                raise StepFailed(f"{command}: exit code {code}{last}")
        finally:
            await asyncio.to_thread(complaints.close)

    async def _code(self, words: Sequence[str], command: str, complaints: IO[bytes]) -> int:
        null = asyncio.subprocess.DEVNULL
        try:
            # In a session of its own: a Ctrl-C is meant for us, and we finish what was begun.
            process = await asyncio.create_subprocess_exec(
                *words, stdin=null, stdout=null, stderr=complaints, start_new_session=True
            )
        except OSError as error:
            raise StepFailed(f"{command}: {error.strerror}") from error
        try:
            async with asyncio.timeout(self.timeout_s):
                return await process.wait()
        except TimeoutError as error:
            raise StepFailed(f"{command}: not done within {self.timeout_s:g} s") from error
        finally:
            if process.returncode is None:
                # With all that it has started, or that would go on beside the way back.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()


def _last_line_of(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    text = complaints.read(MAX_BYTES).decode(errors="replace")
    last = next((line.strip() for line in reversed(text.split("\n")) if line.strip()), "")
    return f": {last[:300]}" if last else ""
