"""Small markets written by hand, in dollars, and what was traded on them, told in dollars."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from attrs import fields, frozen

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import BarLimits, Costs, Exits, Plan
from argo_core.backtest.bars.trading_result import FillReason, Traded
from argo_core.backtest.bars.units import UNITS, from_units
from argo_core.backtest.bars.verdicts import UNKNOWN, Verdicts
from argo_core.market.instrument import Symbol
from argo_core.trading.paper.fees import NO_FEES

DAY_H = 24
_HOUR_US = 3_600_000_000
_NAMES = "ABCDEFGHIJ"


@frozen
class Cell:
    """One bar, prices in dollars, and what a strategy said at its close."""

    open: float
    high: float
    low: float
    close: float
    volume: int
    said: int
    sure: int
    stray: int
    adv: int


def bar(
    opened: float,
    closed: float | None = None,
    *,
    high: float | None = None,
    low: float | None = None,
    volume: int = 1_000_000,
    said: int = 0,
    sure: int = 5_000,
    stray: int = UNKNOWN,
    adv: int | None = None,
) -> Cell:
    """A bar that moves no farther than it is told; `adv` is in dollars."""
    closed = opened if closed is None else closed
    high = max(opened, closed) if high is None else high
    low = min(opened, closed) if low is None else low
    value = UNKNOWN if adv is None else adv * UNITS
    return Cell(opened, high, low, closed, volume, said, sure, stray, value)


def no_bar(said: int = 0) -> Cell:
    """A row without trading, whatever was said of it."""
    return Cell(0, 0, 0, 0, 0, said, 5_000, UNKNOWN, UNKNOWN)


@frozen
class HandMade:
    """Rows of bars with verdicts; symbols are A, B and so on."""

    panel: Panel
    verdicts: Verdicts


def hand_made(
    *rows: Cell | Sequence[Cell], hours: int = DAY_H, sessions: Sequence[int] | None = None
) -> HandMade:
    """Rows `hours` apart, of the sessions given (days), each a session of its own otherwise."""
    cells = [[row] if isinstance(row, Cell) else list(row) for row in rows]

    def column(name: str, factor: int = 1) -> Any:
        return [[round(getattr(cell, name) * factor) for cell in row] for row in cells]

    panel = Panel(
        name="hand-made",
        origin="written by hand",
        symbols=tuple(Symbol(name) for name in _NAMES[: len(cells[0])]),
        bar_s=hours * 3_600,
        known_us=np.arange(1, len(cells) + 1) * hours * _HOUR_US,
        session=np.arange(len(cells)) if sessions is None else np.array(sessions),
        open=column("open", UNITS),
        high=column("high", UNITS),
        low=column("low", UNITS),
        close=column("close", UNITS),
        volume=column("volume"),
    )
    verdicts = Verdicts(
        direction=column("said"),
        confidence_bp=column("sure"),
        stray_ppm=column("stray"),
        adv=column("adv"),
    )
    return HandMade(panel, verdicts)


_QUIET: dict[str, Any] = {
    "capital": Decimal(100_000),
    "spread_ppm": 0,
    "slippage_ppm": 0,
    "participation_ppm": 0,
    "borrow_ppm": 0,
    "fees": NO_FEES,
    "risk_ppm": 0,
    "order_cap": Decimal(1_000),
    "order_ppm": 0,
    "adv_ppm": 0,
    "symbol_ppm": 0,
    "gross_ppm": 0,
    "collar_ppm": 0,
    "cooldown_s": 0,
    "stop_cooldown_s": 0,
    "daily_loss_ppm": 0,
    "drawdown_ppm": 0,
    "short_selling": True,
    "stops": False,
    "targets": False,
    "horizon_s": 0,
}


def quiet(**rules: object) -> Plan:
    """Orders of 1,000 dollars, free of costs and of every rule but those named."""
    told = _QUIET | rules
    parts: dict[str, Any] = {}
    for name, kind in (("costs", Costs), ("limits", BarLimits), ("exits", Exits)):
        names = [one.name for one in fields(kind)]
        parts[name] = kind(**{name: told.pop(name) for name in names if name in told})
    return Plan(**parts, **told)


def deals(traded: Traded) -> list[tuple[int, str, int, float, str]]:
    """Row, symbol, shares (sold below zero), price in dollars and reason of every fill."""
    return [
        (row, _NAMES[place], side * quantity, float(from_units(price)), FillReason(reason).name)
        for row, place, side, quantity, price, _, reason, _, _ in traded.fills.tolist()
    ]


def decided(traded: Traded) -> list[int]:
    """The row in which each fill was decided."""
    return [int(row) for row in traded.fills[:, 7]]


def dollars(units: "Sequence[int] | np.ndarray[Any, np.dtype[np.int64]]") -> list[float]:
    """Amounts in dollars, exact to the unit."""
    return [float(from_units(int(one))) for one in units]
