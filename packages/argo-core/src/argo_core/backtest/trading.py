"""Trade verdicts on bars: the account walked through the rows by the compiled step."""

from collections.abc import Callable
from decimal import ROUND_CEILING, Decimal
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import Plan
from argo_core.backtest.bars.trading_result import FILL_COLUMNS, Traded
from argo_core.backtest.bars.units import to_units
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.kernel import layout as at
from argo_core.backtest.kernel.layout import Book, Table
from argo_core.backtest.kernel.step import MOST_SYMBOLS, walk
from argo_core.errors import InvalidInput

_T = TypeVar("_T", bound=np.generic)

MICRO = 1_000_000
CENT = Decimal("0.01")
_ROWS_AT_ONCE = 256
_LEAST_FILLS = 4_096
_NO_STRAYS = np.empty((0, 0), dtype=np.int32)
_NO_VALUES = np.empty((0, 0), dtype=np.int64)

Progress = Callable[[int, int], None]
"""Told how many rows are done, and of how many. What it raises ends the run."""


def trade(
    panel: Panel, verdicts: Verdicts, plan: Plan, *, progress: Progress | None = None
) -> Traded:
    """What becomes of the account if `verdicts` are traded on `panel` by `plan`.

    Raises:
        InvalidInput: the verdicts are of other bars, the plan cannot be reckoned with, or what is
            held came to be worth more than ninety trillion dollars.
    """
    verdicts.fit(panel)
    return Stepper(len(panel.symbols), plan).through(panel, verdicts, progress)


class Stepper:
    """An account that takes one row after another, all at once or as they come.

    It is what `trade` walks with; whoever gets bars one by one may step with it and will hold the
    same account after each row.
    """

    def __init__(self, symbols: int, plan: Plan) -> None:
        if not 0 < symbols < MOST_SYMBOLS:
            problem = f"{symbols} of them"
            raise InvalidInput("symbols", problem, f"give 1 to {MOST_SYMBOLS - 1}")
        capital = to_units("capital", plan.capital)
        account = np.zeros(at.ACCOUNTS, dtype=np.int64)
        account[[at.CASH, at.EQUITY, at.HIGH, at.OPENED]] = capital
        account[at.ROW] = -1
        self._book = Book(
            state=np.zeros((at.STATES, symbols), dtype=np.int64),
            held=np.zeros(symbols, dtype=np.int64),
            waiting=np.zeros(symbols, dtype=np.int64),
            candidates=np.zeros(symbols, dtype=np.int64),
            account=account,
            params=params(plan),
            fills=np.zeros((max(_LEAST_FILLS, 6 * symbols), len(FILL_COLUMNS)), dtype=np.int64),
        )
        self._fills: list[Ints] = []
        self._money: list[Ints] = []

    def through(self, panel: Panel, verdicts: Verdicts, progress: Progress | None = None) -> Traded:
        """Take the rows of `panel` that have not been taken yet; the account since the first."""
        account, rows = self._book.account, panel.rows
        begun = int(account[at.ROW]) + 1
        money = np.zeros((rows, 6), dtype=np.int64)
        table = _table(panel, verdicts, self._book.params)
        while (done := int(account[at.ROW]) + 1) < rows:
            if progress is not None:
                progress(done, rows)
            self._walk(table, money, min(rows, done + _ROWS_AT_ONCE))
            self._fills.append(self._book.fills[: account[at.FILLS]].copy())
            account[at.FILLS] = 0
        if progress is not None:
            progress(rows, rows)
        self._money.append(money[begun:])
        equity, cash, gross, positions, halted, reduced = np.concatenate(self._money).T
        return Traded(
            equity=equity,
            cash=cash,
            gross=gross,
            positions=positions,
            halted=halted,
            reduced=reduced,
            fills=np.concatenate(self._fills),
            fees=int(account[at.FEES]),
            borrow=int(account[at.BORROW]),
        )

    def _walk(self, table: Table, money: Ints, until: int) -> None:
        try:
            walk(self._book, table, money, until)
        except OverflowError as beyond:
            fix = "start with less, or limit orders and positions (`limits`)"
            raise InvalidInput("capital", str(beyond), fix) from beyond


def _table(panel: Panel, verdicts: Verdicts, plan: Ints) -> Table:
    leveled = plan[at.STOPS] or plan[at.TARGETS]
    # Arrays that came through a pickle can be written to; machine code is made for one kind alone.
    return Table(
        known=_read_only(panel.known_us),
        session=_read_only(panel.session),
        open=_read_only(panel.open),
        high=_read_only(panel.high),
        low=_read_only(panel.low),
        close=_read_only(panel.close),
        volume=_read_only(panel.volume),
        direction=_read_only(verdicts.direction),
        confidence=_read_only(verdicts.confidence_bp),
        stray=_read_only(verdicts.stray_ppm if leveled else _NO_STRAYS),
        adv=_read_only(verdicts.adv if plan[at.ADV] else _NO_VALUES),
    )


def _read_only(array: npt.NDArray[_T]) -> npt.NDArray[_T]:
    view = array.view()
    view.flags.writeable = False
    return view


def params(plan: Plan) -> Ints:
    """The plan as the compiled step reads it.

    Raises:
        InvalidInput: a fee has more digits than are reckoned with.
    """
    costs, limits, exits = plan.costs, plan.limits, plan.exits
    numbers = np.zeros(at.PARAMS, dtype=np.int64)
    for place, value in {
        at.HALF: -(-costs.spread_ppm // 2),
        at.SLIPPAGE: costs.slippage_ppm,
        at.PARTICIPATION: costs.participation_ppm,
        at.BORROW_RATE: costs.borrow_ppm,
        at.PER_SHARE: _whole("per_share", costs.fees.per_share, 10**8),
        at.MINIMUM: _cents(costs.fees.minimum),
        at.SEC: _whole("sec", costs.fees.sec, 10**10),
        at.TAF: _whole("taf", costs.fees.taf, 10**8),
        at.TAF_MOST: _cents(costs.fees.taf_most),
        at.RISK: limits.risk_ppm,
        at.ORDER_CAP: to_units("order_cap", limits.order_cap),
        at.ORDER: limits.order_ppm,
        at.ADV: limits.adv_ppm,
        at.SYMBOL: limits.symbol_ppm,
        at.GROSS_SHARE: limits.gross_ppm,
        at.POSITIONS: limits.positions,
        at.COLLAR: limits.collar_ppm,
        at.COOLDOWN: limits.cooldown_s * MICRO,
        at.STOP_COOLDOWN: limits.stop_cooldown_s * MICRO,
        at.DAILY_LOSS: limits.daily_loss_ppm,
        at.DRAWDOWN: limits.drawdown_ppm,
        at.SHORT: limits.short_selling,
        at.STOPS: exits.stops,
        at.TARGETS: exits.targets,
        at.TRAIL: exits.trail_ppm,
        at.HORIZON: exits.horizon_s * MICRO,
        at.HOLD_CLOSES: exits.hold_closes,
        at.PATIENCE: plan.patience_rows,
    }.items():
        numbers[place] = value
    return numbers


def _whole(name: str, rate: Decimal, scale: int) -> int:
    scaled = rate * scale
    if scaled != int(scaled) or not 0 <= rate <= 1:
        problem = f"{rate} cannot be reckoned with"
        raise InvalidInput(f"fees.{name}", problem, f"give 0 to 1 in steps of 1/{scale}")
    return int(scaled)


def _cents(amount: Decimal) -> int:
    if amount > 10**9:
        raise InvalidInput("fees", f"{amount} is out of range", "give at most a billion dollars")
    return int((amount / CENT).quantize(Decimal(1), ROUND_CEILING))
