"""C2SP tlog-checkpoint and tlog-cosignature."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.ledger.checkpoint import (
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from argo_core.ledger.cosignature import (
    check_cosignature,
    cosign,
    cosignature_message,
    cosignatures,
)
from argo_core.ledger.decimal_line import LARGEST
from argo_core.ledger.merkle import EMPTY_ROOT
from argo_core.ledger.note import Note, SignatureLine, parse_note
from argo_core.ledger.strict_base64 import read_base64, write_base64
from argo_core.ledger.verifier_key import COSIGNATURE, VerifierKey
from argo_core.testing.fake_signer import FakeSigner, fake_verify

# The example of both specifications; the keys are not published.
PUBLISHED = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 \
jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""
LOG = FakeSigner("argo.example/log")
OTHER = FakeSigner("other.example/log")
WITNESS = FakeSigner("witness.example", COSIGNATURE)
RIVAL = FakeSigner("rival.example", COSIGNATURE)
ROOT = bytes(range(32))
CHECKPOINT = Checkpoint("argo.example/log", 5, ROOT)
NOTE = sign_checkpoint(CHECKPOINT, LOG.key, LOG.sign)
HASH = write_base64(ROOT)
NOW = 1_700_000_000
COSIGNED = cosign(CHECKPOINT.text, NOW, WITNESS.key, WITNESS.sign)


def test_the_published_example_is_read() -> None:
    note = parse_note(PUBLISHED.encode())
    root = read_base64("root", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    assert parse_checkpoint(note.text) == Checkpoint("example.com/behind-the-sofa", 20852163, root)
    assert note.encode() == PUBLISHED.encode()


def test_the_published_cosignature_says_the_published_message() -> None:
    note = parse_note(PUBLISHED.encode())
    time_s = int.from_bytes(note.signatures[1].payload[:8], "big")
    assert time_s == 1679315147
    assert cosignature_message(note.text, time_s).decode() == (
        "cosignature/v1\n"
        "time 1679315147\n"
        "example.com/behind-the-sofa\n"
        "20852163\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


@given(st.integers(1, LARGEST), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_survives_the_way_there_and_back(size: int, root: bytes) -> None:
    checkpoint = Checkpoint("argo.example/log", size, root)
    note = sign_checkpoint(checkpoint, LOG.key, LOG.sign)
    assert parse_checkpoint(checkpoint.text) == checkpoint
    assert open_checkpoint(note.encode(), LOG.key, fake_verify) == (checkpoint, note)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "lines"),
        ("\n", "lines"),
        ("argo\n5\n", "2 lines"),
        (f"argo\n5\n{HASH}", "lines"),
        (f"argo\n5\n{HASH}\nextension\n", "4 lines"),
        (f"argo\n5\n{HASH}\nextension", "3 lines"),
        (f"argo\n5\n{HASH}\n\n", "4 lines"),
        (f"\n5\n{HASH}\n", "origin"),
        (f"argo\n05\n{HASH}\n", "size"),
        (f"argo\n-5\n{HASH}\n", "size"),
        (f"argo\n5.0\n{HASH}\n", "size"),
        (f"argo\n\n{HASH}\n", "size"),
        (f"argo\n5 \n{HASH}\n", "size"),
        (f"argo\n{2**63}\n{HASH}\n", "size"),
        ("argo\n5\n\n", "root: it has 0 bytes"),
        (f"argo\n5\n{HASH[:-1]}\n", "root: it is not base64"),
        (f"argo\n5\n{write_base64(ROOT[:-1])}\n", "root: it has 31 bytes"),
        (f"argo\n5\n{write_base64(ROOT + b'x')}\n", "root: it has 33 bytes"),
        (f"argo\n5\n{HASH[:-2]}9=\n", "spare bits"),
        (f"argo\n0\n{HASH}\n", "tree of nothing"),
    ],
)
def test_what_is_no_checkpoint_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        parse_checkpoint(text)


def test_the_empty_tree_has_a_checkpoint() -> None:
    empty = Checkpoint("argo.example/log", 0, EMPTY_ROOT)
    assert parse_checkpoint(empty.text) == empty
    assert "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" in empty.text


@pytest.mark.parametrize(("origin", "size"), [("a\nb", 5), ("", 5), ("a", -1), ("a", 2**63)])
def test_what_could_not_be_read_back_is_no_checkpoint(origin: str, size: int) -> None:
    with pytest.raises(InvalidInput):
        Checkpoint(origin, size, ROOT)


@pytest.mark.parametrize("change", [1, 0x20, 0x80])
def test_every_byte_of_a_signed_checkpoint_counts(change: int) -> None:
    data = NOTE.encode()
    for place in range(len(data)):
        damaged = data[:place] + bytes([data[place] ^ change]) + data[place + 1 :]
        with pytest.raises(InvalidInput):
            open_checkpoint(damaged, LOG.key, fake_verify)


def test_a_checkpoint_is_opened_with_the_key_of_its_log_only() -> None:
    with pytest.raises(InvalidInput, match="no good signature"):
        open_checkpoint(Note(CHECKPOINT.text, (COSIGNED,)).encode(), LOG.key, fake_verify)
    with pytest.raises(InvalidInput, match="the key is other"):
        open_checkpoint(NOTE.encode(), OTHER.key, fake_verify)
    # Another log signs what it says is ours, or ours signs what it says is another's.
    for key, sign in ((OTHER.key, OTHER.sign), (LOG.key, OTHER.sign)):
        forged = sign_checkpoint(CHECKPOINT, key, sign)
        with pytest.raises(InvalidInput, match="no good signature"):
            open_checkpoint(forged.encode(), LOG.key, fake_verify)
    theirs = sign_checkpoint(Checkpoint(OTHER.key.name, 5, ROOT), LOG.key, LOG.sign)
    with pytest.raises(InvalidInput, match="it is of other"):
        open_checkpoint(theirs.encode(), LOG.key, fake_verify)


def test_a_good_cosignature_says_who_and_when() -> None:
    found = check_cosignature(CHECKPOINT.text, COSIGNED, WITNESS.key, fake_verify)
    assert found is not None
    assert (found.key, found.time_s, found.line) == (WITNESS.key, NOW, COSIGNED)


def test_every_bit_of_a_cosignature_counts() -> None:
    size = len(COSIGNED.payload)
    number = int.from_bytes(COSIGNED.payload, "big")
    for bit in range(size * 8):
        payload = (number ^ 1 << bit).to_bytes(size, "big")
        line = SignatureLine(COSIGNED.name, COSIGNED.key_id, payload)
        assert check_cosignature(CHECKPOINT.text, line, WITNESS.key, fake_verify) is None


@pytest.mark.parametrize("payload", [b"?", bytes(71), bytes(73), COSIGNED.payload + b"\0"])
def test_a_cosignature_of_another_length_is_none(payload: bytes) -> None:
    line = SignatureLine(COSIGNED.name, COSIGNED.key_id, payload)
    # Whatever a verifier thinks of a signature that is too short or too long.
    for verify in (fake_verify, lambda *_: True):
        assert check_cosignature(CHECKPOINT.text, line, WITNESS.key, verify) is None


def test_a_cosignature_is_eight_bytes_of_time_and_a_signature() -> None:
    assert len(COSIGNED.payload) == 72
    assert COSIGNED.payload[:8] == NOW.to_bytes(8, "big")
    assert COSIGNED.payload[8:] == WITNESS.sign(cosignature_message(CHECKPOINT.text, NOW))


def test_a_good_signature_under_another_name_or_id_is_none() -> None:
    for name, key_id in (("other.example", COSIGNED.key_id), (COSIGNED.name, b"\0\0\0\0")):
        line = SignatureLine(name, key_id, COSIGNED.payload)
        assert check_cosignature(CHECKPOINT.text, line, WITNESS.key, fake_verify) is None


def test_a_time_beyond_the_protocol_s_is_refused_though_it_is_signed() -> None:
    time_s = LARGEST + 1
    signature = WITNESS.sign(cosignature_message(CHECKPOINT.text, time_s))
    line = SignatureLine(COSIGNED.name, COSIGNED.key_id, time_s.to_bytes(8, "big") + signature)
    assert check_cosignature(CHECKPOINT.text, line, WITNESS.key, fake_verify) is None
    for wrong in (-1, time_s):
        with pytest.raises(InvalidInput, match="time"):
            cosign(CHECKPOINT.text, wrong, WITNESS.key, WITNESS.sign)


@given(st.sampled_from([0, 1, NOW, LARGEST]))
def test_every_time_that_can_be_written_is_read_back(time_s: int) -> None:
    line = cosign(CHECKPOINT.text, time_s, WITNESS.key, WITNESS.sign)
    found = check_cosignature(CHECKPOINT.text, line, WITNESS.key, fake_verify)
    assert found is not None
    assert found.time_s == time_s


def test_a_cosignature_is_of_one_text_by_one_key() -> None:
    other = Checkpoint("argo.example/log", 6, ROOT)
    assert check_cosignature(other.text, COSIGNED, WITNESS.key, fake_verify) is None
    assert check_cosignature(CHECKPOINT.text, COSIGNED, RIVAL.key, fake_verify) is None
    renamed = SignatureLine(RIVAL.key.name, RIVAL.key.key_id, COSIGNED.payload)
    assert check_cosignature(CHECKPOINT.text, renamed, RIVAL.key, fake_verify) is None


def test_a_signature_of_a_checkpoint_is_no_cosignature() -> None:
    # The same secret for both uses: the first line of what is signed keeps them apart.
    secret = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = secret.public_key().public_bytes_raw()
    key = VerifierKey("argo.example/log", COSIGNATURE, public)

    def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
        try:
            secret.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return public_key == public

    signature = secret.sign(CHECKPOINT.text.encode())
    line = SignatureLine(key.name, key.key_id, NOW.to_bytes(8, "big") + signature)
    assert check_cosignature(CHECKPOINT.text, line, key, verify) is None
    good = cosign(CHECKPOINT.text, NOW, key, secret.sign)
    assert check_cosignature(CHECKPOINT.text, good, key, verify) is not None


def test_of_many_lines_each_known_witness_counts_once_with_its_earliest() -> None:
    later = cosign(CHECKPOINT.text, NOW + 9, WITNESS.key, WITNESS.sign)
    rival = cosign(CHECKPOINT.text, NOW + 3, RIVAL.key, RIVAL.sign)
    bad = SignatureLine(rival.name, rival.key_id, rival.payload[:-1] + b"?")
    note = Note(NOTE.text, (*NOTE.signatures, later, bad, COSIGNED, rival, later))
    found = cosignatures(note, (WITNESS.key, RIVAL.key), fake_verify)
    assert {(one.key.name, one.time_s) for one in found} == {
        ("witness.example", NOW),
        ("rival.example", NOW + 3),
    }
    assert [one.key for one in cosignatures(note, (RIVAL.key,), fake_verify)] == [RIVAL.key]
    assert cosignatures(note, (), fake_verify) == ()
    assert cosignatures(NOTE, (WITNESS.key, RIVAL.key), fake_verify) == ()
