"""Orders and replies travel whole, or are refused."""

import pickle

import pytest

from argo_core.consensus.profile import Profile
from argo_core.engine.shards import wire
from argo_core.engine.shards.host import Host
from argo_core.engine.shards.slice import Slice, Told
from argo_core.engine.shards.wire import FORMAT, Order, Reply, decode, encode
from argo_core.errors import InvalidInput, WorkerLost
from argo_core.testing.fake_clock import BEGINNING as AT
from argo_core.testing.fake_workers import FakeWorkers
from argo_core.testing.step_workers_contract import StepWorkersContract

TOLD = Told(settled=False, failed=frozenset())
WHOLE = Slice(Profile(), "test", ())


class TestFakeWorkers(StepWorkersContract):
    @pytest.fixture
    def code(self) -> str:
        return "code"

    @pytest.fixture
    def workers(self) -> FakeWorkers:
        return FakeWorkers("b", "a")


async def test_a_worker_that_is_not_there_is_lost() -> None:
    with pytest.raises(WorkerLost, match="nobody"):
        await FakeWorkers("a").step("nobody", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        encode(Order("code", "run", 0, 1, AT, TOLD)),
        pickle.dumps((FORMAT + 1, Reply(1))),
        pickle.dumps(Reply(1)),
    ],
)
def test_what_is_no_reply_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode(data, Reply)


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST", 100)
    with pytest.raises(InvalidInput, match="make more shards"):
        encode(Order("code", "run", 0, 1, AT, TOLD, whole=WHOLE))


def test_a_host_keeps_so_many_states_and_forgets_the_oldest() -> None:
    host = Host("code", most_kept=2)
    for shard in range(3):
        host.take(encode(Order("code", "run", shard, 1, AT, TOLD, whole=WHOLE)))

    def is_lost(shard: int) -> bool:
        order = Order("code", "run", shard, 2, AT, TOLD, base=1)
        return decode(host.take(encode(order)), Reply).lost

    assert [is_lost(shard) for shard in range(3)] == [True, False, False]


def test_two_coordinators_share_a_worker_and_no_state() -> None:
    host = Host("code")
    host.take(encode(Order("code", "blue", 0, 1, AT, TOLD, whole=WHOLE)))
    order = Order("code", "green", 0, 2, AT, TOLD, base=1)
    assert decode(host.take(encode(order)), Reply).lost
