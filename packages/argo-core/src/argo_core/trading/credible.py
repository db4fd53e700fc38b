"""What a broker may say: all else is refused before it is written down.

A fact in the journal is read again at every start. One that the book cannot take in, or that makes
numbers with which nothing can be reckoned, would stand in the way of every later start.
"""

from collections.abc import Iterable
from decimal import Decimal

from argo_core.errors import InvalidInput
from argo_core.ledger.schema import WORD
from argo_core.trading.broker_view import (
    BrokerAccount,
    BrokerOrder,
    BrokerPosition,
    CashFlow,
    Execution,
    Split,
)

HIGHEST = Decimal(10**12)
"""No amount of money, no quantity, and no order's worth is as large."""

WIDEST = Decimal(10**4)
"""Nobody splits a share into more, or joins more into one."""

_NONE = Decimal(0)


def check_order(said: BrokerOrder, execution: Execution | None = None) -> None:
    """Refuse an order that cannot be one.

    Raises:
        InvalidInput: a name or a number of it, or of the execution, is none.
    """
    _words("order", said.id, said.broker_id)
    _words("order", *(one for one in (said.parent, said.replaces, said.replaced_by) if one))
    for name, value in (("quantity", said.quantity), ("filled", said.filled)):
        _amount(name, value, least=_NONE)
    prices = [one for one in (said.average, said.limit, said.stop) if one is not None]
    for price in prices:
        _positive("price", price)
    worth = max(said.quantity, said.filled) * max(prices, default=Decimal(1))
    _amount("quantity", worth)
    _amount("fees", said.fees)
    if execution is not None:
        _words("execution", execution.id)
        _positive("execution.quantity", execution.quantity)
        _positive("execution.price", execution.price)
        _amount("execution.quantity", execution.quantity * execution.price)
        _amount("execution.fee", execution.fee)


def check_account(account: BrokerAccount) -> None:
    """Refuse an account with which nothing can be reckoned.

    Raises:
        InvalidInput: a number of it is none.
    """
    for name in ("cash", "equity", "last_equity", "buying_power"):
        _amount(f"account.{name}", getattr(account, name))


def check_flows(flows: Iterable[CashFlow]) -> None:
    """Refuse money of amounts that nobody has.

    Raises:
        InvalidInput: an amount is none.
    """
    for one in flows:
        _amount("flow", one.amount)


def check_comparable(orders: Iterable[BrokerOrder], positions: Iterable[BrokerPosition]) -> None:
    """Refuse books with numbers that are none, whoever they are of.

    Raises:
        InvalidInput: a quantity or an average is no number.
    """
    for one in orders:
        if not all(each.is_finite() for each in (one.quantity, one.filled, one.average or _NONE)):
            raise InvalidInput("order", f"{one.id[:40]!a} is of no number", "give finite ones")
    for held in positions:
        if not held.quantity.is_finite() or not held.average.is_finite():
            raise InvalidInput("position", f"{held.symbol[:40]!a} has none", "give finite ones")


def check_splits(splits: Iterable[Split]) -> None:
    """Refuse ratios that no split has.

    Raises:
        InvalidInput: a side is not positive, or they are too far apart.
    """
    for one in splits:
        _positive("split", one.new)
        _positive("split", one.old)
        if not 1 / WIDEST <= one.new / one.old <= WIDEST:
            raise InvalidInput("split", f"{one.new} for {one.old}", "wait for a plausible ratio")


def _words(name: str, *words: str) -> None:
    for word in words:
        if not WORD.admits(word):
            raise InvalidInput(name, f"{word[:40]!a} is no name", f"give {WORD.says}")


def _positive(name: str, value: Decimal) -> None:
    _amount(name, value)
    if value <= 0:
        raise InvalidInput(name, f"{value} is not positive", "give a positive finite decimal")


def _amount(name: str, value: Decimal, least: Decimal = -HIGHEST) -> None:
    if not value.is_finite() or not least <= value < HIGHEST:
        problem = f"{value:.3e} is no amount"
        raise InvalidInput(name, problem, f"give a finite decimal below {HIGHEST:.0e}")
