"""The whole backtest in plain objects, row by row."""

from attrs import evolve

from argo_core.backtest.bars.arrays import ints
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import Plan
from argo_core.backtest.bars.trading_result import FILL_COLUMNS, Traded
from argo_core.backtest.bars.units import from_units, to_units
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.plain.account import Account, PlainFill
from argo_core.backtest.plain.amounts import in_units
from argo_core.backtest.plain.deciding import decide_entries
from argo_core.backtest.plain.entering import enter_at_open
from argo_core.backtest.plain.exiting import decide_exits, exit_at_open, exit_inside
from argo_core.backtest.plain.marking import begin_session, mark
from argo_core.backtest.plain.row import rows


def trade_plainly(panel: Panel, verdicts: Verdicts, plan: Plan) -> Traded:
    """Trade what was said at every close, as `docs/reference/backtest.md` says.

    Raises:
        InvalidInput: the verdicts do not fit the panel, or a symbol is not spelled as Argo does.
    """
    verdicts.fit(panel)
    capital = from_units(to_units("capital", plan.capital))
    account = Account(cash=capital, equity=capital, opening=capital, high=capital)
    after: list[Account] = []
    session = None
    for row in rows(panel, verdicts):
        if account.fills:
            account = evolve(account, fills=())
        if session is not None and row.session != session:
            account = begin_session(account, (row.session - session).days, plan)
        session = row.session
        account = exit_at_open(account, row, plan)
        account = enter_at_open(account, row, plan)
        account = exit_inside(account, row, plan)
        account = mark(account, row, plan)
        account = decide_exits(account, row, plan)
        account = decide_entries(account, row, panel.symbols, plan)
        after.append(account)
    return _told(after)


def _told(after: list[Account]) -> Traded:
    fills = [_numbers(fill) for account in after for fill in account.fills]
    return Traded(
        equity=ints([in_units(one.equity) for one in after]),
        cash=ints([in_units(one.cash) for one in after]),
        gross=ints([in_units(one.gross) for one in after]),
        positions=ints([len(one.positions) for one in after]),
        halted=ints([one.halted for one in after]),
        reduced=ints([one.reduced for one in after]),
        fills=ints(fills).reshape(-1, len(FILL_COLUMNS)),
        fees=in_units(after[-1].fees),
        borrow=in_units(after[-1].borrow),
    )


def _numbers(fill: PlainFill) -> tuple[int, ...]:
    return (
        fill.row,
        fill.place,
        fill.side.sign,
        fill.quantity,
        in_units(fill.price),
        in_units(fill.fee),
        fill.reason,
        fill.decided,
        0 if fill.stop is None else in_units(fill.stop),
    )
