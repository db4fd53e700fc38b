"""A cluster by settings: nobody, processes of this machine, or a scheduler."""

from datetime import timedelta

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_core.engine.shards.sharding import Sharding
from argo_core.errors import InvalidInput, InvalidSetting
from argo_core.events import ShardMissed
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_workers import FakeWorkers
from argo_core.testing.sharded_market import ShardedMarket
from argo_service.api.cluster_probe import cluster_probe
from argo_service.api.errors import NotWell
from argo_service.clustering import clustering
from argo_service.config.cluster import Cluster
from argo_service.config.tree import Settings
from argo_service.fingerprint import config_sha256
from argo_service.tally import Tally


async def test_by_default_nobody_else_decides() -> None:
    async with clustering(Settings().cluster, "run") as sharding:
        assert sharding is None


async def test_processes_by_settings_decide_what_one_does() -> None:
    async with clustering(Cluster(workers=2, shards=3, deadline_s=30.0), "run") as sharding:
        assert sharding is not None
        market = ShardedMarket(sharding, SystemClock(), FakeObserver())
        for _ in range(3):
            assert not (await market.compared()).missed
        assert set(market.shards.places.values()) == set(sharding.workers.names)
        await market.shards.stop()


@pytest.mark.parametrize(
    "wrong",
    [
        {"scheduler": "127.0.0.1:8786"},
        {"scheduler": "tcp://127.0.0.1"},
        {"scheduler": "http://127.0.0.1:8786"},
        {"scheduler": "tls://127.0.0.1:8786"},
        {"scheduler": "tcp://127.0.0.1:8786", "workers": 2},
        {"workers": -1},
        {"workers": 257},
        {"shards": 0},
        {"deadline_s": 0.0},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises((InvalidInput, InvalidSetting)):
        Cluster(**wrong)  # type: ignore[arg-type]


def test_who_decides_does_not_change_what_the_record_says_of_the_settings() -> None:
    assert config_sha256(Settings()) == config_sha256(Settings(cluster=Cluster(workers=4)))


class Engine:
    """As much of one as the check looks at."""

    def __init__(self, market: ShardedMarket, sharding: Sharding) -> None:
        self.shards = market.shards
        self.outside = self
        self.sharding = sharding


async def test_the_check_says_who_is_there_and_fails_where_nobody_is() -> None:
    clock, workers = FakeClock(), FakeWorkers("a", "b")
    sharding, tally = Sharding(workers, "run", "code"), Tally(clock)
    engine = Engine(ShardedMarket(sharding, clock, tally), sharding)
    probe = cluster_probe(engine, tally)  # type: ignore[arg-type]
    assert await probe.look() == "2 workers; 0 symbols missed a cycle so far"
    tally.notice(ShardMissed(BEGINNING + timedelta(seconds=5), 1, "a", 625))
    assert "625 symbols" in await probe.look()
    workers.leave("a")
    workers.leave("b")
    with pytest.raises(NotWell, match="start some"):
        await probe.look()
