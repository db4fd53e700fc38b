"""The compiled step and the plain objects agree to the unit on five years of 505 real stocks."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import BarLimits, Costs, Exits, Plan
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.kernel.compiled import COMPILED
from argo_core.backtest.plain.walk import trade_plainly
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_core.backtest.trading import trade

pytestmark = pytest.mark.oracle
pytest.importorskip("numba", reason="numba is not installed")
pytest.importorskip("pyarrow", reason="pyarrow is not installed")

from argo_adapters.bars.parquet import read_parquet  # noqa: E402 - it needs pyarrow

DATA = Path(__file__).parents[4].parent / "shared" / "data" / "sp500_daily_5y"

BUSY = Plan(
    capital=Decimal(10_000_000),
    costs=Costs(spread_ppm=301, participation_ppm=1_000),
    limits=BarLimits(
        risk_ppm=500,
        order_ppm=5_000,
        adv_ppm=5_000,
        symbol_ppm=20_000,
        gross_ppm=1_500_000,
        positions=150,
        collar_ppm=10_000,
        cooldown_s=5 * 86_400,
        stop_cooldown_s=10 * 86_400,
        drawdown_ppm=0,
        short_selling=True,
    ),
    exits=Exits(trail_ppm=80_000, horizon_s=30 * 86_400, hold_closes=True),
    patience_rows=3,
)


@pytest.fixture(scope="module")
def stocks() -> Panel:
    path = DATA / "sp500_daily_5y.parquet"
    if not path.exists():
        pytest.skip("the five years of 505 stocks are not beside the project")
    return read_parquet(path)


@pytest.fixture(scope="module")
def verdicts(stocks: Panel) -> Verdicts:
    said = SmaCross().verdicts(stocks)
    # A cross is always equally sure; by the distance that it strays they come in another order.
    sure = said.direction * np.clip(said.stray_ppm // 10, 0, 10_000)
    return Verdicts(
        direction=said.direction, confidence_bp=sure, stray_ppm=said.stray_ppm, adv=said.adv
    )


@pytest.mark.parametrize("plan", [Plan(), BUSY], ids=["as-live", "busy"])
def test_both_forms_agree_on_505_stocks(stocks: Panel, verdicts: Verdicts, plan: Plan) -> None:
    assert COMPILED
    step, plain = trade(stocks, verdicts, plan), trade_plainly(stocks, verdicts, plan)
    assert len(stocks.symbols) == 505
    assert len(step.fills) > 50
    assert step == plain
