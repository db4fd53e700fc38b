"""Keys, notes, checkpoints and cosignatures, beside what the vectors ask for."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.adapters.secrets.ed25519 import Ed25519Signer, make_signer, verify_ed25519
from alpine_service.domain.feed import base64_strict
from alpine_service.domain.feed.checkpoint import Head, read_checkpoint, require_signed
from alpine_service.domain.feed.cosignature import (
    cosignature_line,
    cosignature_message,
    cosigned_at,
)
from alpine_service.domain.feed.hash_lines import read_hashes
from alpine_service.domain.feed.note import LARGEST_NOTE, read_lines, read_note, write_line
from alpine_service.domain.feed.number import read_number
from alpine_service.domain.feed.policy import Policy, Witnessed, read_witnessed
from alpine_service.domain.feed.tree import EMPTY_ROOT
from alpine_service.domain.feed.verifier_key import (
    Algorithm,
    VerifierKey,
    make_verifier_key,
    read_verifier_key,
)
from alpine_service.errors import FeedError, Malformed, Refuted

LOG = make_signer("log.example/one", b"\x01" * 32, Algorithm.CHECKPOINT)
WITNESS = make_signer("witness.example/one", b"\x02" * 32, Algorithm.COSIGNATURE)
SECOND = make_signer("witness.example/two", b"\x03" * 32, Algorithm.COSIGNATURE)
HEAD = Head("log.example/one", 7, b"\x55" * 32)
POLICY = Policy(LOG.verifier_key, (WITNESS.verifier_key, SECOND.verifier_key), 1)


def signed(signer: Ed25519Signer, text: str) -> str:
    return write_line(signer.verifier_key, signer.sign(text.encode()))


def cosigned(signer: Ed25519Signer, text: str, time_s: int) -> str:
    message = cosignature_message(time_s, text)
    return cosignature_line(signer.verifier_key, time_s, signer.sign(message))


def note(*lines: str, head: Head = HEAD) -> bytes:
    return f"{head.text()}\n{signed(LOG, head.text())}{''.join(lines)}".encode()


def read(data: bytes, policy: Policy = POLICY) -> Witnessed:
    return read_witnessed(data, policy, verify_ed25519)


def test_every_flipped_bit_of_a_checkpoint_is_refused_or_leaves_the_witness_out() -> None:
    data = note(cosigned(WITNESS, HEAD.text(), 1_700_000_000))
    assert read(data).is_met
    for bit in range(len(data) * 8):
        flipped = (int.from_bytes(data) ^ 1 << bit).to_bytes(len(data))
        try:
            witnessed = read(flipped)
        except FeedError:
            continue
        assert not witnessed.is_met
        assert witnessed.head == HEAD


def test_the_earliest_good_time_of_each_witness_counts() -> None:
    text = HEAD.text()
    bad = cosigned(WITNESS, text + "x", 1)
    times = [cosigned(WITNESS, text, time) for time in (30, 20, 40)]
    witnessed = read(note(bad, *times, cosigned(SECOND, text, 10)))
    assert witnessed.cosigned == {WITNESS.verifier_key: 20, SECOND.verifier_key: 10}
    assert witnessed.witnessed_at_s == 10


def test_one_key_under_two_names_is_one_witness() -> None:
    again = make_signer("witness.example/again", b"\x02" * 32, Algorithm.COSIGNATURE)
    witnesses = (WITNESS.verifier_key, again.verifier_key, SECOND.verifier_key)
    policy = Policy(LOG.verifier_key, witnesses, 2)
    text = HEAD.text()
    both = note(cosigned(WITNESS, text, 20), cosigned(again, text, 10))
    assert read(both, policy).cosigned == {again.verifier_key: 10}
    assert not read(both, policy).is_met
    reverse = note(cosigned(WITNESS, text, 10), cosigned(again, text, 20))
    assert read(reverse, policy).cosigned == {WITNESS.verifier_key: 10}
    assert read(note(cosigned(WITNESS, text, 1), cosigned(SECOND, text, 1)), policy).is_met


def test_the_logs_own_key_is_no_witness() -> None:
    own = make_signer("witness.example/own", b"\x01" * 32, Algorithm.COSIGNATURE)
    policy = Policy(LOG.verifier_key, (own.verifier_key, WITNESS.verifier_key), 1)
    witnessed = read(note(cosigned(own, HEAD.text(), 1)), policy)
    assert witnessed.cosigned == {}
    assert not witnessed.is_met


def test_without_a_quorum_nothing_is_pending() -> None:
    assert read(note(), Policy(LOG.verifier_key)).is_met


BAD_POLICIES: dict[str, tuple[VerifierKey, tuple[VerifierKey, ...], int]] = {
    "the log's key cosigns": (WITNESS.verifier_key, (), 0),
    "a witness's key signs checkpoints": (LOG.verifier_key, (LOG.verifier_key,), 0),
    "more are wanted than there are": (LOG.verifier_key, (WITNESS.verifier_key,), 2),
    "one is counted twice": (LOG.verifier_key, (WITNESS.verifier_key,) * 2, 2),
    "less than none are wanted": (LOG.verifier_key, (WITNESS.verifier_key,), -1),
}


@pytest.mark.parametrize("name", BAD_POLICIES)
def test_a_policy_that_cannot_be_meant_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        Policy(*BAD_POLICIES[name])


def test_a_cosignature_is_of_its_key_length_and_time() -> None:
    text, key = HEAD.text(), WITNESS.verifier_key
    (line,) = read_lines(cosigned(WITNESS, text, 5))
    assert cosigned_at(key, text, line, verify_ed25519) == 5
    assert cosigned_at(SECOND.verifier_key, text, line, verify_ed25519) is None
    checkpoint_key = make_verifier_key(key.name, Algorithm.CHECKPOINT, key.public_key)
    (plain,) = read_lines(write_line(checkpoint_key, line.signature))
    assert cosigned_at(checkpoint_key, text, plain, verify_ed25519) is None
    (short,) = read_lines(write_line(key, line.signature[:-1]))
    assert cosigned_at(key, text, short, verify_ed25519) is None
    (late,) = read_lines(cosigned(WITNESS, text, 2**63))
    assert cosigned_at(key, text, late, verify_ed25519) is None
    (latest,) = read_lines(cosigned(WITNESS, text, 2**63 - 1))
    assert cosigned_at(key, text, latest, verify_ed25519) == 2**63 - 1


def test_every_line_of_the_log_must_verify() -> None:
    bad = write_line(LOG.verifier_key, b"\x00" * 64)
    short = write_line(LOG.verifier_key, b"\x00" * 63)
    for line in (bad, short):
        with pytest.raises(Refuted) as refusal:
            read(note(line))
        assert refusal.value.reason == "bad-signature"


@pytest.mark.parametrize("size", [0, 7, 2**63 - 1])
def test_a_head_is_read_as_it_was_written(size: int) -> None:
    head = Head(HEAD.origin, size, HEAD.root if size else EMPTY_ROOT)
    checkpoint = read_checkpoint(note(head=head))
    require_signed(checkpoint, LOG.verifier_key, verify_ed25519)
    assert checkpoint.head == head


def test_a_note_may_have_empty_lines_in_its_text() -> None:
    assert read_note(b"a\n\n\n\xe2\x80\x94 x AAAAAAE=\n").text == "a\n\n"


def test_a_note_has_an_end() -> None:
    signature = signed(LOG, "x\n")
    largest = "x" * (LARGEST_NOTE - len(signature.encode()) - 2) + "\n\n" + signature
    assert read_note(largest.encode()).lines
    with pytest.raises(Malformed):
        read_note(b"x" + largest.encode())


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "\n",
        "— x AAAAAAE=",
        "— x AAAAAA==\n",
        "— x\n",
        "— x  AAAAAAE=\n",
        "— x\u00a0y AAAAAAE=\n",
        "— x+y AAAAAAE=\n",
        "—  AAAAAAE=\n",
        "- x AAAAAAE=\n",
        "— x AAAAAAE=\n" * 17,
        "— x AAAAAAE=\n\n",
    ],
)
def test_bad_signature_lines_are_refused(lines: str) -> None:
    with pytest.raises(Malformed):
        read_lines(lines)


@given(st.binary(max_size=40))
def test_base64_has_one_spelling(data: bytes) -> None:
    text = base64_strict.encode(data)
    assert text == b64encode(data).decode()
    assert base64_strict.decode(text, size=len(data)) == data
    with pytest.raises(Malformed):
        base64_strict.decode(text, size=len(data) + 1)


@given(st.text("AB+/=\n -_é", max_size=8))
def test_no_other_spelling_is_read(text: str) -> None:
    try:
        data = base64_strict.decode(text)
    except Malformed:
        return
    assert base64_strict.encode(data) == text


@given(st.integers(0, 2**63 - 1))
def test_a_number_is_read(number: int) -> None:
    assert read_number(str(number)) == number


@pytest.mark.parametrize(
    "text",
    ["", "00", "01", "+1", "-1", " 1", "1 ", "1\n", "1.0", "\u0663", "1_0", str(2**63), "9" * 99],
)
def test_no_other_number_is_read(text: str) -> None:
    with pytest.raises(Malformed):
        read_number(text)


def test_a_proof_has_at_most_sixty_three_hashes() -> None:
    line = base64_strict.encode(bytes(32))
    assert len(read_hashes([line] * 63)) == 63
    with pytest.raises(Malformed):
        read_hashes([line] * 64)


def test_every_flipped_bit_of_a_key_is_refused() -> None:
    line = LOG.key.encode()
    for bit in range(len(line) * 8):
        flipped = (int.from_bytes(line) ^ 1 << bit).to_bytes(len(line))
        with pytest.raises(Malformed):
            read_verifier_key(flipped.decode("latin-1"))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "é", "a\n", "x" * 256])
def test_nobody_is_called_so(name: str) -> None:
    with pytest.raises(Malformed):
        make_verifier_key(name, Algorithm.CHECKPOINT, bytes(32))


def test_a_public_key_has_its_length() -> None:
    with pytest.raises(Malformed):
        make_verifier_key("x", Algorithm.CHECKPOINT, bytes(31))
