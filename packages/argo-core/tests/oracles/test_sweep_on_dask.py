"""The same sweep on a Dask cluster of this machine gives the same results, byte for byte."""

from collections.abc import Iterator
from typing import Any

import pytest

from argo_core.backtest.bars.plan import Exits, Plan
from argo_core.backtest.research.case import Case, Failed, every_case
from argo_core.backtest.research.sweep import Results, sweep
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_core.testing.wandering_bars import wandering_panel

pytestmark = pytest.mark.oracle

PANEL = wandering_panel(120, 4)
PLANS = [
    Plan(exits=Exits(stops=stops, targets=targets, horizon_s=0))
    for stops in (True, False)
    for targets in (True, False)
]
CASES = every_case([SmaCross(2, slow) for slow in range(5, 17)], PLANS)


@pytest.fixture(scope="module")
def expected() -> Results:
    """What threads here give; what is compiled for it is kept for the workers."""
    pytest.importorskip("distributed")
    return sweep(PANEL, CASES)


@pytest.fixture(scope="module")
def client(expected: Results) -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_a_cluster_gives_what_threads_give(client: Any, expected: Results) -> None:
    told: list[tuple[int, int]] = []
    found = sweep(
        PANEL,
        CASES,
        client.get_executor(pure=False),
        hand_over=client.scatter,
        progress=lambda *done: told.append(done),
    )
    assert found == expected
    assert told[-1] == (48, 48)


def test_a_small_panel_needs_no_handing_over(client: Any) -> None:
    with client.get_executor(pure=False) as executor:
        assert sweep(PANEL, CASES[:8], executor, batch=3) == sweep(PANEL, CASES[:8])


def test_an_error_from_a_worker_is_told_with_its_parameters(client: Any) -> None:
    cases = [*CASES[:2], Case(strategy=SmaCross(2, 5), begin=500), CASES[2]]
    found = sweep(PANEL, cases, client.get_executor(pure=False), batch=1)
    assert found[:2] + found[3:] == sweep(PANEL, CASES[:3])
    assert isinstance(found[2], Failed)
    assert found[2].parameters == SmaCross(2, 5).parameters


def test_stopped_early_the_cluster_holds_nothing_of_it(client: Any) -> None:
    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(PANEL, CASES, client.get_executor(pure=False), batch=1, progress=stop)
    # What a worker was at may come to its end; nothing else is begun, and nothing is kept.
    found = sweep(PANEL, CASES[:3], client.get_executor(pure=False))
    assert found == sweep(PANEL, CASES[:3])
    assert not any(client.processing().values())
