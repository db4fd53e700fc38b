"""The statuses of C2SP tlog-witness, one by one."""

import pytest

from argo_core.errors import InvalidInput
from argo_core.ledger.add_checkpoint import AddCheckpoint, parse_cosignature_lines
from argo_core.ledger.checkpoint import sign_checkpoint
from argo_core.ledger.cosignature import check_cosignature
from argo_core.ledger.note import SignatureLine, parse_note
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import LOG
from argo_core.testing.fake_signer import FakeSigner, fake_verify
from argo_core.testing.witness import PLAIN, SIZE, ReferenceWitness, WitnessReply
from argo_core.testing.witness_contract import LEAVES, RIVALS, checkpoint_of, request_of

NOW = 1_700_000_000
LOG_SIGNER = FakeSigner(LOG)
SIGNER = FakeSigner("witness.example/alpine", COSIGNATURE)


@pytest.fixture
def witness() -> ReferenceWitness:
    return ReferenceWitness(SIGNER, {LOG: LOG_SIGNER.key}, fake_verify)


@pytest.fixture
def at_five(witness: ReferenceWitness) -> ReferenceWitness:
    assert witness.answer(request_of(LOG_SIGNER, 0, 5).encode(), NOW).status == 200
    return witness


def test_200_is_a_line_that_cosigns_the_checkpoint_at_that_time(witness: ReferenceWitness) -> None:
    asked = request_of(LOG_SIGNER, 0, 5)
    reply = witness.answer(asked.encode(), NOW)
    assert (reply.status, reply.content_type) == (200, PLAIN)
    assert reply.body.startswith("— witness.example/alpine ".encode())
    assert reply.body.endswith(b"\n")
    (line,) = parse_cosignature_lines(reply.body)
    good = check_cosignature(parse_note(asked.checkpoint).text, line, SIGNER.key, fake_verify)
    assert good is not None
    assert good.time_s == NOW


def test_200_ignores_signatures_of_keys_it_does_not_know(witness: ReferenceWitness) -> None:
    note = sign_checkpoint(checkpoint_of(LOG_SIGNER, LEAVES[:5]), LOG_SIGNER.key, LOG_SIGNER.sign)
    # One shares the known key's name, another its id, and neither is good.
    strangers = (
        SignatureLine(LOG, b"\0\0\0\0", b"?" * 64),
        SignatureLine("other.example/log", LOG_SIGNER.key.key_id, b"?" * 64),
    )
    asked = AddCheckpoint(0, (), note.with_lines(*strangers).encode())
    assert witness.answer(asked.encode(), NOW).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n\n",
        b"old 0\n",
        b"\xff",
        request_of(LOG_SIGNER, 0, 5).encode().replace(b"old 0", b"old 00"),
        request_of(LOG_SIGNER, 0, 5).encode().replace(b"old 0", b"old -1"),
        request_of(LOG_SIGNER, 0, 5).encode().replace(b"\n", b"\r\n"),
        request_of(LOG_SIGNER, 0, 5).encode().replace(b"\n5\n", b"\n05\n"),
        request_of(LOG_SIGNER, 0, 5).encode()[:-1],
        b"old 0\n" + b"A" * 43 + b"=\n" * 1 + b"\n",
    ],
)
def test_400_is_for_what_cannot_be_read(witness: ReferenceWitness, body: bytes) -> None:
    assert witness.answer(body, NOW).status == 400
    assert witness.seen == {}


def test_400_is_for_an_old_size_beyond_the_checkpoint(at_five: ReferenceWitness) -> None:
    # Both 400 and 409 would fit an old size of 6; the order of the protocol's text decides.
    for old_size in (5, 6):
        assert at_five.answer(request_of(LOG_SIGNER, old_size, 4).encode(), NOW).status == 400


def test_404_is_for_an_unknown_origin_whoever_signed(witness: ReferenceWitness) -> None:
    stranger = FakeSigner("stranger.example/log")
    assert witness.answer(request_of(stranger, 0, 5).encode(), NOW).status == 404
    note = sign_checkpoint(checkpoint_of(stranger, LEAVES[:5]), LOG_SIGNER.key, LOG_SIGNER.sign)
    assert witness.answer(AddCheckpoint(0, (), note.encode()).encode(), NOW).status == 404


@pytest.mark.parametrize("old_size", [0, 3, 9])
def test_403_is_for_no_trusted_signature_before_anything_else(
    witness: ReferenceWitness, old_size: int
) -> None:
    other = FakeSigner("stranger.example/log")
    text = checkpoint_of(LOG_SIGNER, LEAVES[:5])
    for key in (LOG_SIGNER.key, other.key):
        note = sign_checkpoint(text, key, other.sign)
        asked = AddCheckpoint(old_size, (), note.encode())
        assert witness.answer(asked.encode(), NOW).status == 403


@pytest.mark.parametrize(("old_size", "size"), [(0, 5), (4, 5), (0, 9), (4, 9), (6, 9), (0, 0)])
def test_409_says_the_size_it_stands_at(
    at_five: ReferenceWitness, old_size: int, size: int
) -> None:
    reply = at_five.answer(request_of(LOG_SIGNER, old_size, size).encode(), NOW)
    assert reply == WitnessReply(409, SIZE, b"5\n")


def test_409_says_zero_before_the_first_cosignature(witness: ReferenceWitness) -> None:
    reply = witness.answer(request_of(LOG_SIGNER, 3, 5).encode(), NOW)
    assert reply == WitnessReply(409, SIZE, b"0\n")


def test_409_is_for_another_root_of_the_same_size(at_five: ReferenceWitness) -> None:
    reply = at_five.answer(request_of(LOG_SIGNER, 5, 5, RIVALS).encode(), NOW)
    # Not the size: the log that asked knows it, and would ask the same again for ever.
    assert (reply.status, reply.content_type) == (409, PLAIN)
    assert at_five.answer(request_of(LOG_SIGNER, 5, 5).encode(), NOW).status == 200


def test_422_is_for_a_proof_that_does_not_lead_there(at_five: ReferenceWitness) -> None:
    good = request_of(LOG_SIGNER, 5, 9)
    bad = [
        request_of(LOG_SIGNER, 5, 9, RIVALS),
        AddCheckpoint(5, (), good.checkpoint),
        AddCheckpoint(5, good.proof[:-1], good.checkpoint),
        AddCheckpoint(5, (*good.proof, LEAVES[0]), good.checkpoint),
        # The same checkpoint again needs no proof, and takes none.
        AddCheckpoint(5, (LEAVES[0],), request_of(LOG_SIGNER, 5, 5).checkpoint),
    ]
    for asked in bad:
        assert at_five.answer(asked.encode(), NOW).status == 422
    assert at_five.seen[LOG].size == 5
    assert at_five.answer(good.encode(), NOW).status == 200


def test_422_is_for_a_proof_from_nothing(witness: ReferenceWitness) -> None:
    asked = AddCheckpoint(0, (LEAVES[0],), request_of(LOG_SIGNER, 0, 5).checkpoint)
    assert witness.answer(asked.encode(), NOW).status == 422


def test_every_byte_of_a_request_counts(at_five: ReferenceWitness) -> None:
    body = request_of(LOG_SIGNER, 5, 9).encode()
    for place in range(len(body)):
        for change in (1, 0x20, 0x80):
            damaged = body[:place] + bytes([body[place] ^ change]) + body[place + 1 :]
            assert at_five.answer(damaged, NOW).status in {400, 403, 404, 409, 422}
    assert at_five.answer(body, NOW).status == 200


def test_logs_are_kept_apart() -> None:
    other = FakeSigner("other.example/log")
    keys = {LOG: LOG_SIGNER.key, other.key.name: other.key}
    witness = ReferenceWitness(SIGNER, keys, fake_verify)
    assert witness.key == SIGNER.key
    for signer, size in ((LOG_SIGNER, 5), (other, 9)):
        assert witness.answer(request_of(signer, 0, size).encode(), NOW).status == 200
    assert {origin: one.size for origin, one in witness.seen.items()} == {LOG: 5, other.key.name: 9}


def test_a_key_that_signs_checkpoints_cosigns_nothing() -> None:
    with pytest.raises(InvalidInput, match="cosigns"):
        ReferenceWitness(LOG_SIGNER, {}, fake_verify)
