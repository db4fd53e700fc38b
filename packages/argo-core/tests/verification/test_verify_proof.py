"""One entry is believed only for what its proof file shows."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput, RecordError, Refuted, Unchecked
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.cosignature import cosign
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.note import Note, SignatureLine
from argo_core.ledger.policy import Policy
from argo_core.ledger.record import Sealed
from argo_core.ledger.verdict import Report, Verdict, failed
from argo_core.ledger.verification import Proved, open_commit, verify_proof
from argo_core.testing.entries import LOG, tiny_quiet, tiny_signal
from argo_core.testing.fake_signer import FakeSigner, fake_verify
from argo_core.testing.small_record import (
    ALONE,
    BOTH,
    DECIDED,
    NOW,
    NOW_S,
    ONE,
    OTHER,
    SIGNER,
    WITNESS,
    changed,
    commit_to,
    head_of,
    proof_of,
    sealed_signal,
    signed,
    small_record,
)

RECORD = small_record()
SIGNAL = 3


def prove(data: bytes, file: bytes, policy: Policy = ONE, opening: Sealed | None = None) -> Proved:
    return verify_proof(data, file, policy, fake_verify, now=NOW, opening=opening)


def test_a_good_proof_says_what_it_shows() -> None:
    proved = prove(RECORD[SIGNAL], proof_of(RECORD, SIGNAL))
    assert (proved.index, proved.entry.kind, proved.data) == (3, "signal", RECORD[SIGNAL])
    assert proved.witnessed.official_s == NOW_S
    report = proved.report()
    assert (report.verdict, report.problems) == (Verdict.GOOD, ())
    assert report.proved == (
        f"{LOG} signed the checkpoint of 11 entries with key {SIGNER.key.key_id.hex()}.",
        "witness.example/w cosigned it at 2026-03-02 15:00:00 UTC, and knew no other history.",
        f"The entry, SHA-256 {sha256_hex(RECORD[SIGNAL])}, is entry 3 of those 11.",
        "It is a well-formed signal, number 1 of beta.",
        "It was in the log at 2026-03-02 15:00:00 UTC at the latest.",
    )
    assert len(report.unproved) == 2


@pytest.mark.parametrize("index", range(len(RECORD)))
def test_every_entry_can_be_proved_and_by_no_other_ones_file(index: int) -> None:
    file = proof_of(RECORD, index)
    for place, data in enumerate(RECORD):
        if place == index:
            assert prove(data, file).index == index
        else:
            with pytest.raises(Refuted, match=f"not show that these bytes are entry {index} of 11"):
                prove(data, file)


def test_every_bit_of_an_entry_counts() -> None:
    data, file = RECORD[SIGNAL], proof_of(RECORD, SIGNAL)
    for at in range(len(data)):
        for bit in range(8):
            flipped = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
            with pytest.raises(Refuted):
                prove(flipped, file)


def test_every_bit_of_a_proof_file_counts() -> None:
    file = proof_of(RECORD, SIGNAL)
    for at in range(len(file)):
        for bit in range(8):
            flipped = file[:at] + bytes([file[at] ^ 1 << bit]) + file[at + 1 :]
            with pytest.raises(RecordError):
                prove(RECORD[SIGNAL], flipped)


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_a_proof_file_that_is_cut_or_lengthened_proves_nothing(cut: int) -> None:
    file = proof_of(RECORD, SIGNAL)
    for data in (file[:cut], file[cut + 1 :], file + file[:cut] + b"x"):
        with pytest.raises(RecordError):
            prove(RECORD[SIGNAL], data)


@given(st.binary(max_size=300))
def test_what_a_stranger_sends_is_refused_and_never_a_crash(data: bytes) -> None:
    with pytest.raises(Refuted):
        prove(RECORD[SIGNAL], data)
    with pytest.raises(Refuted):
        prove(data, proof_of(RECORD, SIGNAL))


def test_the_logs_own_key_is_the_one_pinned() -> None:
    mine = FakeSigner("argo.example/other")
    with pytest.raises(Refuted, match="pin the key of this log"):
        prove(RECORD[SIGNAL], proof_of(RECORD, SIGNAL), Policy(mine.key))
    changed_key = evolve(SIGNER.key, public_key=mine.key.public_key)
    with pytest.raises(Refuted, match="no good signature"):
        prove(RECORD[SIGNAL], proof_of(RECORD, SIGNAL), Policy(changed_key))


def test_too_few_witnesses_leave_it_unchecked() -> None:
    bare = proof_of(RECORD, SIGNAL, signed(head_of(RECORD), {}))
    with pytest.raises(Unchecked, match=r"^0 of the 1 witnesses needed"):
        prove(RECORD[SIGNAL], bare)
    with pytest.raises(Unchecked, match=r"^1 of the 2 witnesses needed"):
        prove(RECORD[SIGNAL], proof_of(RECORD, SIGNAL), BOTH)
    report = prove(RECORD[SIGNAL], bare, ALONE).report()
    assert "no witness you pinned" in report.unproved[0]
    assert not any("at the latest" in said for said in report.proved)


def test_one_witness_counts_once_and_strangers_not_at_all() -> None:
    head = head_of(RECORD)
    plain = signed(head, {})
    twice = Note(plain.text, (*plain.signatures, *_cosigned(WITNESS, 5), *_cosigned(WITNESS, 4)))
    with pytest.raises(Unchecked, match=r"^1 of the 2"):
        prove(RECORD[SIGNAL], proof_of(RECORD, SIGNAL, twice), BOTH)
    # The earlier of the two is when it was there at the latest.
    assert prove(RECORD[SIGNAL], proof_of(RECORD, SIGNAL, twice)).witnessed.official_s == 4
    stranger = FakeSigner("stranger.example/w", WITNESS.key.algorithm)
    with pytest.raises(Unchecked, match=r"^0 of the 1"):
        prove(RECORD[SIGNAL], proof_of(RECORD, SIGNAL, signed(head, {stranger: 5})))


def test_the_official_time_is_the_earliest_of_the_pinned_witnesses() -> None:
    note = signed(head_of(RECORD), {WITNESS: NOW_S, OTHER: NOW_S - 9})
    proved = prove(RECORD[SIGNAL], proof_of(RECORD, SIGNAL, note), BOTH)
    assert proved.witnessed.official_s == NOW_S - 9
    assert [one.key for one in proved.witnessed.cosignatures] == [OTHER.key, WITNESS.key]


def test_a_bad_line_in_a_pinned_witnesss_name_spoils_the_checkpoint() -> None:
    note = signed(head_of(RECORD))
    line = note.signatures[-1]
    forged = evolve(line, payload=line.payload[:-1] + bytes([line.payload[-1] ^ 1]))
    spoiled = Note(note.text, (note.signatures[0], forged))
    with pytest.raises(Refuted, match=r"in the name of witness.example/w, and it is bad"):
        prove(RECORD[SIGNAL], proof_of(RECORD, SIGNAL, spoiled))
    # Whom the reader does not know cannot spoil anything.
    assert prove(RECORD[SIGNAL], proof_of(RECORD, SIGNAL, spoiled), ALONE).index == SIGNAL


@pytest.mark.parametrize(("ahead_s", "counts"), [(299, True), (300, True), (301, False)])
def test_a_time_in_the_future_counts_for_nothing(ahead_s: int, counts: bool) -> None:
    note = signed(head_of(RECORD), {WITNESS: NOW_S + ahead_s})
    file = proof_of(RECORD, SIGNAL, note)
    if counts:
        assert prove(RECORD[SIGNAL], file).witnessed.official_s == NOW_S + ahead_s
        return
    with pytest.raises(Unchecked, match="a clock is wrong, theirs or yours"):
        prove(RECORD[SIGNAL], file)
    lenient = evolve(ONE, quorum=0)
    assert prove(RECORD[SIGNAL], file, lenient).witnessed.official_s is None


def test_a_time_beyond_any_calendar_is_no_crash() -> None:
    note = signed(head_of(RECORD), {WITNESS: 2**63 - 1})
    with pytest.raises(Unchecked):
        prove(RECORD[SIGNAL], proof_of(RECORD, SIGNAL, note))


def test_an_entry_of_another_log_or_of_no_kind_proves_nothing() -> None:
    for data, words in (
        (tiny_signal(0, log="argo.example/else"), "another log's name"),
        (b'{"v": 1}', "logged and malformed"),
    ):
        with pytest.raises(Refuted, match=words):
            prove(data, proof_of([data], 0))


@pytest.mark.parametrize(("early_s", "doubted"), [(0, False), (300, False), (301, True)])
def test_an_entry_decided_after_it_was_seen_has_a_wrong_clock(early_s: int, doubted: bool) -> None:
    entries = [tiny_signal(0)]
    note = signed(head_of(entries), {WITNESS: DECIDED // 1_000_000 - early_s})
    report = prove(entries[0], proof_of(entries, 0, note)).report()
    assert any("clock was wrong" in said for said in report.unproved) == doubted


def test_a_commit_shows_what_it_hides_only_with_its_opening() -> None:
    sealed = sealed_signal(1)
    file = proof_of(RECORD, 1)
    hidden = prove(RECORD[1], file)
    assert hidden.body is None
    assert "What it commits to: that takes the body and the nonce." in hidden.report().unproved
    opened = prove(RECORD[1], file, opening=sealed)
    assert opened.body == decode_entry(sealed.body)
    assert opened.report().proved[-1] == "The body and nonce you gave are what it commits to."
    assert not any("commits to" in said for said in opened.report().unproved)


def test_an_opening_that_does_not_fit_is_refused() -> None:
    sealed = sealed_signal(1)
    commit = decode_entry(RECORD[1])
    with pytest.raises(Refuted, match="not what the entry commits to"):
        open_commit(commit, evolve(sealed, nonce=b"n" * 32))
    with pytest.raises(Refuted, match="not what the entry commits to"):
        open_commit(commit, evolve(sealed, body=sealed.body.replace(b"AAPL", b"MSFT")))
    with pytest.raises(Refuted, match="malformed"):
        open_commit(commit, evolve(sealed, nonce=b"short"))
    with pytest.raises(Refuted, match="a signal commits to nothing"):
        open_commit(decode_entry(RECORD[SIGNAL]), sealed)


@pytest.mark.parametrize(
    "body",
    [
        tiny_signal(2),
        tiny_signal(1, strategy="beta"),
        tiny_signal(1, log="argo.example/else"),
        tiny_signal(1, decided_us=DECIDED + 1),
        tiny_quiet(1),
    ],
)
def test_a_commit_to_something_else_than_its_signal_is_refused(body: bytes) -> None:
    sealed = Sealed(body, b"n" * 32)
    with pytest.raises(Refuted, match="something else than the signal of its place"):
        open_commit(decode_entry(commit_to(sealed, 1)), sealed)


def test_a_commit_to_no_entry_at_all_is_refused() -> None:
    sealed = Sealed(b"{}", b"n" * 32)
    with pytest.raises(Refuted, match="malformed"):
        open_commit(decode_entry(commit_to(sealed, 1)), sealed)


def test_a_report_cannot_be_good_with_problems_or_bad_without() -> None:
    assert failed(Refuted("it is wrong")) == Report(Verdict.REFUTED, ("it is wrong",))
    assert failed(Unchecked("it is away")) == Report(Verdict.UNCHECKED, ("it is away",))
    with pytest.raises(InvalidInput):
        Report(Verdict.GOOD, ("but",))
    with pytest.raises(InvalidInput):
        Report(Verdict.REFUTED)


def test_a_changed_copy_of_an_entry_is_another_entry() -> None:
    copy = changed(RECORD[SIGNAL], reasoning="after the fact")
    with pytest.raises(Refuted):
        prove(copy, proof_of(RECORD, SIGNAL))


def _cosigned(witness: FakeSigner, time_s: int) -> tuple[SignatureLine, ...]:
    text = signed(head_of(RECORD), {}).text
    return (cosign(text, time_s, witness.key, witness.sign),)
