"""From a commit to the signal behind it, whether the log reveals it or a reader is told early."""

from alpine_service.domain.feed.commitment import opens
from alpine_service.domain.feed.entry import Entry, read_entry
from alpine_service.errors import Refuted


def open_commit(commit: Entry, nonce: bytes, body: bytes) -> Entry:
    """The signal that a `commit` entry committed to, as an entry at the commit's index.

    Raises:
        Malformed: the body is no entry.
        Refuted: nonce and body do not open the commitment, or the body is not this signal.
    """
    if not opens(nonce, body, commit.text("commitment")):
        raise Refuted("bad-opening", "nonce and body do not open the commitment")
    signal = read_signal(commit.index, body)
    repeated = (signal.log, signal.strategy, signal.seq, signal.decided_us)
    if repeated != (commit.log, commit.strategy, commit.seq, commit.decided_us):
        raise Refuted("bad-opening", "the body is another signal than the commit's")
    return signal


def revealed_signal(reveal: Entry) -> Entry:
    """The signal that a `reveal` entry shows, as an entry at the index of the commit it names.

    Raises:
        Malformed: the body is no entry.
        Refuted: it is an entry of another kind.
    """
    return read_signal(reveal.number("commit_index"), reveal.text("body").encode("ascii"))


def read_signal(index: int, body: bytes) -> Entry:
    """The `signal` entry that a body is.

    Raises:
        Malformed: it is no entry.
        Refuted: it is an entry of another kind.
    """
    signal = read_entry(index, body)
    if signal.kind != "signal":
        raise Refuted("bad-opening", f"the body is a {signal.kind} and no signal")
    return signal
