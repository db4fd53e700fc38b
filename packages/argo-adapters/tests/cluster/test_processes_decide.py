"""Workers that are processes of this machine: killed, paused, and ended."""

import asyncio
import os
import signal
from contextlib import suppress

import psutil
import pytest

from argo_adapters.clocks.system import SystemClock
from argo_adapters.cluster.processes import ProcessWorkers
from argo_adapters.cluster.worker import core_sha256
from argo_core.engine.shards.sharding import Sharding
from argo_core.errors import InvalidInput, WorkerLost
from argo_core.events import ShardMissed, ShardMoved
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.sharded_market import ShardedMarket
from argo_core.testing.step_workers_contract import StepWorkersContract

# Patient, because a machine that is busy is no worker that is late.
DEADLINE_S = 30.0
CODE = core_sha256()


class TestProcesses(StepWorkersContract):
    @pytest.fixture
    def code(self) -> str:
        return CODE

    @pytest.fixture
    async def workers(self):
        async with ProcessWorkers.open(2) as workers:
            yield workers


def market_of(workers, *, deadline_s=DEADLINE_S, shards=4) -> tuple[ShardedMarket, FakeObserver]:
    observer = FakeObserver()
    sharding = Sharding(workers, "run", CODE, shards, deadline_s)
    return ShardedMarket(sharding, SystemClock(), observer), observer


@pytest.mark.timed
async def test_one_two_and_four_processes_decide_what_one_does() -> None:
    for count in (1, 2, 4):
        async with ProcessWorkers.open(count) as workers:
            market, observer = market_of(workers, shards=8)
            for _ in range(10):
                assert not (await market.compared()).missed
            assert not observer.of(ShardMoved)
            await market.shards.stop()


@pytest.mark.timed
async def test_a_killed_process_is_replaced_and_nobody_misses_a_cycle() -> None:
    async with ProcessWorkers.open(2) as workers:
        market, observer = market_of(workers)
        await market.compared()
        before = await workers.pid("process-000")
        os.kill(before, signal.SIGKILL)
        for _ in range(3):
            assert not (await market.compared()).missed
        died = [one for one in observer.of(ShardMoved) if "died" in one.why]
        assert {one.before for one in died} == {"process-000"}
        assert await workers.pid("process-000") != before
        await market.shards.stop()


@pytest.mark.timed
async def test_a_paused_process_costs_its_symbols_one_cycle_and_comes_back() -> None:
    async with ProcessWorkers.open(2) as workers:
        market, observer = market_of(workers)
        await market.compared()
        paused = await workers.pid("process-000")
        market.shards._sharding = Sharding(workers, "run", CODE, 4, 1.0)
        os.kill(paused, signal.SIGSTOP)
        try:
            late = (await market.compared()).missed
            assert len(late) == sum(one.symbols for one in observer.of(ShardMissed)) > 0
            market.shards._sharding = Sharding(workers, "run", CODE, 4, DEADLINE_S)
            for _ in range(3):
                assert not (await market.compared()).missed
            assert market.shards.stuck == {"process-000"}
        finally:
            os.kill(paused, signal.SIGCONT)
        assert await workers.pid("process-000") == paused
        while "process-000" not in market.shards.places.values():
            assert not (await market.compared()).missed
        await market.shards.stop()


async def test_closed_they_are_gone_paused_ones_as_well() -> None:
    async with ProcessWorkers.open(2) as workers:
        pids = [await workers.pid(name) for name in workers.names]
        os.kill(pids[0], signal.SIGSTOP)
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            assert psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_a_process_that_is_not_there_is_lost() -> None:
    async with ProcessWorkers.open(1) as workers:
        with pytest.raises(WorkerLost):
            await workers.step("process-007", b"")


def test_no_process_at_all_is_refused() -> None:
    with pytest.raises(InvalidInput):
        ProcessWorkers(0)


@pytest.mark.timed
async def test_a_process_is_replaced_also_where_nobody_waits_for_its_step_any_more() -> None:
    clock = SystemClock()
    async with ProcessWorkers.open(1) as workers:
        (name,) = workers.names
        before = await workers.pid(name)
        os.kill(before, signal.SIGKILL)
        step = asyncio.create_task(workers.step(name, b"no order of ours"))
        while not workers._replacing:
            assert not step.done()
            await clock.sleep(1e-6)
        step.cancel()
        await asyncio.wait([step])
        with pytest.raises(WorkerLost):
            await workers.step(name, b"no order of ours")
        assert await workers.pid(name) != before
