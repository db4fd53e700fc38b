"""What each entry must agree with among those before it: the checks of a whole log, one a time."""

from collections.abc import Callable, Iterable, Mapping

from attrs import evolve, frozen

from alpine_service.domain.feed.entry import Entry
from alpine_service.domain.feed.opening import revealed_signal
from alpine_service.domain.feed.standing import Decision, Earlier, Said, Standing, StrategyState
from alpine_service.errors import Refuted

_FORBIDDEN = {"open": "commit", "delayed": "signal"}


@frozen
class Step:
    """Where things stand after an entry."""

    state: StrategyState
    """Of the entry's strategy."""

    decision: Decision | None = None
    """The signal or commit that the entry is, reveals, or is the outcome of."""


def follow(origin: str, earlier: Earlier, entry: Entry) -> Step:
    """Where things stand after an entry of the log of this name, given those before it.

    Raises:
        Malformed: what a reveal shows is no entry.
        Refuted: the entry contradicts an earlier one, or is another log's.
    """
    if entry.log != origin:
        raise Refuted("another-log", f"entry {entry.index} bears another log's name")
    before = earlier.strategy(entry.strategy)
    if entry.seq != before.next_seq:
        raise Refuted(
            "bad-sequence",
            f"entry {entry.index} is number {entry.seq} of {entry.strategy} instead of"
            f" {before.next_seq}",
        )
    if before.disclosure and _FORBIDDEN[before.disclosure] == entry.kind:
        raise Refuted(
            "bad-disclosure",
            f"entry {entry.index} is a {entry.kind} of the {before.disclosure} {entry.strategy}",
        )
    concerns = _DECISIONS.get(entry.kind)
    return Step(_state(before, entry), concerns(earlier, entry) if concerns else None)


def follow_all(origin: str, earlier: Earlier, entries: Iterable[Entry]) -> Standing:
    """What entries in a row change, on top of what was known before the first.

    Raises:
        Malformed: what a reveal among them shows is no entry.
        Refuted: an entry contradicts an earlier one, or is another log's.
    """
    standing = Standing(earlier)
    for entry in entries:
        step = follow(origin, standing, entry)
        standing.keep(entry.strategy, step.state, step.decision)
    return standing


def _state(before: StrategyState, entry: Entry) -> StrategyState:
    if entry.kind == "strategy":
        return StrategyState(entry.seq + 1, entry.text("disclosure"))
    return StrategyState(
        entry.seq + 1, before.disclosure, before.is_retired or entry.kind == "retire"
    )


def _signal(earlier: Earlier, entry: Entry) -> Decision:
    said = _said(entry)
    _require_new(earlier, said, entry)
    return Decision(entry.index, entry.strategy, entry.seq, entry.decided_us, signal=said)


def _commit(_: Earlier, entry: Entry) -> Decision:
    return Decision(
        entry.index,
        entry.strategy,
        entry.seq,
        entry.decided_us,
        commitment=entry.text("commitment"),
    )


def _reveal(earlier: Earlier, entry: Entry) -> Decision:
    commit = _before(earlier, entry, "commit_index")
    if commit is None or commit.commitment is None or commit.strategy != entry.strategy:
        raise _refuted("bad-reveal", entry, "names no earlier commit of its strategy")
    if commit.commitment != entry.text("commitment"):
        raise _refuted("bad-reveal", entry, "opens another commitment than its commit's")
    if commit.signal is not None:
        raise _refuted("bad-reveal", entry, "reveals what was revealed before")
    signal = revealed_signal(entry)
    repeated = (signal.log, signal.strategy, signal.seq, signal.decided_us)
    if repeated != (entry.log, commit.strategy, commit.seq, commit.decided_us):
        raise _refuted("bad-reveal", entry, "shows another signal than its commit's")
    said = _said(signal)
    _require_new(earlier, said, entry)
    if commit.outcome is not None:
        _require_outcome(said, commit.outcome, entry)
    return evolve(commit, signal=said)


def _outcome(earlier: Earlier, entry: Entry) -> Decision:
    decision = _before(earlier, entry, "signal_index")
    if decision is None or decision.strategy != entry.strategy:
        raise _refuted("bad-outcome", entry, "names no earlier signal of its strategy")
    if decision.outcome is not None:
        raise _refuted("bad-outcome", entry, "is a second outcome")
    outcome = Said(entry.text("signal_id"), entry.text("symbol"))
    if decision.signal is not None:
        _require_outcome(decision.signal, outcome, entry)
    return evolve(decision, outcome=outcome)


def _trade(_: Earlier, entry: Entry) -> None:
    if "signal_index" in entry.members and entry.number("signal_index") >= entry.index:
        raise _refuted("bad-reference", entry, "speaks of an entry to come")


def _correct(_: Earlier, entry: Entry) -> None:
    if entry.number("index") >= entry.index:
        raise _refuted("bad-reference", entry, "speaks of an entry to come")


_DECISIONS: Mapping[str, Callable[[Earlier, Entry], Decision | None]] = {
    "signal": _signal,
    "commit": _commit,
    "reveal": _reveal,
    "outcome": _outcome,
    "trade": _trade,
    "correct": _correct,
}


def _said(signal: Entry) -> Said:
    return Said(signal.text("id"), signal.text("symbol"), signal.text("direction"))


def _before(earlier: Earlier, entry: Entry, name: str) -> Decision | None:
    index = entry.number(name)
    return earlier.decision(index) if index < entry.index else None


def _require_new(earlier: Earlier, said: Said, entry: Entry) -> None:
    """An id names one decision and no other, as the log's own pages say of it."""
    if earlier.index_of(said.signal_id) is not None:
        raise _refuted("reused-id", entry, "has the id of another signal")


def _require_outcome(signal: Said, outcome: Said, entry: Entry) -> None:
    if signal.direction == "HOLD":
        raise _refuted("bad-outcome", entry, "makes an outcome of a HOLD")
    if (signal.signal_id, signal.symbol) != (outcome.signal_id, outcome.symbol):
        raise _refuted("bad-outcome", entry, "makes an outcome one of another signal")


def _refuted(reason: str, entry: Entry, problem: str) -> Refuted:
    return Refuted(reason, f"entry {entry.index} {problem}")
