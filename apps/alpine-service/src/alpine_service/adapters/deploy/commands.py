"""Colours that are started and stopped by commands, such as systemctl: the port `Processes`."""

import asyncio
import shlex
import tempfile
from typing import IO

from attrs import frozen

from alpine_service.domain.deploy.colour import Colour
from alpine_service.errors import InvalidInput, StepFailed

# Anew, because an idle colour that still runs would be the old version.
START = "systemctl restart alpine@{colour}"
STOP = "systemctl stop alpine@{colour}"
_PLACE = "{colour}"
_LONGEST_SAID = 300
_LONGEST_READ = 2**20


def words_of(option: str, command: str) -> list[str]:
    """The words of a command, as a shell splits them; no shell runs it.

    Raises:
        InvalidInput: it has none, its quotes do not end, or it names no colour.
    """
    fix = f"give a command such as {START!r}"
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InvalidInput(option, "its quotes do not end", fix) from error
    if not any(_PLACE in word for word in words):
        raise InvalidInput(option, f"it says nowhere {_PLACE}", fix)
    return words


@frozen
class Commands:
    """`{colour}` in a command becomes `blue` or `green`. One may take `patience_s` seconds."""

    start_words: list[str]
    stop_words: list[str]
    patience_s: float = 120.0

    async def start(self, colour: Colour) -> None:
        await self._run(self.start_words, colour)

    async def stop(self, colour: Colour) -> None:
        await self._run(self.stop_words, colour)

    async def _run(self, words: list[str], colour: Colour) -> None:
        words = [word.replace(_PLACE, colour) for word in words]
        # A file and no pipe: whoever is started may keep it open, and say as much as it likes.
        said = await asyncio.to_thread(tempfile.TemporaryFile)
        try:
            code = await self._code(words, said)
            if code:
                last = await asyncio.to_thread(_last_line, said)
                raise StepFailed(f"{shlex.join(words)}: exit code {code}{last}")
        finally:
            await asyncio.to_thread(said.close)

    async def _code(self, words: list[str], said: IO[bytes]) -> int:
        try:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=said,
                # Ctrl-C is for us, who finish what we have begun.
                start_new_session=True,
            )
        except OSError as error:
            raise StepFailed(f"{words[0]}: {error.strerror}") from error
        try:
            async with asyncio.timeout(self.patience_s):
                return await process.wait()
        except TimeoutError as error:
            raise StepFailed(f"{shlex.join(words)}: not done in {self.patience_s:g} s") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read(_LONGEST_READ).decode(errors="replace").strip().splitlines()
    return f": {lines[-1][:_LONGEST_SAID]}" if lines else ""
