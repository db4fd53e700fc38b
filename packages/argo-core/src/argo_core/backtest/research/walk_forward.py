"""Walking forward: choose by what was known, trade what comes next, choose again."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor

import numpy as np
from attrs import frozen

from argo_core.backtest.backtest import Backtest
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import Plan
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.research.batch import part
from argo_core.backtest.research.blame import said
from argo_core.backtest.research.case import Case, Ran
from argo_core.backtest.research.sweep import BATCH, HandOver, Results, sweep
from argo_core.backtest.research.windows import Window
from argo_core.backtest.strategy import Strategy
from argo_core.backtest.trading import Progress, trade
from argo_core.errors import InvalidInput

Judge = Callable[[Ran], float | None]
"""By what a candidate is chosen, the greatest; None where it says nothing."""


def daily_sharpe(ran: Ran) -> float | None:
    """Mean by deviation of daily returns, of the rows that are learned from."""
    return ran.sample.sharpe


@frozen(kw_only=True)
class Chosen:
    """In `window` the candidate in place `candidate` was best, by `value`; `results` are of all."""

    window: Window
    candidate: int
    value: float
    results: Results


@frozen(kw_only=True)
class WalkForward:
    """What was chosen in each window, and the one account that traded all of it.

    `backtest` is on the rows of all tests. `tried` is how many trials were made to choose.
    """

    chosen: tuple[Chosen, ...]
    backtest: Backtest

    @property
    def tried(self) -> int:
        return sum(len(one.results) for one in self.chosen)


def walk_forward(
    panel: Panel,
    candidates: Sequence[Strategy],
    plan: Plan,
    windows: Sequence[Window],
    *,
    judge: Judge = daily_sharpe,
    executor: Executor | None = None,
    batch: int = BATCH,
    hand_over: HandOver | None = None,
    progress: Progress | None = None,
) -> WalkForward:
    """Choose the best candidate of each window's training, and trade it in its test.

    Each candidate begins each training with the plan's capital and no position; all are runs of
    one `sweep`, which see. Of equal candidates the first is chosen. Out of sample one account
    goes on from window to window with what it holds: the next choice says when to sell it.

    What a candidate says is computed once of the whole panel, and of it the rows of a window are
    taken. So the candidates must not look ahead (`look_ahead`), and they come into a window warm.

    Raises:
        InvalidInput: there is no candidate or no window, tests do not join up or are not in the
            panel, or no candidate could be judged in a window.
    """
    _check(panel, candidates, windows)
    cases = [
        Case(strategy=one, plan=plan, begin=window.train_begin, end=window.train_end)
        for one in candidates
        for window in windows
    ]
    results = sweep(panel, cases, executor, batch=batch, hand_over=hand_over, progress=progress)
    count = len(windows)
    chosen = tuple(
        _chosen(window, results[place::count], judge) for place, window in enumerate(windows)
    )
    return WalkForward(chosen=chosen, backtest=_traded(panel, candidates, plan, chosen))


def _check(panel: Panel, candidates: Sequence[Strategy], windows: Sequence[Window]) -> None:
    if not candidates or not windows:
        problem = f"{len(candidates)} candidates, {len(windows)} windows"
        raise InvalidInput("walk_forward", problem, "give one of each, or more")
    ends = [one.test_end for one in windows]
    if [one.test_begin for one in windows[1:]] != ends[:-1]:
        raise InvalidInput("windows", "tests do not join up", "let each begin where one ended")
    for one in windows:
        if not 0 <= one.train_begin < one.train_end <= one.test_begin < one.test_end <= panel.rows:
            fix = "give ranges of rows in the panel, each test after its training"
            raise InvalidInput("windows", f"{one} is out of order", fix)


def _chosen(window: Window, results: Results, judge: Judge) -> Chosen:
    values = [judge(one) if isinstance(one, Ran) else None for one in results]
    judged = [value for value in values if value is not None]
    if not judged:
        problem = f"nothing can be said of rows {window.train_begin} to {window.train_end}"
        raise InvalidInput("walk_forward", problem, "give longer windows, or other candidates")
    best = max(judged)
    return Chosen(window=window, candidate=values.index(best), value=best, results=results)


def _traded(
    panel: Panel, candidates: Sequence[Strategy], plan: Plan, chosen: Sequence[Chosen]
) -> Backtest:
    told = {place: said(candidates[place], panel) for place in {one.candidate for one in chosen}}
    parts = [
        part(told[one.candidate], slice(one.window.test_begin, one.window.test_end))
        for one in chosen
    ]
    judged = panel.cut(chosen[0].window.test_begin, chosen[-1].window.test_end)
    names = " ".join(f"{one.window.test_begin}:{one.candidate}" for one in chosen)
    return Backtest(
        strategy="walk-forward",
        parameters={
            "chosen": names,
            **{
                f"candidate {place}": f"{candidates[place].name} {_told(candidates[place])}"
                for place in sorted(told)
            },
        },
        plan=plan,
        panel=judged,
        traded=trade(judged, _stacked(parts), plan),
    )


def _told(strategy: Strategy) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(strategy.parameters.items()))


def _stacked(parts: Sequence[Verdicts]) -> Verdicts:
    return Verdicts(
        direction=np.vstack([one.direction for one in parts]),
        confidence_bp=np.vstack([one.confidence_bp for one in parts]),
        stray_ppm=np.vstack([one.stray_ppm for one in parts]),
        adv=np.vstack([one.adv for one in parts]),
    )
