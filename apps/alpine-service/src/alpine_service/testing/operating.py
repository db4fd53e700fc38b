"""The installed command as an operator meets it: a process, its output and its exit code."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from attrs import field, frozen

ALPINE = Path(sys.executable).with_name("alpine")
# Generous, because a machine that runs tests is a busy one.
PATIENCE_S = 60.0


@frozen
class Done:
    """What a command said, and how it ended."""

    code: int
    out: str
    errors: str

    @property
    def json(self) -> Any:
        return orjson.loads(self.out)


@frozen
class Operator:
    """Runs `alpine` with settings of its own."""

    settings: Mapping[str, str] = field(repr=False)

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """That of the process: what is ours is replaced, the rest is the machine's."""
        machine = os.environ  # noqa: TID251 - another process's, to be handed on
        own = {name: text for name, text in machine.items() if not name.startswith("ALPINE_")}
        return {**own, **self.settings, **more}

    async def __call__(self, *words: str, stdin: str = "", code: int = 0, **more: str) -> Done:
        """Run it to its end, which is to have that exit code."""
        process = await asyncio.create_subprocess_exec(
            ALPINE, *words, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=self.environment(more)
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                out, errors = await process.communicate(stdin.encode())
        finally:
            if process.returncode is None:
                process.kill()
        done = Done(process.returncode or 0, out.decode(), errors.decode())
        if done.code != code:
            raise AssertionError(f"alpine {' '.join(words)}: {done}")
        return done
