"""Benchmarks: worked out by hand on few bars, and beside a strategy on more."""

from decimal import Decimal
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pytest
from attrs import evolve

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import BarLimits, Costs, Exits, Plan
from argo_core.backtest.bars.scores import Scores
from argo_core.backtest.bars.trading_result import Traded
from argo_core.backtest.bars.verdicts import UNKNOWN, Verdicts
from argo_core.backtest.dice import uniforms
from argo_core.backtest.research.benchmarks import Beside, BuyAndHold, beside, each_alone, held
from argo_core.backtest.research.chances import chances
from argo_core.backtest.research.equal_weight import equal_weight, worth_by_session
from argo_core.backtest.research.lookahead import look_ahead
from argo_core.backtest.research.random_entries import RandomEntries
from argo_core.backtest.run import run
from argo_core.backtest.strategies.consensus import Consensus
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_core.backtest.trades import daily
from argo_core.consensus.opinion import SourceName
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.testing.wandering_bars import MONDAY, wandering_panel
from argo_core.trading.paper.fees import FeeSchedule

FREE = Costs(spread_ppm=0, slippage_ppm=0, participation_ppm=0, fees=FeeSchedule())
NO_FEES = evolve(FREE, fees=FeeSchedule(sec=Decimal(0), taf=Decimal(0)))
PLAN = Plan(
    costs=NO_FEES,
    limits=BarLimits(adv_ppm=0, cooldown_s=0),
    exits=Exits(stops=False, targets=False, horizon_s=0),
)
PANEL = wandering_panel(80, 3)


def priced(*dollars: list[int], days: list[int] | None = None, volume: int = 10**6) -> Panel:
    """Bars that are flat at these prices, one list for each symbol; 0 for no bar."""
    close = np.array(dollars).T * 10_000
    rows = len(close)
    session = MONDAY + np.array(days if days is not None else range(rows))
    return Panel(
        name="priced",
        origin="made",
        symbols=tuple(Symbol(name) for name in ("A", "B", "C")[: len(dollars)]),
        bar_s=86_400,
        known_us=(session + 1) * 86_400_000_000,
        session=session,
        open=close,
        high=close,
        low=close,
        close=close,
        volume=np.where(close > 0, volume, 0),
    )


def dollars(amounts: npt.ArrayLike) -> list[float]:
    return [float(one) / 10_000 for one in np.asarray(amounts).tolist()]


def test_buy_and_hold_buys_equal_money_of_each_and_never_sells() -> None:
    panel = priced([100, 100, 200, 50], [50, 50, 50, 100])
    traded = run(panel, BuyAndHold(), held(PLAN, 2)).traded
    # 500 of A and 1,000 of B: 50,000 dollars each.
    assert traded.fills[:, [1, 2, 3]].tolist() == [[0, 1, 500], [1, 1, 1_000]]
    assert dollars(traded.equity) == [100_000, 100_000, 150_000, 125_000]


def test_what_begins_later_is_bought_when_it_does() -> None:
    panel = priced([100, 100, 100, 100], [0, 0, 50, 50])
    traded = run(panel, BuyAndHold(), held(PLAN, 2)).traded
    assert traded.fills[:, [0, 1, 3]].tolist() == [[1, 0, 500], [3, 1, 1_000]]


def test_equal_weight_is_set_right_at_the_first_open_of_a_month() -> None:
    # 30 January, 31 January, 1 February, 2 February.
    panel = priced([100, 100, 300, 300], [100, 100, 100, 100], days=[29, 30, 31, 32])
    account = equal_weight(panel, PLAN)
    assert dollars(account.equity) == [100_000, 100_000, 200_000, 200_000]
    # The month ends with the second row: at the third's open, A has tripled and is still held.
    assert account.turnover == 100_000 * 10_000
    later = priced([100, 100, 300, 300, 300], [100] * 5, days=[28, 29, 30, 31, 32])
    account = equal_weight(later, PLAN)
    # 500 of each; then 100,000 dollars of each: 333 of A and 1,000 of B.
    assert account.turnover == (100_000 + 167 * 300 + 500 * 100) * 10_000
    assert dollars(account.equity) == [100_000, 100_000, 200_000, 200_000, 200_000]


def test_equal_weight_pays_what_trading_costs() -> None:
    costs = Costs(spread_ppm=20_000, slippage_ppm=0, participation_ppm=0)
    account = equal_weight(priced([100, 100, 100], days=[29, 31, 32]), evolve(PLAN, costs=costs))
    # At 101 dollars, for 100 could be bought 1,000: the cash does for 990.
    assert account.turnover == 990 * 101 * 10_000
    assert dollars(account.equity)[-1] == 100_000 - 990


def test_equal_weight_pays_the_fees_of_a_sale() -> None:
    panel = priced([100, 100, 300, 300, 300], [100] * 5, days=[28, 29, 30, 31, 32])
    fees = FeeSchedule(minimum=Decimal(1))
    account = equal_weight(panel, evolve(PLAN, costs=evolve(FREE, fees=fees)))
    # Four orders at a dollar each: the second has cash for 499 shares and its fee.
    assert dollars(account.equity)[1] == 99_998
    # Then 99,999 of each. The 167 shares sold for 50,100 dollars pay 1.04 and 0.04 as well.
    assert account.equity[-1] == 1_999_949_200


def test_equal_weight_takes_no_more_than_its_share_of_the_volume() -> None:
    costs = evolve(NO_FEES, participation_ppm=100_000)
    panel = priced([100, 100, 100], volume=500)
    account = equal_weight(panel, evolve(PLAN, costs=costs))
    assert account.turnover == 50 * 100 * 10_000


def test_equal_weight_leaves_alone_what_has_no_bar() -> None:
    panel = priced([100, 100, 0, 0, 0], [100, 100, 100, 200, 200], days=[28, 29, 30, 31, 32])
    account = equal_weight(panel, PLAN)
    assert dollars(account.equity) == [100_000, 100_000, 100_000, 150_000, 150_000]
    # A, absent, stays worth 50,000; B's share is what else there is, which it has already.
    assert account.turnover == 100_000 * 10_000
    nothing = priced([0, 100, 100], days=[0, 1, 2])
    assert equal_weight(nothing, PLAN).turnover == 0


@pytest.mark.parametrize("panel", [PANEL, wandering_panel(30, 1, a_day=7)])
def test_worth_by_session_is_that_of_the_statistics(panel: Panel) -> None:
    equity = np.arange(panel.rows) + 1_000
    flat = np.zeros(panel.rows)
    traded = Traded(
        equity=equity,
        cash=flat,
        gross=flat,
        positions=flat,
        halted=flat,
        reduced=flat,
        fills=np.zeros((0, 9)),
    )
    assert worth_by_session(panel, equity).tolist() == daily(panel, traded).path.tolist()


def runs_of(direction: npt.NDArray[np.int8]) -> list[tuple[int, int]]:
    return [(int(kind), len(list(run))) for kind, run in groupby(direction.tolist())]


def test_random_entries_say_the_same_as_often_and_for_as_long() -> None:
    told = SmaCross(2, 5).verdicts(PANEL)
    changed = 0
    for draw in range(20):
        shuffled = RandomEntries(told, "a", draw).verdicts(PANEL)
        assert np.array_equal(shuffled.stray_ppm, told.stray_ppm)
        assert np.array_equal(shuffled.adv, told.adv)
        for place in range(3):
            before, after = told.direction[:, place], shuffled.direction[:, place]
            assert sorted(after.tolist()) == sorted(before.tolist())
            first = int(np.argmax(before != 0))
            assert not after[:first].any()
            assert np.array_equal(after.astype(int) * 10_000, shuffled.confidence_bp[:, place])
            # Turning it joins two runs and cuts one, at most.
            assert abs(len(runs_of(after)) - len(runs_of(before))) <= 1
            changed += not np.array_equal(after, before)
    assert changed > 50


def test_a_draw_is_the_same_whenever_it_is_drawn() -> None:
    told = SmaCross(2, 5).verdicts(PANEL)
    one = RandomEntries(told, "a", 1)
    assert one.verdicts(PANEL) == one.verdicts(PANEL)
    assert one.verdicts(PANEL) != RandomEntries(told, "b", 1).verdicts(PANEL)
    assert one.parameters == {"seed": "a", "draw": "1"}


def test_what_never_speaks_stays_silent() -> None:
    gone = wandering_panel(20, 2, absent=1.0)
    silent = RandomEntries(SmaCross().verdicts(gone), "a", 0).verdicts(gone)
    assert not silent.direction.any()
    with pytest.raises(InvalidInput, match="its shape is"):
        RandomEntries(SmaCross().verdicts(gone), "a", 0).verdicts(PANEL)


def test_random_entries_trade_as_much() -> None:
    panel = wandering_panel(250, 1)
    found = beside(panel, SmaCross(3, 9), PLAN, draws=15)
    own = run(panel, SmaCross(3, 9), PLAN).traded.fills
    assert found[-1].turnover == pytest.approx((own[:, 3] * own[:, 4]).sum(), rel=0.2)


def named(found: tuple[Beside, ...]) -> dict[str, Beside]:
    return {one.name: one for one in found}


def test_beside_a_strategy_stand_all_benchmarks() -> None:
    found = beside(PANEL, SmaCross(2, 5), PLAN, draws=9)
    assert [one.name for one in found] == ["buy-and-hold", "equal-weight", "random-entries"]
    for one in found:
        assert one.path[0] == 1_000_000_000
        assert len(one.path) == PANEL.rows
        assert one.sample.n == PANEL.rows - 1
        assert one.note
        assert one.turnover > 0
    assert found == beside(PANEL, SmaCross(2, 5), PLAN, draws=9)
    assert found[-1].draws == 9
    hold = run(PANEL, BuyAndHold(), held(PLAN, 3)).traded
    assert np.array_equal(found[0].path, hold.equity)


def test_the_percentile_is_the_share_of_draws_below() -> None:
    found = named(beside(PANEL, SmaCross(2, 5), PLAN, draws=9))["random-entries"]
    own = run(PANEL, SmaCross(2, 5), PLAN).traded.equity[-1]
    told = SmaCross(2, 5).verdicts(PANEL)
    ends = sorted(
        int(run(PANEL, RandomEntries(told, "beside", draw), PLAN).traded.equity[-1])
        for draw in range(9)
    )
    assert found.path[-1] == ends[4]
    assert found.percentile == sum(end < own for end in ends) / 9


def test_losses_that_would_end_trading_leave_the_comparison_equal() -> None:
    panel = wandering_panel(250, 1)
    strict = evolve(PLAN, limits=evolve(PLAN.limits, drawdown_ppm=1_000, order_ppm=1_000_000))
    assert run(panel, SmaCross(3, 9), strict).traded.halted.any()
    free = evolve(strict, limits=evolve(strict.limits, drawdown_ppm=0, daily_loss_ppm=0))
    found = [beside(panel, SmaCross(3, 9), plan, draws=5)[-1] for plan in (strict, free)]
    assert found[0] == found[1]


def test_what_always_says_the_same_is_level_with_every_draw() -> None:
    found = named(beside(PANEL, BuyAndHold(), PLAN, draws=4))["random-entries"]
    assert found.percentile == 0.5
    assert "above 50% of them" in found.note


def test_what_never_trades_has_no_turnover_to_compare() -> None:
    found = named(beside(wandering_panel(10, 1), SmaCross(), PLAN, draws=2))["random-entries"]
    assert "not comparable with its own" in found.note


def test_each_source_of_a_consensus_is_believed_alone() -> None:
    silent = np.full((80, 3), np.nan)
    grok = SourceName("grok")
    strategy = Consensus(recorded=(Scores(grok, silent),))
    assert [one.name for one in each_alone(strategy)] == [
        "alone-alpha-vantage",
        "alone-grok",
        "alone-massive",
    ]
    assert each_alone(SmaCross()) == ()
    found = beside(PANEL, strategy, PLAN, draws=2)
    assert [one.name for one in found][2:-1] == [one.name for one in each_alone(strategy)]
    chosen = beside(PANEL, strategy, PLAN, draws=2, alone=[SmaCross(2, 5)])
    assert [one.name for one in chosen][2:-1] == ["sma-cross"]


def test_a_benchmark_that_cannot_be_run_is_named() -> None:
    short = Scores(SourceName("grok"), np.zeros((5, 3)))
    with pytest.raises(InvalidInput, match="alone-grok cannot be run"):
        beside(PANEL, SmaCross(), PLAN, draws=1, alone=each_alone(Consensus(recorded=(short,))))


def test_no_draw_at_all_is_refused() -> None:
    with pytest.raises(InvalidInput, match="give 1 or more"):
        beside(PANEL, SmaCross(), PLAN, draws=0)


@pytest.mark.parametrize("strategy", [BuyAndHold(), SmaCross(3, 9), Consensus()])
def test_no_strategy_of_the_house_looks_ahead(strategy: BuyAndHold) -> None:
    for panel in (PANEL, wandering_panel(120, 2, a_day=4, absent=0.1)):
        assert look_ahead(strategy, panel) is None


def test_recorded_opinions_are_cut_with_their_rows() -> None:
    heard = Scores(SourceName("grok"), chances(80, 3, "heard"), 60 * chances(80, 3, "age"))
    strategy = Consensus(recorded=(heard,))
    assert look_ahead(strategy, PANEL) is None
    for one in each_alone(strategy):
        assert look_ahead(one, PANEL) is None


def test_a_request_names_what_was_recorded() -> None:
    heard = [Scores(SourceName("grok"), chances(80, 3, seed)) for seed in ("a", "b")]
    aged = Scores(heard[0].source, heard[0].strength, np.ones((80, 3)))
    strategies = [Consensus(recorded=(one,)) for one in (*heard, aged)]
    assert len({one.parameters["recorded"] for one in strategies}) == 3
    assert len({each_alone(one)[1].parameters["recorded"] for one in strategies}) == 3


def test_the_detector_sees_that_draws_were_made_with_hindsight() -> None:
    """They are made of all that a strategy said, so they are a benchmark and no strategy."""
    told = SmaCross(2, 5).verdicts(PANEL)
    with pytest.raises(InvalidInput, match="its shape is"):
        look_ahead(RandomEntries(told, "a", 1), PANEL)


def test_tables_of_chance_are_the_dice() -> None:
    dice = uniforms("a", 1)
    assert chances(3, 4, "a", 1).ravel().tolist() == [next(dice) for _ in range(12)]
    assert np.array_equal(chances(5, 2, "b")[:3], chances(3, 2, "b"))


def test_verdicts_of_a_holder_say_nothing_of_the_market() -> None:
    told = BuyAndHold().verdicts(PANEL)
    assert isinstance(told, Verdicts)
    assert (told.adv == UNKNOWN).all()
    assert BuyAndHold().parameters == {}
