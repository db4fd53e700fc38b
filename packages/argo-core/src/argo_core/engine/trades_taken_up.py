"""Which trades the record has already, found by reading its end."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping

from argo_core.codec.trade import TradeKey, entry_key, key_of
from argo_core.ledger.entry import decode_entry
from argo_core.ports import SignalLog
from argo_core.trading.trade import Trade

CHUNK = 1_000
"""So many entries are read at a time."""

# Canonical entries have one spelling, so that few of the others are decoded only to be passed over.
_TRADE = b'"kind":"trade"'


async def trades_taken_up(
    log: SignalLog, trades: Iterable[Trade], strategy: str, first: int, size: int
) -> Mapping[int, int]:
    """By number the indices of those `trades` that the log has at `first` <= index < `size`.

    The same thing may have happened twice, to the microsecond: each entry stands for one trade.

    Raises:
        LogError: the log cannot be read.
    """
    wanted: dict[TradeKey, deque[Trade]] = defaultdict(deque)
    earliest = size
    for trade in trades:
        wanted[key_of(trade)].append(trade)
        # An entry is behind the signal that it names.
        earliest = min(earliest, 0 if trade.signal_index is None else trade.signal_index + 1)
    found: dict[int, int] = {}
    for start in range(max(first, earliest), size, CHUNK):
        for logged in await log.entries(start, min(start + CHUNK, size)):
            if _TRADE not in logged.data:
                continue
            entry = decode_entry(logged.data)
            waiting = wanted.get(entry_key(entry)) if entry.strategy == strategy else None
            if waiting:
                found[waiting.popleft().number] = logged.index
    return found
