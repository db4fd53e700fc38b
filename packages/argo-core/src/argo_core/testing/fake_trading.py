"""Somebody who trades on what the engine publishes, as far as the engine knows: port `Trading`."""

from collections.abc import Mapping, Sequence

from argo_core.engine.seen import Seen
from argo_core.signals.signal import Signal
from argo_core.trading.trade import Trade


class FakeTrading:
    """Give it trades by `trade`; what it was told is in `indices`, `pictures` and `standing`."""

    def __init__(self) -> None:
        self.standing: list[tuple[int, Signal]] = []
        self.indices: dict[int, int] = {}
        self.pictures: list[Seen] = []
        self._waiting: list[Trade] = []
        self._handed_over = 0

    @property
    def recorded(self) -> int:
        return max(self.indices.values(), default=-1) + 1

    def restarted(self, noted: int | None = None) -> "FakeTrading":
        """What a crash leaves of it: it has noted of the first `noted` trades where they are."""
        again = FakeTrading()
        again._waiting = list(self._waiting)
        kept = list(self.indices.items())[: len(self.indices) if noted is None else noted]
        again.indices = dict(kept)
        return again

    def trade(self, *trades: Trade) -> None:
        """Want these on record."""
        self._waiting += trades

    def taken_up(self, standing: Sequence[tuple[int, Signal]]) -> None:
        self.standing += standing

    def due(self) -> tuple[Trade, ...]:
        due = [one for one in self._waiting[self._handed_over :] if one.number not in self.indices]
        self._handed_over = len(self._waiting)
        return tuple(due)

    def logged(self, indices: Mapping[int, int]) -> None:
        self.indices |= indices

    def seen(self, seen: Seen) -> None:
        self.pictures.append(seen)
