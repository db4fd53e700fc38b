"""Workers of a Dask cluster: its scheduler knows who is there, starts them anew, carries the bytes.

`distributed` is an extra (`cluster`) and is loaded by whoever opens this; without dask.dataframe.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from attrs import frozen

from argo_adapters.cluster.worker import take
from argo_core.engine.shards.wire import LARGEST
from argo_core.errors import InvalidSetting, WorkerLost

CONNECT_S = 10.0
LOOK_S = 1.0
"""So often the scheduler is asked who is there; one that just left is not missed for so long."""
_ENDED_S = 2.0


@frozen
class Tls:
    """Certificates for a scheduler at `tls://…`: whom to trust, and who we are."""

    ca_file: Path
    cert_file: Path
    key_file: Path


class DaskWorkers:
    """The port `StepWorkers` on a connected, asynchronous `distributed.Client`."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._names: tuple[str, ...] = ()
        self._numbers = count()

    @classmethod
    @asynccontextmanager
    async def open(cls, scheduler: str, tls: Tls | None = None) -> AsyncIterator["DaskWorkers"]:
        """The workers of that scheduler until the block ends.

        Raises:
            InvalidSetting: `distributed` is not installed, or nobody answers there.
        """
        distributed = await asyncio.to_thread(_distributed)
        client = distributed.Client(
            scheduler,
            asynchronous=True,
            set_as_default=False,
            timeout=CONNECT_S,
            security=_security(distributed, tls),
            name="argo",
        )
        try:
            await client
        except (OSError, ValueError) as error:
            await client.close(_ENDED_S)
            problem = f"no scheduler answers there: {type(error).__name__}"
            fix = "start `dask scheduler`, or name the address that it says"
            raise InvalidSetting("cluster.scheduler", problem, fix) from error
        workers, stop = cls(client), asyncio.Event()
        await workers.look()
        looking = asyncio.create_task(workers._keep_looking(stop), name="cluster")
        try:
            yield workers
        finally:
            stop.set()
            await looking
            await client.close(_ENDED_S)

    @property
    def names(self) -> tuple[str, ...]:
        return self._names if self._client.status == "running" else ()

    async def look(self) -> None:
        """Ask who is there; nobody, as far as we know, where the scheduler does not say."""
        try:
            async with asyncio.timeout(CONNECT_S):
                told = await self._client.scheduler.identity(n_workers=-1)
            self._names = tuple(sorted(told["workers"]))
        except Exception:  # noqa: BLE001 - whatever it is, Dask connects again by itself
            self._names = ()

    async def _keep_looking(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                async with asyncio.timeout(LOOK_S):
                    await stop.wait()
            except TimeoutError:
                await self.look()

    async def step(self, worker: str, order: bytes) -> bytes:
        future = None
        try:
            future = self._client.submit(
                take,
                order,
                key=f"argo-shard-{self._client.id}-{next(self._numbers)}",
                workers=[worker],
                # Where that one has just gone, Dask has another take it, who says so: its state is
                # not there.
                allow_other_workers=True,
                pure=False,
                retries=0,
            )
            reply: bytes = await future
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise WorkerLost(worker, "the scheduler has forgotten the step") from None
        except Exception as error:
            raise WorkerLost(worker, f"{type(error).__name__}: {error}"[:200]) from error
        finally:
            if future is not None:
                # Nobody waits for it any more, whatever became of it.
                future.release()
        return reply


def _distributed() -> Any:
    try:
        import dask  # type: ignore[import-not-found] # noqa: PLC0415 - it takes seconds to load
        import distributed  # type: ignore[import-not-found] # noqa: PLC0415 - the same
    except ImportError as error:
        fix = "install argo-adapters[cluster], or leave cluster.scheduler out"
        raise InvalidSetting("cluster.scheduler", "Dask is not installed", fix) from error
    # A snapshot is larger than what Dask takes for a mistake.
    dask.config.set({"distributed.admin.large-graph-warning-threshold": LARGEST})
    return distributed


def _security(distributed: Any, tls: Tls | None) -> Any:
    if tls is None:
        return None
    return distributed.Security(
        tls_ca_file=str(tls.ca_file),
        tls_client_cert=str(tls.cert_file),
        tls_client_key=str(tls.key_file),
        require_encryption=True,
    )
