"""What a read model keeps of entries, so that signals are found by what they say."""

from collections.abc import Iterable, Mapping

from attrs import frozen

from argo_core.ledger.entry import Entry


@frozen
class SignalRow:
    """A signal at `index`; `commitment` where the entry only commits to it, then not `revealed`."""

    index: int
    symbol: str
    direction: str
    magnitude_bp: int
    decided_us: int
    commitment: str | None
    revealed: int | None


@frozen
class ReadRows:
    """What some entries add: signals, and by signal the entries that reveal or resolve one.

    What was said first counts: a signal is shown once, and has one outcome.
    """

    signals: tuple[SignalRow, ...]
    reveals: Mapping[int, int]
    outcomes: Mapping[int, int]

    def newest(self) -> Mapping[str, int]:
        """The newest signal of each symbol there is one of."""
        return {row.symbol: row.index for row in self.signals}


def read_rows(first: int, entries: Iterable[Entry], bodies: Mapping[str, Entry]) -> ReadRows:
    """The rows of entries from index `first` on; `bodies` are those of commits, by commitment."""
    signals = list[SignalRow]()
    reveals, outcomes = dict[int, int](), dict[int, int]()
    for index, entry in enumerate(entries, first):
        match entry.kind:
            case "signal":
                signals.append(_row(index, entry, None, index))
            case "commit":
                commitment = entry.text("commitment")
                signals.append(_row(index, bodies[commitment], commitment, None))
            case "reveal":
                reveals.setdefault(entry.number("commit_index"), index)
            case "outcome":
                outcomes.setdefault(entry.number("signal_index"), index)
    return ReadRows(tuple(signals), reveals, outcomes)


def _row(index: int, signal: Entry, commitment: str | None, revealed: int | None) -> SignalRow:
    return SignalRow(
        index,
        signal.text("symbol"),
        signal.text("direction"),
        abs(signal.number("confidence_bp")),
        signal.decided_us,
        commitment,
        revealed,
    )
