"""Sweeps in other processes: what comes back is the same, and what dies there is told here."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
from attrs import field, frozen

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import BarLimits, Exits, Plan
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.research.case import Case, Failed, every_case
from argo_core.backtest.research.sweep import sweep
from argo_core.backtest.research.walk_forward import walk_forward
from argo_core.backtest.research.windows import walk_windows
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_core.testing.wandering_bars import wandering_panel

PANEL = wandering_panel(50, 2)
PLANS = [
    Plan(limits=BarLimits(adv_ppm=0), exits=Exits(stops=stops, horizon_s=0))
    for stops in (True, False)
]
CASES = every_case([SmaCross(2, slow) for slow in range(5, 11)], PLANS)


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield pool


@frozen
class Lethal:
    """Kills whatever process it comes to."""

    name: str = "lethal"
    parameters: Mapping[str, str] = field(factory=lambda: {"dose": "all"})

    def __reduce__(self) -> tuple[Callable[[int], Any], tuple[int]]:
        return os._exit, (1,)

    def verdicts(self, panel: Panel) -> Verdicts:
        raise AssertionError(panel)


@frozen
class Rooted:
    """Cannot leave this process."""

    here: Callable[[], None]
    name: str = "rooted"
    parameters: Mapping[str, str] = field(factory=dict)

    def verdicts(self, panel: Panel) -> Verdicts:
        raise AssertionError(panel)


def test_processes_give_what_threads_give(processes: ProcessPoolExecutor) -> None:
    assert sweep(PANEL, CASES, processes, batch=5) == sweep(PANEL, CASES)
    windows = walk_windows(50, train=20, test=10)
    candidates = [SmaCross(2, 5), SmaCross(2, 7)]
    there = walk_forward(PANEL, candidates, PLANS[1], windows, executor=processes)
    assert there == walk_forward(PANEL, candidates, PLANS[1], windows)


def test_an_error_from_there_is_told_with_its_parameters(processes: ProcessPoolExecutor) -> None:
    cases = [*CASES[:2], Case(strategy=SmaCross(2, 5), begin=50), *CASES[2:4]]
    results = sweep(PANEL, cases, processes, batch=2)
    assert results[:2] + results[3:] == sweep(PANEL, CASES[:4])
    assert isinstance(results[2], Failed)
    assert results[2].parameters == SmaCross(2, 5).parameters
    assert "give a range of rows" in results[2].problem


def test_what_cannot_travel_is_a_failure_of_its_task(processes: ProcessPoolExecutor) -> None:
    rooted = Case(strategy=Rooted(lambda: None))
    results = sweep(PANEL, [CASES[0], rooted, CASES[1]], processes, batch=1)
    assert results[0::2] == sweep(PANEL, CASES[:2])
    assert isinstance(results[1], Failed)
    assert "pickle" in results[1].problem


def test_a_process_that_dies_is_told_and_nothing_hangs() -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        results = sweep(PANEL, [CASES[0], Case(strategy=Lethal())], pool, batch=1)
    assert isinstance(results[1], Failed)
    assert results[1].parameters == {"dose": "all"}
    assert "BrokenProcessPool" in results[1].problem


def test_stopped_early_the_pool_is_idle_again(processes: ProcessPoolExecutor) -> None:
    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(PANEL, CASES, processes, batch=1, progress=stop)
    assert sweep(PANEL, CASES[:3], processes) == sweep(PANEL, CASES[:3])
