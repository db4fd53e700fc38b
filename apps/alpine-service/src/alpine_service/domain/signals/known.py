"""What was accepted before, as far as a batch of entries refers to it."""

from collections.abc import Mapping

from attrs import Factory, frozen

from alpine_service.domain.feed.canonical import decode
from alpine_service.domain.feed.standing import Decision, Said, StrategyState
from alpine_service.domain.signals.signal import Disclosure, SignalRecord


@frozen
class Known:
    """Looked up in one go, by what the module `standing` says is needed; keeps its `Earlier`.

    `records` are signals and commits by index, their `data` not needed. `ids` has the index of
    each signal by id; a sealed signal whose body came early counts, but for those in `records`,
    which are what is about to be revealed.
    """

    strategies: Mapping[str, StrategyState] = Factory(dict)
    records: Mapping[int, SignalRecord] = Factory(dict)
    ids: Mapping[str, int] = Factory(dict)

    def strategy(self, name: str) -> StrategyState:
        return self.strategies.get(name) or StrategyState()

    def decision(self, index: int) -> Decision | None:
        record = self.records.get(index)
        return None if record is None else decision_of(record)

    def index_of(self, signal_id: str) -> int | None:
        return self.ids.get(signal_id)


def decision_of(record: SignalRecord) -> Decision:
    """What the log itself has said of a signal; a body that came early is not of the log."""
    return Decision(
        record.log_index,
        record.strategy,
        record.seq,
        record.decided_us,
        commitment=None if record.commitment is None else record.commitment.hex(),
        signal=None if is_sealed(record) else _said(record),
        outcome=None if record.outcome is None else _outcome(record.outcome),
    )


def is_sealed(record: SignalRecord) -> bool:
    """Whether the log has not shown the signal yet."""
    return record.disclosure is Disclosure.DELAYED and record.revealed_index is None


def _said(record: SignalRecord) -> Said:
    return Said(str(record.signal_id), str(record.symbol), record.direction)


def _outcome(data: bytes) -> Said:
    members = decode(data)
    return Said(str(members["signal_id"]), str(members["symbol"]))
