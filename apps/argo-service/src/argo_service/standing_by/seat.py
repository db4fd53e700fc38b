"""The place of whoever trades, which is empty while this process stands by."""

from collections.abc import Mapping, Sequence

from argo_core.engine.seen import Seen
from argo_core.signals.signal import Signal
from argo_core.trading.trade import Trade
from argo_service.trading.opened import OpenTrading


class TradingSeat:
    """The engine's side of trading, handed on to whoever sits there, if anybody does."""

    def __init__(self) -> None:
        self.taken: OpenTrading | None = None

    @property
    def recorded(self) -> int:
        return 0 if self.taken is None else self.taken.side.recorded

    def taken_up(self, standing: Sequence[tuple[int, Signal]]) -> None:
        if self.taken is not None:
            self.taken.side.taken_up(standing)

    def due(self) -> tuple[Trade, ...]:
        return () if self.taken is None else self.taken.side.due()

    def logged(self, indices: Mapping[int, int]) -> None:
        if self.taken is not None:
            self.taken.side.logged(indices)

    def seen(self, seen: Seen) -> None:
        if self.taken is not None:
            self.taken.side.seen(seen)
