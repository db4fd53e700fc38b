"""Signals that are committed to and not yet shown, and when each is to be."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime

from argo_core.engine.inputs import Hidden
from argo_core.ledger.entry import decode_entry
from argo_core.market.moment import to_micros


class Disclosures:
    """What is hidden, by index; it stays due until it was shown."""

    def __init__(self) -> None:
        self._hidden: dict[int, tuple[int, Hidden]] = {}

    @property
    def hidden(self) -> AbstractSet[int]:
        """The indices of entries of which nobody may know what they commit to."""
        return self._hidden.keys()

    def hide(self, hidden: Hidden) -> None:
        """Keep it until its commit says that it is to be shown."""
        due_us = decode_entry(hidden.commit).number("reveal_after_us")
        self._hidden[hidden.index] = (due_us, hidden)

    def due(self, now: datetime) -> tuple[Hidden, ...]:
        """What is to be shown now, oldest first."""
        now_us = to_micros(now)
        return tuple(hidden for due_us, hidden in self._hidden.values() if due_us <= now_us)

    def show(self, shown: Iterable[Hidden]) -> None:
        """Hide these no more: the log shows them."""
        for one in shown:
            del self._hidden[one.index]
