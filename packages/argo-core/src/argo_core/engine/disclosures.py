"""Signals that are committed to and not yet shown, and when each is to be."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

from attrs import frozen

from argo_core.engine.inputs import Hidden
from argo_core.ledger.entry import decode_entry
from argo_core.market.instrument import Symbol
from argo_core.market.moment import to_micros
from argo_core.trading.trade import Trade


@frozen
class Secret:
    """What nobody may know yet: by index the signals, by symbol when the oldest was decided."""

    indices: AbstractSet[int]
    since_us: Mapping[Symbol, int]

    def tells(self, trade: Trade) -> bool:
        """Whether a trade would say something of it."""
        since_us = self.since_us.get(trade.symbol)
        later = since_us is not None and to_micros(trade.at) >= since_us
        return later or trade.signal_index in self.indices


@frozen
class _Kept:
    hidden: Hidden
    due_us: int
    symbol: Symbol
    decided_us: int


class Disclosures:
    """What is hidden, by index; it stays due until it was shown."""

    def __init__(self) -> None:
        self._hidden: dict[int, _Kept] = {}

    @property
    def hidden(self) -> AbstractSet[int]:
        """The indices of entries of which nobody may know what they commit to."""
        return self._hidden.keys()

    def hide(self, hidden: Hidden) -> None:
        """Keep it until its commit says that it is to be shown."""
        commit, body = decode_entry(hidden.commit), decode_entry(hidden.sealed.body)
        due_us, symbol = commit.number("reveal_after_us"), Symbol(body.text("symbol"))
        self._hidden[hidden.index] = _Kept(hidden, due_us, symbol, commit.decided_us)

    def due(self, now: datetime) -> tuple[Hidden, ...]:
        """What is to be shown now, oldest first."""
        now_us = to_micros(now)
        return tuple(one.hidden for one in self._hidden.values() if one.due_us <= now_us)

    def secret(self, shown: Iterable[Hidden]) -> Secret:
        """What is still hidden once these are shown."""
        indices = self._hidden.keys() - {one.index for one in shown}
        since_us: dict[Symbol, int] = {}
        for one in self._hidden.values():
            if one.hidden.index in indices:
                since_us[one.symbol] = min(one.decided_us, since_us.get(one.symbol, one.decided_us))
        return Secret(indices, since_us)

    def show(self, shown: Iterable[Hidden]) -> None:
        """Hide these no more: the log shows them."""
        for one in shown:
            del self._hidden[one.index]
