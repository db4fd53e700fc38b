"""Small markets and results by hand."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import pytest

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.trading_result import Traded
from argo_core.market.instrument import Symbol

MakePanel: TypeAlias = Callable[..., Panel]
MakeTraded: TypeAlias = Callable[..., Traded]
DAY_US = 86_400_000_000


@pytest.fixture
def make_panel() -> MakePanel:
    """Bars that open, rise, fall and close at one price: `closes` (T, N) in dollars, 0 for none."""

    def make(closes: Sequence[Sequence[float]], session: Sequence[int] | None = None) -> Panel:
        close = np.rint(np.array(closes, dtype=np.float64) * 10_000).astype(np.int64)
        days = np.arange(len(close)) + 19_000 if session is None else np.array(session)
        return Panel(
            name="by hand",
            origin="a test",
            symbols=tuple(Symbol(name) for name in "ABCD"[: close.shape[1]]),
            bar_s=86_400,
            known_us=days * DAY_US + np.arange(len(close)),
            session=days,
            open=close,
            high=close,
            low=close,
            close=close,
            volume=np.where(close > 0, 1_000_000, 0),
        )

    return make


@pytest.fixture
def make_traded() -> MakeTraded:
    """Equity after each row and fills, in units; all of it cash where `gross` is not given."""

    def make(
        equity: Sequence[int],
        fills: Sequence[Sequence[int]] = (),
        gross: Sequence[int] | None = None,
        fees: int = 0,
        borrow: int = 0,
    ) -> Traded:
        rows = len(equity)
        held = np.zeros(rows, dtype=np.int64) if gross is None else np.array(gross)
        return Traded(
            equity=equity,
            cash=equity - held,
            gross=held,
            positions=held > 0,
            halted=np.zeros(rows),
            reduced=np.zeros(rows),
            fills=np.array(fills, dtype=np.int64).reshape(-1, 9),
            fees=fees,
            borrow=borrow,
        )

    return make
