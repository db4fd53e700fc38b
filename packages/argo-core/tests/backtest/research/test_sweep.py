"""Sweeps: the same results in the same order whatever runs them, and nothing left behind."""

import pickle
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import field, frozen

from argo_core.backtest.bars.arrays import ints
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import BarLimits, Exits, Plan
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.research.batch import total
from argo_core.backtest.research.case import Case, Failed, Ran, every_case
from argo_core.backtest.research.sample import Sample
from argo_core.backtest.research.sweep import sweep
from argo_core.backtest.research.trial import Trial
from argo_core.backtest.run import run
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_core.errors import InvalidInput
from argo_core.testing.wandering_bars import wandering_panel

PANEL = wandering_panel(50, 2)
STRATEGIES = [SmaCross(fast, slow) for fast in (2, 3) for slow in (5, 8, 13)]
PLANS = [
    Plan(exits=Exits(stops=stops, targets=False, horizon_s=0), capital=Decimal(capital))
    for stops in (True, False)
    for capital in (20_000, 50_000)
]
CASES = every_case(STRATEGIES, PLANS)
NOON = datetime(2024, 11, 25, 17, tzinfo=UTC)


@frozen
class Told:
    """Says what another says, and counts how often it was asked."""

    inner: SmaCross
    asked: Callable[[], None]
    name: str = "told"
    parameters: Mapping[str, str] = field(factory=lambda: {"which": "told"})

    def verdicts(self, panel: Panel) -> Verdicts:
        self.asked()
        return self.inner.verdicts(panel)


def refuse() -> None:
    raise InvalidInput("fast", "it is refused", "give another")


def break_down() -> None:
    raise ZeroDivisionError("by nothing")


class Calm(Executor):
    """Runs what it is given at once, here; what it was given is pickled on its way."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.sizes.append(len(args[1]))
        there = pickle.loads(pickle.dumps((fn, args)))  # noqa: S301 - it is our own
        future: Future[Any] = Future()
        future.set_result(pickle.loads(pickle.dumps(there[0](*there[1]))))  # noqa: S301
        return future


def test_every_result_is_that_of_a_single_run_in_the_order_asked_for() -> None:
    results = sweep(PANEL, CASES)
    assert len(results) == len(CASES)
    for case, result in zip(CASES, results, strict=True):
        alone = run(PANEL, case.strategy, case.plan)
        assert isinstance(result, Ran)
        assert result.request_sha256 == alone.request_sha256
        assert result.result_sha256 == alone.result_sha256
        assert result.data_sha256 == PANEL.sha256
        assert result.parameters == case.strategy.parameters
        assert result.plan == case.plan
        assert result.sample == Sample.of(PANEL, alone.traded)
        assert result.fills == len(alone.traded.fills)
        assert result.turnover == sum(row[3] * row[4] for row in alone.traded.fills.tolist())
        assert result.fees == alone.traded.fees
        assert result.trial(NOON) == Trial.of(alone, NOON)
    assert any(isinstance(one, Ran) and one.turnover for one in results)


@pytest.mark.parametrize("batch", [1, 7, 20, 1_000])
def test_neither_executor_nor_batch_changes_a_result(batch: int) -> None:
    expected = sweep(PANEL, CASES)
    calm = Calm()
    assert sweep(PANEL, CASES, calm, batch=batch) == expected
    assert calm.sizes[0] == min(batch, len(CASES))
    with ThreadPoolExecutor(3) as pool:
        assert sweep(PANEL, CASES, pool, batch=batch) == expected
        assert pool.submit(int).result() == 0


def test_a_task_has_twenty_runs_by_default() -> None:
    calm = Calm()
    sweep(PANEL, CASES, calm)
    assert calm.sizes == [20, 4]


def test_plans_of_one_strategy_share_what_it_says_wherever_they_stand() -> None:
    asked: list[int] = []
    one = Told(SmaCross(2, 5), lambda: asked.append(1))
    other = Told(SmaCross(3, 8), lambda: asked.append(2))
    mixed = [Case(strategy=each, plan=plan) for plan in PLANS for each in (one, other)]
    results = sweep(PANEL, mixed)
    assert asked == [1, 2]
    plain = sweep(
        PANEL, [Case(strategy=each.inner, plan=plan) for plan in PLANS for each in (one, other)]
    )
    assert [isinstance(r, Ran) and r.path.tolist() for r in results] == [
        isinstance(r, Ran) and r.path.tolist() for r in plain
    ]


def test_one_that_fails_is_told_with_its_parameters_and_the_others_go_on() -> None:
    bad = Case(strategy=Told(SmaCross(2, 5), refuse), plan=PLANS[0])
    worse = Case(strategy=Told(SmaCross(2, 5), break_down), plan=PLANS[1])
    results = sweep(PANEL, [CASES[0], bad, CASES[1], worse])
    assert results[0::2] == sweep(PANEL, CASES[:2])
    assert results[1] == Failed(
        strategy="told",
        parameters={"which": "told"},
        plan=PLANS[0],
        problem="fast: it is refused; give another",
    )
    assert isinstance(results[3], Failed)
    assert results[3].problem == "ZeroDivisionError: by nothing"


def test_what_dies_with_its_process_is_a_failure_of_its_cases_alone() -> None:
    class Dying(Calm):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            if not self.sizes:
                self.sizes.append(0)
                future.set_exception(BrokenExecutor("it died"))
                return future
            raise BrokenExecutor("it is broken")

    results = sweep(PANEL, CASES, Dying(), batch=20)
    told = [one.problem for one in results if isinstance(one, Failed)]
    assert told == ["BrokenExecutor: it died"] * 20 + ["BrokenExecutor: it is broken"] * 4


def test_a_range_of_rows_is_traded_with_what_was_said_of_all() -> None:
    begun = Case(strategy=STRATEGIES[0], plan=PLANS[2], begin=20, end=40)
    first = Case(strategy=STRATEGIES[0], plan=PLANS[2], end=20)
    late, early, whole = sweep(PANEL, [begun, first, CASES[2]])
    assert isinstance(late, Ran)
    assert isinstance(early, Ran)
    assert isinstance(whole, Ran)
    assert len(late.path) == len(early.path) == 20
    alone = run(PANEL.upto(20), STRATEGIES[0], PLANS[2])
    assert (early.request_sha256, early.result_sha256) == (
        alone.request_sha256,
        alone.result_sha256,
    )
    cold = run(PANEL.cut(20, 40), STRATEGIES[0], PLANS[2])
    assert late.data_sha256 == cold.panel.sha256
    # It was warm at its first row, which is another request than a cold start.
    assert late.request_sha256 != cold.request_sha256
    assert late.fills > 0


@pytest.mark.parametrize(("begin", "end"), [(-1, 5), (5, 5), (40, 51), (50, None)])
def test_rows_that_are_not_there_are_a_failure(begin: int, end: int | None) -> None:
    (result,) = sweep(PANEL, [Case(strategy=STRATEGIES[0], begin=begin, end=end)])
    assert isinstance(result, Failed)
    assert "give a range of rows" in result.problem


def test_progress_is_told_from_none_to_all() -> None:
    told: list[tuple[int, int]] = []
    sweep(PANEL, CASES, batch=5, progress=lambda *done: told.append(done))
    assert told[0] == (0, 24)
    assert told[-1] == (24, 24)
    assert told == sorted(told)


def test_nothing_asked_for_is_nothing_done() -> None:
    told: list[tuple[int, int]] = []
    assert sweep(PANEL, [], progress=lambda *done: told.append(done)) == ()
    assert told == [(0, 0)]


def test_what_progress_raises_ends_it_and_leaves_nothing_running() -> None:
    running, free = threading.Event(), threading.Event()
    asked: list[str] = []
    threads = threading.active_count()

    def wait_there() -> None:
        asked.append("first")
        running.set()
        free.wait(10)
        asked.append("first is done")

    cases = [Case(strategy=Told(SmaCross(2, 5), wait_there), plan=PLANS[0])]
    late = Told(SmaCross(2, 5), lambda: asked.append("late"))
    cases += [Case(strategy=late, plan=plan) for plan in PLANS]

    def stop(done: int, total: int) -> None:
        assert (done, total) == (0, 5)
        running.wait(10)
        threading.Timer(0.05, free.set).start()
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(KeyboardInterrupt):
            sweep(PANEL, cases, pool, batch=1, progress=stop)
        assert asked == ["first", "first is done"]
        # The pool is its owner's, and still good.
        assert len(sweep(PANEL, CASES[:2], pool)) == 2
    with pytest.raises(KeyboardInterrupt):
        sweep(PANEL, CASES, batch=1, progress=stop_at_once)
    assert threading.active_count() <= threads + 1


def stop_at_once(done: int, total: int) -> None:
    raise KeyboardInterrupt


def test_the_panel_is_handed_over_as_the_executor_wants_it() -> None:
    handed: list[str] = []

    def hand_over(panel: Panel) -> Panel:
        handed.append(panel.name)
        return panel

    assert sweep(PANEL, CASES, Calm(), hand_over=hand_over) == sweep(PANEL, CASES)
    assert handed == [PANEL.name]


def test_limits_and_costs_are_swept_as_well() -> None:
    plans = [Plan(limits=BarLimits(positions=most)) for most in (1, 2)]
    results = sweep(PANEL, every_case(STRATEGIES[:2], plans))
    assert len({one.request_sha256 for one in results if isinstance(one, Ran)}) == 4


def test_a_batch_of_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="give 1 or more"):
        sweep(PANEL, CASES, batch=0)


def test_a_turnover_beyond_64_bits_is_told_to_the_unit() -> None:
    each = 9 * 10**17 + 7
    assert total(ints([each] * 1_000)) == each * 1_000
