"""The promises of `StepWorkers`, as tests.

Inherit, and give the fixtures: `workers`, at least one of them, whose hosts run `code`.
"""
# ruff: noqa: S101 - a contract is made of assertions

from datetime import UTC, datetime

from argo_core.consensus.profile import Profile
from argo_core.engine.shards.slice import Slice, Told
from argo_core.engine.shards.wire import Order, Reply, decode, encode
from argo_core.ports import StepWorkers

NOW = datetime(2024, 11, 25, 17, 0, tzinfo=UTC)
_NOTHING_NEW = Told(settled=False, failed=frozenset())


class StepWorkersContract:
    """Tests for one implementation; `workers` and `code` are its fixtures."""

    async def test_workers_have_names_in_order(self, workers: StepWorkers) -> None:
        assert workers.names
        assert list(workers.names) == sorted(set(workers.names))

    async def test_every_worker_takes_a_step_and_keeps_its_state(
        self, workers: StepWorkers, code: str
    ) -> None:
        whole = Slice(Profile(), "test", ())
        for worker in workers.names:
            first = Order(code, worker, 0, 1, NOW, _NOTHING_NEW, whole=whole)
            assert decode(await workers.step(worker, encode(first)), Reply) == Reply(1)
            second = Order(code, worker, 0, 2, NOW, _NOTHING_NEW, base=1)
            assert decode(await workers.step(worker, encode(second)), Reply) == Reply(2)
            unknown = Order(code, worker, 0, 3, NOW, _NOTHING_NEW, base=1)
            assert decode(await workers.step(worker, encode(unknown)), Reply).lost

    async def test_one_that_runs_other_code_says_so(self, workers: StepWorkers, code: str) -> None:
        order = Order(f"not {code}", "run", 0, 1, NOW, _NOTHING_NEW)
        reply = decode(await workers.step(workers.names[0], encode(order)), Reply)
        assert "other code" in reply.problem

    async def test_what_is_no_order_is_a_reply_too(self, workers: StepWorkers) -> None:
        assert decode(await workers.step(workers.names[0], b"nonsense"), Reply).problem
