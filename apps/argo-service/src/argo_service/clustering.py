"""Who decides beside this process: its own workers, those of a Dask cluster, or nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from types import ModuleType

from argo_core.engine.shards.sharding import Sharding
from argo_service.config.cluster import Cluster


@asynccontextmanager
async def clustering(cluster: Cluster, run: str) -> AsyncIterator[Sharding | None]:
    """Other processes to decide shards until the block ends; None where this one decides.

    `run` names this process among all that use the same workers.

    Raises:
        InvalidSetting: Dask is not installed, or its scheduler does not answer.
    """
    if cluster.scheduler is None and not cluster.workers:
        yield None
        return
    worker = await _loaded("worker")
    code = await asyncio.to_thread(worker.core_sha256)
    if cluster.scheduler is None:
        opened = (await _loaded("processes")).ProcessWorkers.open(cluster.workers)
    else:
        dask = await _loaded("dask")
        tls = None
        if cluster.tls_ca_file and cluster.tls_cert_file and cluster.tls_key_file:
            tls = dask.Tls(cluster.tls_ca_file, cluster.tls_cert_file, cluster.tls_key_file)
        opened = dask.DaskWorkers.open(cluster.scheduler, tls)
    async with opened as workers:
        yield Sharding(workers, run, code, cluster.shards, cluster.deadline_s)


async def _loaded(name: str) -> ModuleType:
    """That module of the cluster's: nobody else needs it, and loading it reads the disk."""
    return await asyncio.to_thread(import_module, f"argo_adapters.cluster.{name}")
