"""Shards on a Dask cluster of real worker processes: joining, leaving, killed, paused."""

import asyncio
import os
import signal

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_adapters.cluster.worker import core_sha256
from argo_core.engine.shards.sharding import Sharding
from argo_core.errors import InvalidSetting
from argo_core.events import ShardMissed
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.sharded_market import ShardedMarket
from argo_core.testing.step_workers_contract import StepWorkersContract

pytestmark = [pytest.mark.oracle, pytest.mark.timed]
pytest.importorskip("distributed")

from argo_adapters.cluster.dask import DaskWorkers  # noqa: E402 - once it is known to be there

DEADLINE_S = 30.0
CODE = core_sha256()


@pytest.fixture
async def cluster():
    import distributed  # noqa: PLC0415 - seconds to load

    async with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        asynchronous=True,
        host="127.0.0.1",
    ) as cluster:
        yield cluster


@pytest.fixture
async def workers(cluster):
    async with DaskWorkers.open(cluster.scheduler_address) as workers:
        yield workers


async def pids(cluster) -> dict[str, int]:
    """The process of every worker, by its address."""
    return {one.worker_address: one.pid for one in cluster.workers.values()}


async def there(workers, count: int) -> None:
    async with asyncio.timeout(60):
        while len(workers.names) != count:
            await workers.look()


class TestDaskWorkers(StepWorkersContract):
    @pytest.fixture
    def code(self) -> str:
        return CODE


def market_of(workers, deadline_s: float = DEADLINE_S) -> tuple[ShardedMarket, FakeObserver]:
    observer = FakeObserver()
    sharding = Sharding(workers, "run", CODE, 4, deadline_s)
    return ShardedMarket(sharding, SystemClock(), observer), observer


async def test_workers_join_and_leave_and_nobody_misses_a_cycle(cluster, workers) -> None:
    market, _ = market_of(workers)
    for _ in range(3):
        assert not (await market.compared()).missed
    cluster.scale(3)
    await there(workers, 3)
    for _ in range(3):
        assert not (await market.compared()).missed
    assert len(set(market.shards.places.values())) == 3
    cluster.scale(1)
    for _ in range(3):
        assert not (await market.compared()).missed
    await there(workers, 1)
    assert not (await market.compared()).missed
    await market.shards.stop()


async def test_a_killed_worker_costs_no_decision_and_dask_starts_it_anew(cluster, workers) -> None:
    market, _ = market_of(workers)
    await market.compared()
    killed = min(await pids(cluster))
    os.kill((await pids(cluster))[killed], signal.SIGKILL)
    for _ in range(4):
        assert not (await market.compared()).missed
    await there(workers, 2)
    assert not (await market.compared()).missed
    await market.shards.stop()


async def test_a_paused_worker_costs_its_symbols_one_cycle(cluster, workers) -> None:
    market, observer = market_of(workers)
    await market.compared()
    paused, pid = min((await pids(cluster)).items())
    market.shards._sharding = Sharding(workers, "run", CODE, 4, 2.0)
    os.kill(pid, signal.SIGSTOP)
    try:
        late = (await market.compared()).missed
        assert len(late) == sum(one.symbols for one in observer.of(ShardMissed)) > 0
        market.shards._sharding = Sharding(workers, "run", CODE, 4, DEADLINE_S)
        for _ in range(3):
            assert not (await market.compared()).missed
        assert market.shards.stuck == {paused}
    finally:
        os.kill(pid, signal.SIGCONT)
    async with asyncio.timeout(60):
        while paused not in market.shards.places.values():
            assert not (await market.compared()).missed
    await market.shards.stop()


async def test_without_its_scheduler_the_coordinator_decides_alone(cluster, workers) -> None:
    market, _ = market_of(workers, 3.0)
    await market.compared()
    await cluster.close()
    late = frozenset((await market.compared()).missed)
    for _ in range(3):
        missed = frozenset((await market.compared()).missed)
        assert not missed & late
        late = missed
    await there(workers, 0)
    assert not (await market.compared()).missed
    await market.shards.stop()


async def test_where_no_scheduler_is_the_setting_is_refused(monkeypatch) -> None:
    monkeypatch.setattr("argo_adapters.cluster.dask.CONNECT_S", 0.5)
    with pytest.raises(InvalidSetting, match="no scheduler answers"):
        async with DaskWorkers.open("tcp://127.0.0.1:9"):
            pass
