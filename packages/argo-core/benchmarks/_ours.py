"""Argo on the work: compiled, and in plain objects."""

import time
from collections.abc import Callable
from decimal import Decimal

from attrs import evolve
from benchmarks._bars import panel_of
from benchmarks._loops import FULL_HALF, FULL_HORIZON, FULL_SLIPPAGE, order_ppm
from benchmarks._work import ORDER, UNITS, Work

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import BarLimits, Costs, Exits, Plan
from argo_core.backtest.kernel.compiled import COMPILED
from argo_core.backtest.plain.walk import trade_plainly
from argo_core.backtest.run import run
from argo_core.backtest.strategies.consensus import Consensus
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_core.backtest.strategy import Strategy
from argo_core.backtest.trading import trade
from argo_core.trading.paper.fees import NO_FEES

FREE = Costs(spread_ppm=0, slippage_ppm=0, participation_ppm=0, borrow_ppm=0, fees=NO_FEES)
UNLIMITED = BarLimits(
    risk_ppm=0,
    order_cap=Decimal(ORDER),
    order_ppm=0,
    adv_ppm=0,
    symbol_ppm=0,
    gross_ppm=0,
    positions=100_000,
    collar_ppm=0,
    cooldown_s=0,
    stop_cooldown_s=0,
    daily_loss_ppm=0,
    drawdown_ppm=0,
)
BY_SIGNAL = Exits(stops=False, targets=False, horizon_s=0)
Chosen = tuple[Strategy, Plan]


def simple(work: Work) -> Chosen:
    """What everybody can do: an order of so many dollars, and nothing that it costs."""
    plan = Plan(capital=Decimal(work.capital), costs=FREE, limits=UNLIMITED, exits=BY_SIGNAL)
    return SmaCross(horizon_bars=FULL_HORIZON), plan


def full(work: Work) -> Chosen:
    """With shared cash, stops, spread and slippage."""
    cash = Decimal(10**9)
    share = order_ppm(len(work.symbols))
    plan = Plan(
        capital=Decimal(work.capital),
        costs=evolve(FREE, spread_ppm=2 * FULL_HALF, slippage_ppm=FULL_SLIPPAGE),
        limits=evolve(UNLIMITED, order_cap=cash, order_ppm=share),
        exits=evolve(BY_SIGNAL, stops=True),
    )
    return SmaCross(horizon_bars=FULL_HORIZON), plan


def strategy(work: Work) -> Chosen:
    """Weighted Consensus with the costs and limits of every day, for so much capital."""
    usual = Plan()
    plan = Plan(
        capital=Decimal(work.capital),
        limits=evolve(
            usual.limits,
            order_cap=Decimal(work.capital),
            order_ppm=20_000,
            positions=50,
            daily_loss_ppm=0,
            drawdown_ppm=0,
        ),
        exits=evolve(usual.exits, horizon_s=20 * 86_400),
    )
    return Consensus(horizon_bars=20), plan


CHOSEN: dict[str, Callable[[Work], Chosen]] = {
    "simple": simple,
    "full": full,
    "strategy": strategy,
}


class Compiled:
    """A run as a caller has it: verdicts, fills, and what the account was worth in the end."""

    def __init__(self, panel: Panel, chosen: Chosen) -> None:
        assert COMPILED, "numba is not installed"
        self._panel, (self._strategy, self._plan) = panel, chosen
        self.more: dict[str, object] = {}

    def __call__(self) -> float:
        done = run(self._panel, self._strategy, self._plan)
        self.more["fills"] = len(done.traded.fills)
        return float(done.traded.equity[-1]) / UNITS

    def parts(self) -> dict[str, object]:
        """What verdicts and fills take of it, measured once more."""
        began = time.perf_counter()
        verdicts = self._strategy.verdicts(self._panel)
        said = time.perf_counter()
        trade(self._panel, verdicts, self._plan)
        return {"verdicts_s": said - began, "fills_s": time.perf_counter() - said}


def argo(work: Work, kind: str) -> Compiled:
    return Compiled(panel_of(work), CHOSEN[kind](work))


def reference(work: Work, kind: str) -> Callable[[], float]:
    """The plain objects; what the strategy says is computed by the same arrays."""
    panel, (chosen, plan) = panel_of(work), CHOSEN[kind](work)

    def once() -> float:
        traded = trade_plainly(panel, chosen.verdicts(panel), plan)
        return float(traded.equity[-1]) / UNITS

    return once
