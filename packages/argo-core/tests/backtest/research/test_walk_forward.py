"""Walking forward: the best of each training is traded in the test after it, in one account."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from attrs import evolve, field, frozen

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import BarLimits, Costs, Exits, Plan
from argo_core.backtest.bars.verdicts import UNKNOWN, Verdicts
from argo_core.backtest.research.case import Failed, Ran
from argo_core.backtest.research.walk_forward import WalkForward, walk_forward
from argo_core.backtest.research.windows import Window, walk_windows
from argo_core.backtest.run import run
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_core.errors import InvalidInput
from argo_core.testing.wandering_bars import wandering_panel

PANEL = wandering_panel(60, 2)
PLAN = Plan(
    costs=Costs(participation_ppm=0),
    limits=BarLimits(
        short_selling=True, adv_ppm=0, collar_ppm=0, cooldown_s=0, drawdown_ppm=0, daily_loss_ppm=0
    ),
    exits=Exits(stops=False, targets=False, horizon_s=0),
)
WINDOWS = walk_windows(60, train=20, test=10, purge=2)


@frozen
class Leaning:
    """Says one thing of every bar."""

    way: int
    name: str = "leaning"
    parameters: Mapping[str, str] = field(
        factory=lambda: {"lean": "one way", "by": "much"}, kw_only=True
    )

    def verdicts(self, panel: Panel) -> Verdicts:
        if self.way > 1:
            raise ZeroDivisionError("it is beyond itself")
        direction = np.where(panel.there, self.way, 0)
        unknown = np.full(direction.shape, UNKNOWN)
        return Verdicts(
            direction=direction, confidence_bp=100 * direction, stray_ppm=unknown, adv=unknown
        )


LEANING = [Leaning(0), Leaning(1), Leaning(-1)]


def walked(**changed: object) -> WalkForward:
    return walk_forward(PANEL, LEANING, PLAN, WINDOWS, **changed)  # type: ignore[arg-type]


def test_the_best_of_each_training_is_chosen() -> None:
    found = walked()
    assert [one.window for one in found.chosen] == list(WINDOWS)
    for one in found.chosen:
        sharpes = []
        for strategy in LEANING:
            begin, end = one.window.train_begin, one.window.train_end
            cold = run(PANEL.cut(begin, end), strategy, PLAN)
            path = cold.traded.equity.astype(float)
            daily = np.diff(path) / path[:-1]
            sharpes.append(daily.mean() / daily.std(ddof=1) if daily.any() else None)
        # Doing nothing has no Sharpe ratio.
        assert sharpes[0] is None
        known = [value for value in sharpes if value is not None]
        assert one.value == pytest.approx(max(known))
        assert one.candidate == sharpes.index(max(known))
    assert len({one.candidate for one in found.chosen}) == 2
    assert found.tried == 3 * len(WINDOWS)


def test_one_account_trades_what_was_chosen_through_all_tests() -> None:
    found = walked()
    backtest = found.backtest
    assert backtest.panel == PANEL.cut(22, 60)
    assert backtest.traded.equity[0] == 1_000_000_000
    said = [LEANING[one.candidate].way for one in found.chosen]
    direction = np.repeat(said, 10)[:38, None] * np.ones((1, 2))
    held = np.cumsum(np.bincount(backtest.traded.fills[:, 0], backtest.traded.fills[:, 2], 38))
    # From the row after the first decision on it is long or short as the last choice says.
    turns = np.flatnonzero(np.diff(direction[:, 0]))
    assert set(backtest.traded.fills[:, 7].tolist()) >= {0, *(turns + 1).tolist()}
    assert held[1] == 2 * said[0]


def test_it_names_what_it_did() -> None:
    told = walked().backtest
    assert told.strategy == "walk-forward"
    assert told.parameters["chosen"].startswith("22:")
    assert told.parameters["candidate 1"] == "leaning by=much lean=one way"
    assert "candidate 0" not in told.parameters


def test_the_executor_does_not_matter() -> None:
    with ThreadPoolExecutor(2) as pool:
        assert walked(executor=pool, batch=2) == walked()


def test_candidates_come_warm_into_a_window() -> None:
    windows = walk_windows(60, train=12, test=12, purge=1)
    found = walk_forward(PANEL, [SmaCross(3, 11)], PLAN, windows)
    first = found.backtest.traded.fills[0]
    assert (first[0], first[7]) == (1, 0)


def test_another_judge_chooses_otherwise_and_equals_are_the_firsts() -> None:
    found = walked(judge=lambda ran: float(-ran.fills))
    assert [one.candidate for one in found.chosen] == [0] * len(WINDOWS)
    found = walked(judge=lambda ran: 1.0 if ran.fills else None)
    assert [one.candidate for one in found.chosen] == [1] * len(WINDOWS)


def test_a_candidate_that_fails_is_not_chosen() -> None:
    found = walk_forward(PANEL, [Leaning(2), Leaning(1)], PLAN, WINDOWS)
    assert {one.candidate for one in found.chosen} == {1}
    failed, ran = found.chosen[0].results
    assert isinstance(failed, Failed)
    assert failed.problem == "ZeroDivisionError: it is beyond itself"
    assert isinstance(ran, Ran)


def test_progress_counts_candidates_times_windows() -> None:
    told: list[tuple[int, int]] = []
    walked(progress=lambda *done: told.append(done))
    assert told[-1] == (12, 12)


def test_nothing_to_choose_by_is_refused() -> None:
    with pytest.raises(InvalidInput, match="nothing can be said of rows 0 to 20"):
        walk_forward(PANEL, [Leaning(0), Leaning(2)], PLAN, WINDOWS)


def test_nothing_to_choose_from_is_refused() -> None:
    with pytest.raises(InvalidInput, match="0 candidates"):
        walk_forward(PANEL, [], PLAN, WINDOWS)
    with pytest.raises(InvalidInput, match="0 windows"):
        walk_forward(PANEL, LEANING, PLAN, [])


@pytest.mark.parametrize(
    ("windows", "says"),
    [
        (WINDOWS[::2], "do not join up"),
        (walk_windows(61, train=20, test=10), "out of order"),
        ([evolve(WINDOWS[0], train_end=23)], "out of order"),
        ([evolve(WINDOWS[0], train_begin=-1)], "out of order"),
        ([evolve(WINDOWS[0], test_end=22)], "out of order"),
    ],
    ids=["a gap", "too long", "training in the test", "before all", "empty"],
)
def test_windows_that_do_not_walk_are_refused(windows: list[Window], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        walk_forward(PANEL, LEANING, PLAN, windows)
