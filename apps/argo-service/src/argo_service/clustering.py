"""Who decides beside this process: its own workers, those of a Dask cluster, or nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
    from argo_adapters.cluster.worker import core_sha256  # noqa: PLC0415 - nobody else needs it

    code = await asyncio.to_thread(core_sha256)
    if cluster.scheduler is None:
        from argo_adapters.cluster.processes import ProcessWorkers  # noqa: PLC0415 - the same

        async with ProcessWorkers.open(cluster.workers) as processes:
            yield Sharding(processes, run, code, cluster.shards, cluster.deadline_s)
        return
    from argo_adapters.cluster.dask import DaskWorkers, Tls  # noqa: PLC0415 - the same

    tls = None
    if cluster.tls_ca_file and cluster.tls_cert_file and cluster.tls_key_file:
        tls = Tls(cluster.tls_ca_file, cluster.tls_cert_file, cluster.tls_key_file)
    async with DaskWorkers.open(cluster.scheduler, tls) as workers:
        yield Sharding(workers, run, code, cluster.shards, cluster.deadline_s)
