"""A worker as the service sees it: a process of its own that is told once, talks, and can be ended.

Backtests reckon for seconds on end, which would hold up the beat of the engine inside its process.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.ports import Clock
from argo_service.backtesting.run import Progress
from argo_service.errors import WorkerFailed

COMMAND: Final = (sys.executable, "-m", "argo_service.backtesting.worker")


@frozen
class Finished:
    """What a worker says at the end; the files are where it was told to write them."""

    result_sha256: str


async def carried_out(
    order: Mapping[str, Any],
    tell: Callable[[Progress], None],
    *,
    clock: Clock,
    seconds: float,
    command: Sequence[str] = COMMAND,
) -> Finished:
    """Have a worker do what `order` says within `seconds`; whatever happens, it is gone after.

    Raises:
        InvalidInput: the order cannot be carried out as it is.
        WorkerFailed: the worker failed, was ended, or took too long.
    """
    async with _started(command) as process:
        try:
            async with clock.timeout(seconds):
                return await _heard(process, order, tell)
        except TimeoutError as error:
            fix = "ask for less at once, or without benchmarks"
            raise WorkerFailed(f"it took longer than {seconds:g} s and was ended; {fix}") from error


@asynccontextmanager
async def _started(command: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C in a terminal is meant for the service, which ends its workers itself.
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _heard(
    process: asyncio.subprocess.Process,
    order: Mapping[str, Any],
    tell: Callable[[Progress], None],
) -> Finished:
    assert process.stdin is not None  # noqa: S101 - it was asked for
    assert process.stdout is not None  # noqa: S101 - the same
    # Left open: its end is how a worker notices that the service has died.
    process.stdin.write(json.dumps(order).encode() + b"\n")
    while line := await process.stdout.readline():
        said = _read(line)
        if "stage" in said:
            tell(Progress(said["stage"], said["done"], said["total"]))
        elif "result_sha256" in said:
            return Finished(said["result_sha256"])
        elif "field" in said:
            raise InvalidInput(said["field"], said["problem"], said["fix"])
        elif "failed" in said:
            raise WorkerFailed(said["failed"])
    code = await process.wait()
    if code < 0:
        problem = f"the worker was ended by signal {-code}, perhaps for want of memory"
        raise WorkerFailed(f"{problem}; ask again, or for less at once")
    raise WorkerFailed(f"the worker ended with code {code} and without a result; ask again")


def _read(line: bytes) -> Mapping[str, Any]:
    """What a line says; libraries that print to standard output say nothing to us."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
