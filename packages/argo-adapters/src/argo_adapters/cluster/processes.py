"""Workers that are processes of this machine, each an executor of one process."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import asynccontextmanager, suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from argo_adapters.cluster.worker import take
from argo_core.errors import InvalidInput, WorkerLost

MOST_PROCESSES = 256
_PATIENCE_S = 2.0


class ProcessWorkers:
    """So many processes; one that dies is replaced, and fails only the step that it was at.

    A shard's state is in one process, so that each has an executor of its own.
    """

    def __init__(self, count: int) -> None:
        if not 1 <= count <= MOST_PROCESSES:
            problem = f"{count} is no number of processes"
            raise InvalidInput("workers", problem, f"give 1 to {MOST_PROCESSES}")
        self._pools = {f"process-{number:03}": _pool() for number in range(count)}
        self._replacing: set[str] = set()

    @classmethod
    @asynccontextmanager
    async def open(cls, count: int) -> AsyncIterator["ProcessWorkers"]:
        """Processes that run until the block ends.

        Raises:
            InvalidInput: so many there cannot be.
        """
        # Making a pool writes to pipes, as does handing something over.
        workers = await asyncio.to_thread(cls, count)
        try:
            await asyncio.gather(*(workers.pid(name) for name in workers.names))
            yield workers
        finally:
            await workers.close()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._pools)

    async def step(self, worker: str, order: bytes) -> bytes:
        pool = self._pools.get(worker)
        if pool is None:
            raise WorkerLost(worker, "there is no such process")
        try:
            # Handing over writes to a pipe, and starts the process if there is none.
            future = await asyncio.to_thread(pool.submit, take, order)
            return await asyncio.wrap_future(future)
        except (BrokenExecutor, RuntimeError, OSError) as error:
            # Steps of several shards may fail with it at once; the first to come replaces it.
            if self._pools.get(worker) is pool and worker not in self._replacing:
                await self._replace(worker, pool)
            raise WorkerLost(worker, "its process has died, or cannot be started") from error

    async def _replace(self, worker: str, pool: ProcessPoolExecutor) -> None:
        self._replacing.add(worker)
        try:
            self._pools[worker] = await asyncio.to_thread(_pool)
        except OSError:
            # The next step tries again.
            return
        finally:
            # Also where whoever waited for the step does so no more.
            self._replacing.discard(worker)
        await asyncio.to_thread(pool.shutdown, wait=False)

    async def pid(self, worker: str) -> int:
        """Which process it is now."""
        future = await asyncio.to_thread(self._pools[worker].submit, os.getpid)
        return await asyncio.wrap_future(future)

    async def close(self) -> None:
        """End every process, those as well that are paused or at a step."""
        pools, self._pools = tuple(self._pools.values()), {}
        processes = [one for pool in pools for one in (pool._processes or {}).values()]
        await asyncio.to_thread(_end, pools, processes)


def _pool() -> ProcessPoolExecutor:
    # Started fresh: a fork would take locks and sockets of ours along.
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin)


def _end(pools: Sequence[ProcessPoolExecutor], processes: Sequence[BaseProcess]) -> None:
    for process in processes:
        # Killed, because a paused process does not hear that it shall end; it has nothing to write
        # down.
        with suppress(ValueError):
            process.kill()
    for pool in pools:
        pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        with suppress(ValueError, AssertionError):
            process.join(_PATIENCE_S)


def _begin() -> None:
    # Ctrl-C in a terminal is meant for whoever coordinates, who ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
