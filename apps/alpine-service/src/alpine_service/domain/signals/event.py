"""What happened, as subscribers are told: one gapless stream for every way of telling."""

from enum import IntEnum, StrEnum

from attrs import field, frozen


class Audience(IntEnum):
    """Who may see an event: whoever may see one may see those of a lower number too."""

    EVERYBODY = 0
    REALTIME = 1


class EventKind(StrEnum):
    """What an event tells."""

    STRATEGY_REGISTERED = "strategy.registered"
    STRATEGY_RETIRED = "strategy.retired"
    # A signal, at once: to everybody if its strategy is open, to real-time plans if it is delayed.
    SIGNAL_PUBLISHED = "signal.published"
    # A delayed strategy said something; what, is in the log as a commitment only.
    SIGNAL_COMMITTED = "signal.committed"
    # The commitment was opened: now everybody may see the signal.
    SIGNAL_REVEALED = "signal.revealed"
    OUTCOME_RESOLVED = "outcome.resolved"
    TRADE_REPORTED = "trade.reported"
    ENTRY_CORRECTED = "entry.corrected"


@frozen
class NewEvent:
    """An event without its number yet. `data` is one JSON object, encoded once for everybody."""

    kind: EventKind
    audience: Audience
    log_index: int
    strategy: str
    data: bytes = field(repr=False)
    at_us: int
    symbol: str | None = None
    signal_id: str | None = None


@frozen
class Event:
    """An event at its place; numbers count 1, 2, 3 without a gap, in the order of commits."""

    number: int
    kind: EventKind
    audience: Audience
    log_index: int
    strategy: str
    data: bytes = field(repr=False)
    at_us: int
    symbol: str | None = None
    signal_id: str | None = None

    @property
    def id(self) -> str:
        """The same on every way of telling, so that a receiver can drop what it has seen."""
        return f"evt_{self.number}"
