"""What a read model keeps: signals, sealed ones too, and what was first said of each."""

from argo_core.ledger.canonical import Scalar
from argo_core.ledger.commitment import commitment
from argo_core.ledger.entry import Entry, decode_entry, encode_entry
from argo_core.ledger.read_rows import ReadRows, SignalRow, read_rows
from argo_core.testing.entries import LOG, tiny_quiet, tiny_signal

NONCE, BODY = bytes(32), tiny_signal(1, symbol="BRK.B", direction="SELL", confidence_bp=-9_000)
DIGEST = commitment(NONCE, BODY)
AT = 1_700_000_000_000_000


def entry(kind: str, seq: int, **members: Scalar) -> Entry:
    common: dict[str, Scalar] = {"v": 1, "kind": kind, "log": LOG, "strategy": "alpha"}
    return decode_entry(encode_entry({**common, "seq": seq, "decided_us": AT, **members}))


def commit() -> Entry:
    return entry("commit", 1, commitment=DIGEST, reveal_after_us=AT)


def reveal(seq: int) -> Entry:
    shown: dict[str, Scalar] = {"commitment": DIGEST, "commit_index": 4, "body": BODY.decode()}
    return entry("reveal", seq, nonce=NONCE.hex(), **shown)


def outcome(seq: int) -> Entry:
    named: dict[str, Scalar] = {"signal_index": 3, "signal_id": "alpha-0", "symbol": "AAPL"}
    void: dict[str, Scalar] = {"result": "void", "problem": "no price", "prices": 0, "gap_us": 0}
    return entry("outcome", seq, rule="first-touch", **named, **void)


def test_a_signal_is_a_row_and_is_revealed_by_itself() -> None:
    rows = read_rows(3, [decode_entry(tiny_signal(0)), decode_entry(tiny_quiet(1))], {})
    assert rows == ReadRows((SignalRow(3, "AAPL", "BUY", 8_000, AT, None, 3),), {}, {})


def test_a_commit_is_a_row_of_what_it_commits_to() -> None:
    (row,) = read_rows(4, [commit()], {DIGEST: decode_entry(BODY)}).signals
    assert row == SignalRow(4, "BRK.B", "SELL", 9_000, AT, DIGEST, None)


def test_what_was_said_first_counts() -> None:
    rows = read_rows(9, [reveal(2), reveal(3), outcome(4), outcome(5)], {})
    assert rows == ReadRows((), {4: 9}, {3: 11})


def test_the_newest_of_a_symbol_is_the_last() -> None:
    signals = [decode_entry(tiny_signal(seq, symbol=name)) for seq, name in enumerate("ABA")]
    assert read_rows(0, signals, {}).newest() == {"A": 2, "B": 1}
