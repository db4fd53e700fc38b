"""Processes that commands start and stop: systemctl, a container's tool, a script."""

import asyncio
import shlex
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_service.deploying.colour import Colour
from argo_service.errors import StepFailed

# Not `start`, which leaves an idle colour of an older version as it is.
START: Final = "systemctl restart argo@{colour}"
STOP: Final = "systemctl stop argo@{colour}"
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
        null, pipe = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *words, stdin=null, stdout=null, stderr=pipe
            )
        except OSError as error:
            raise StepFailed(f"{command}: {error.strerror}") from error
        try:
            async with asyncio.timeout(self.timeout_s):
                # For the process, not for its output: what it has started may hold that open.
                code = await process.wait()
        except TimeoutError as error:
            raise StepFailed(f"{command}: not done within {self.timeout_s:g} s") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if code != 0:
            raise StepFailed(f"{command}: exit code {code}{await _complaint(process)}")


async def _complaint(process: asyncio.subprocess.Process) -> str:
    """The last line that it wrote to standard error."""
    assert process.stderr is not None  # noqa: S101 - it was asked for
    try:
        async with asyncio.timeout(1):
            said = await process.stderr.read(65_536)
    except TimeoutError:
        return ""
    lines = said.decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f": {last[:300]}" if last else ""
