"""One account, walked through at once or row by row: the same after every row."""

from decimal import Decimal

import numpy as np
import pytest
from attrs import evolve

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import BarLimits, Costs, Exits, Plan
from argo_core.backtest.bars.trading_result import Traded
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.run import run
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_core.backtest.trading import Stepper, trade
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.testing.panels import panel_of, sessions_of_bars
from argo_core.trading.paper.fees import FeeSchedule

PLAN = Plan(
    limits=BarLimits(adv_ppm=0, drawdown_ppm=0, positions=2, cooldown_s=0),
    exits=Exits(horizon_s=1_200),
)


def market(rows: int = 300) -> Panel:
    names = ("ONE", "TWO", "TEN")
    return panel_of([sessions_of_bars(seed, rows, symbol=name) for seed, name in enumerate(names)])


def cut(verdicts: Verdicts, begin: int, end: int) -> Verdicts:
    return Verdicts(
        direction=verdicts.direction[begin:end],
        confidence_bp=verdicts.confidence_bp[begin:end],
        stray_ppm=verdicts.stray_ppm[begin:end],
        adv=verdicts.adv[begin:end],
    )


def test_rows_that_come_one_by_one_give_the_account_that_all_at_once_give() -> None:
    panel = market()
    verdicts = SmaCross(3, 9).verdicts(panel)
    whole = trade(panel, verdicts, PLAN)
    stepper = Stepper(len(panel.symbols), PLAN)
    for rows in range(1, panel.rows + 1):
        sofar: Traded = stepper.through(panel.upto(rows), cut(verdicts, 0, rows))
        assert sofar.equity[-1] == whole.equity[rows - 1]
    assert sofar == whole
    assert len(whole.fills) > 20


def test_progress_is_told_and_may_end_a_run() -> None:
    panel = market()
    told: list[tuple[int, int]] = []
    run(panel, SmaCross(3, 9), PLAN, progress=lambda done, rows: told.append((done, rows)))
    assert told[0] == (0, panel.rows)
    assert told[-1] == (panel.rows, panel.rows)

    class EnoughError(Exception):
        pass

    def enough(_done: int, _rows: int) -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        run(panel, SmaCross(3, 9), PLAN, progress=enough)


def test_many_fills_are_written_down_over_several_turns() -> None:
    rows = 3_000
    panel = panel_of([sessions_of_bars(1, rows, traded=1.0)])
    way = np.where(np.arange(panel.rows) % 2 == 0, 1, -1)[:, None]
    verdicts = Verdicts(
        direction=way, confidence_bp=way, stray_ppm=np.full(way.shape, 9_000), adv=way * 0
    )
    plan = evolve(PLAN, limits=evolve(PLAN.limits, daily_loss_ppm=0))
    traded = trade(panel, verdicts, plan)
    assert len(traded.fills) > rows * 0.9
    assert (np.diff(traded.fills[:, 0]) >= 0).all()


def test_the_same_run_has_the_same_hashes_and_another_has_others() -> None:
    panel = market()
    one, other = run(panel, SmaCross(3, 9), PLAN), run(market(), SmaCross(3, 9), PLAN)
    assert one.result_sha256 == other.result_sha256
    assert one.request_sha256 != run(panel, SmaCross(3, 8), PLAN).request_sha256
    dearer = run(panel, SmaCross(3, 9), evolve(PLAN, costs=Costs(slippage_ppm=500)))
    assert one.result_sha256 != dearer.result_sha256
    assert dearer.traded.equity[-1] < one.traded.equity[-1]


@pytest.mark.parametrize(
    "fees",
    [
        {"per_share": "0.000000001"},
        {"sec": "1.5"},
        {"minimum": "10000000000"},
    ],
)
def test_fees_that_cannot_be_reckoned_with_are_refused(fees: dict[str, str]) -> None:
    schedule = FeeSchedule(**{name: Decimal(text) for name, text in fees.items()})
    with pytest.raises(InvalidInput, match="fees"):
        Stepper(1, evolve(PLAN, costs=Costs(fees=schedule)))


def test_an_account_without_symbols_is_refused() -> None:
    with pytest.raises(InvalidInput, match="symbols"):
        Stepper(0, PLAN)


def test_verdicts_of_other_bars_are_refused() -> None:
    panel = market()
    with pytest.raises(InvalidInput, match="shape"):
        trade(panel.upto(10), SmaCross().verdicts(panel), PLAN)


BOUNDLESS = Plan(
    capital=Decimal(10**10),
    costs=Costs(participation_ppm=0, spread_ppm=0, slippage_ppm=0),
    limits=BarLimits(
        risk_ppm=0,
        order_cap=Decimal(10**10),
        order_ppm=0,
        adv_ppm=0,
        symbol_ppm=0,
        gross_ppm=0,
        collar_ppm=0,
        cooldown_s=0,
        daily_loss_ppm=0,
        drawdown_ppm=0,
        short_selling=True,
    ),
    exits=Exits(stops=False, targets=False, horizon_s=0),
)


def flat(*prices: int, days: int = 1) -> Panel:
    """Daily bars of one price each, in units, so many days apart."""
    table, rows = np.array(prices)[:, None], len(prices)
    return Panel(
        name="flat",
        origin="by hand",
        symbols=(Symbol("ACME"),),
        bar_s=86_400,
        known_us=(np.arange(rows) * days + 1) * 86_400_000_000,
        session=np.arange(rows) * days,
        open=table,
        high=table,
        low=table,
        close=table,
        volume=np.ones((rows, 1)),
    )


def traded_all_in(panel: Panel, *way: int) -> Traded:
    ways = np.array(way)[:, None]
    verdicts = Verdicts(
        direction=ways, confidence_bp=ways, stray_ppm=ways * 0 - 1, adv=ways * 0 - 1
    )
    return trade(panel, verdicts, BOUNDLESS)


@pytest.mark.parametrize(
    ("panel", "ways"),
    [
        pytest.param(flat(1, 1, 10**6), (1, 1, 1), id="bought at a unit and risen"),
        pytest.param(flat(1, 1, 10**6), (-1, -1, -1), id="sold at a unit and risen"),
        pytest.param(flat(1, 1, 10**6), (1, -1, 0), id="closed at an open far above the last"),
        pytest.param(flat(1, 10**11), (-1, 0), id="sold at an open far above the decision"),
        pytest.param(flat(1, 1, 5_000, 5_000, days=80_000), (-1,) * 4, id="lent for centuries"),
    ],
)
def test_what_is_worth_more_than_64_bits_hold_ends_in_a_refusal_and_no_false_number(
    panel: Panel, ways: tuple[int, ...]
) -> None:
    with pytest.raises(InvalidInput, match="more than can be reckoned with"):
        traded_all_in(panel, *ways)


def test_ten_billion_dollars_of_a_stock_at_a_unit_are_reckoned_with() -> None:
    traded = traded_all_in(flat(1, 1, 8_000), 1, 1, 1)
    assert traded.equity[-1] == traded.cash[-1] + 8_000 * traded.fills[0, 3]
    assert traded.equity[-1] > 79 * 10**16
