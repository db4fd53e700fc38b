"""Trades on their way into the record: in order, but for those that would give a secret away."""

from collections.abc import Iterable

from argo_core.engine.disclosures import Secret
from argo_core.trading.trade import Trade

MOST_AT_ONCE = 200
"""How many trades one batch takes; the others wait for the next."""


class TradeQueue:
    """What was traded and is not in the log, by number."""

    def __init__(self) -> None:
        self._waiting: dict[int, Trade] = {}

    def add(self, trades: Iterable[Trade]) -> None:
        """Take these in behind the others; one that waits already stays where it is."""
        for trade in trades:
            self._waiting.setdefault(trade.number, trade)

    def due(self, secret: Secret, size: int) -> tuple[Trade, ...]:
        """The first that may be written down at `size` of the log.

        A trade on a signal that is secret tells which way that went, and so does whatever is traded
        in its symbol after it: an exit shows that the next signal has turned. They wait until it is
        shown, and others do not wait for them. So does a trade that names an entry which is not
        there: the record says nothing that cannot be true.
        """
        due: list[Trade] = []
        for trade in self._waiting.values():
            if len(due) == MOST_AT_ONCE:
                break
            named = trade.signal_index
            if (named is None or named < size) and not secret.tells(trade):
                due.append(trade)
        return tuple(due)

    def forget(self, numbers: Iterable[int]) -> None:
        """These wait no more: the log has them."""
        for number in numbers:
            del self._waiting[number]
