"""What entries of a log say of each other: commits and reveals, signals and outcomes."""

from collections.abc import Iterator
from typing import TypeAlias

from attrs import field, mutable

from argo_core.errors import InvalidInput
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.verification import is_body_of

Claim: TypeAlias = tuple[str, str, str]
"""Strategy, id and symbol of a signal."""

_DISCLOSED = {"signal": "open", "commit": "delayed"}


@mutable
class References:
    """Fed every entry in order, it says what does not fit to those before.

    It keeps what is still open: commits nobody revealed, signals without an outcome.
    """

    sealed: dict[int, Entry] = field(factory=dict)
    unresolved: dict[int, Claim] = field(factory=dict)
    # Outcomes of signals that are still sealed: nobody can say yet whether they name them rightly.
    ahead: dict[int, Claim] = field(factory=dict)
    disclosure: dict[str, str] = field(factory=dict)
    reveals: int = 0
    outcomes: int = 0
    unregistered: set[str] = field(factory=set)

    def follow(self, index: int, entry: Entry) -> Iterator[str]:
        """What is wrong with the entry at `index`, seen from those before."""
        match entry.kind:
            case "strategy":
                self.disclosure[entry.strategy] = entry.text("disclosure")
            case "signal":
                yield from self._disclosed(entry)
                self._await_outcome(index, entry)
            case "commit":
                yield from self._disclosed(entry)
                self.sealed[index] = entry
            case "reveal":
                yield from self._reveal(entry)
            case "outcome":
                yield from self._outcome(entry)
            case "correct":
                yield from _earlier(index, entry, "index")
            case "trade" if "signal_index" in entry.fields:
                yield from _earlier(index, entry, "signal_index")

    def overdue(self, now_us: int) -> int:
        """How many commits are past the moment at which they were to be revealed."""
        return sum(one.number("reveal_after_us") < now_us for one in self.sealed.values())

    def _disclosed(self, entry: Entry) -> Iterator[str]:
        registered = self.disclosure.get(entry.strategy)
        if registered is None:
            self.unregistered.add(entry.strategy)
        elif registered != _DISCLOSED[entry.kind]:
            yield f"{entry.strategy} is registered as {registered}, and this is a {entry.kind}"

    def _await_outcome(self, index: int, signal: Entry) -> None:
        if signal.fields["direction"] != "HOLD":
            self.unresolved[index] = _claim(signal, "id")

    def _reveal(self, entry: Entry) -> Iterator[str]:
        self.reveals += 1
        index = entry.number("commit_index")
        commit = self.sealed.pop(index, None)
        if commit is None:
            yield f"it reveals entry {index}, which is no commit, or was revealed before"
            return
        if (commit.strategy, commit.fields["commitment"]) != (
            entry.strategy,
            entry.fields["commitment"],
        ):
            yield f"it reveals something else than entry {index} commits to"
            return
        try:
            body = decode_entry(entry.text("body").encode())
        except InvalidInput as error:
            yield f"what it reveals is malformed: {error}"
            return
        if not is_body_of(body, commit):
            yield f"what it reveals is not the signal of entry {index}"
        elif index in self.ahead:
            if self.ahead.pop(index) != _claim(body, "id"):
                yield f"entry {index} has an outcome in the name of another signal"
        else:
            self._await_outcome(index, body)

    def _outcome(self, entry: Entry) -> Iterator[str]:
        self.outcomes += 1
        index = entry.number("signal_index")
        claim = _claim(entry, "signal_id")
        if index in self.unresolved:
            if self.unresolved.pop(index) != claim:
                yield f"it does not name the signal at entry {index} rightly"
        elif index in self.sealed and index not in self.ahead:
            self.ahead[index] = claim
        else:
            yield f"entry {index} is no signal that waits for an outcome"


def _claim(entry: Entry, name: str) -> Claim:
    return entry.strategy, entry.text(name), entry.text("symbol")


def _earlier(index: int, entry: Entry, name: str) -> Iterator[str]:
    if entry.number(name) >= index:
        yield f"it speaks of entry {entry.number(name)}, which is not before it"
