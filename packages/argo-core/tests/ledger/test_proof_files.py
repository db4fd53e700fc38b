"""C2SP tlog-proof and the two sides of C2SP tlog-witness's `add-checkpoint`, as bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.ledger.add_checkpoint import (
    MAX_REQUEST_BYTES,
    AddCheckpoint,
    parse_add_checkpoint,
    parse_cosignature_lines,
    parse_size,
)
from argo_core.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from argo_core.ledger.cosignature import cosign
from argo_core.ledger.decimal_line import LARGEST
from argo_core.ledger.hash_lines import MAX_HASHES
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.note import MAX_NOTE_BYTES, MAX_SIGNATURES
from argo_core.ledger.proof import check_inclusion, prove_consistency, prove_inclusion
from argo_core.ledger.proof_file import (
    HEADER,
    MAX_EXTRA,
    MAX_FILE_BYTES,
    ProofFile,
    parse_proof_file,
)
from argo_core.ledger.strict_base64 import write_base64
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.fake_signer import FakeSigner, fake_verify

LOG = FakeSigner("argo.example/log")
WITNESS = FakeSigner("witness.example", COSIGNATURE)
DATA = [b"entry %d" % index for index in range(13)]
LEAVES = [leaf_hash(one) for one in DATA]
CHECKPOINT = Checkpoint(LOG.key.name, 13, Frontier().extend(LEAVES).root())
NOTE = sign_checkpoint(CHECKPOINT, LOG.key, LOG.sign)
FILE = ProofFile(6, prove_inclusion(LEAVES, 6), NOTE.encode())
REQUEST = AddCheckpoint(5, prove_consistency(LEAVES, 5), NOTE.encode())
HASH = write_base64(bytes(32))
LINE = cosign(NOTE.text, 1_700_000_000, WITNESS.key, WITNESS.sign)

PROOFS = st.lists(st.binary(min_size=32, max_size=32), max_size=MAX_HASHES).map(tuple)
NUMBERS = st.integers(0, LARGEST)


def is_proved(data: bytes, entry: bytes) -> bool:
    """What a careful reader of a proof file says of it."""
    try:
        file = parse_proof_file(data)
        checkpoint, _ = open_checkpoint(file.checkpoint, LOG.key, fake_verify)
    except InvalidInput:
        return False
    leaf, head = leaf_hash(entry), checkpoint
    return check_inclusion(leaf, file.index, head.size, file.proof, head.root)


def test_a_proof_file_proves_its_entry_and_no_other() -> None:
    assert [is_proved(FILE.encode(), entry) for entry in DATA] == [at == 6 for at in range(13)]


def test_a_proof_file_is_laid_out_as_the_protocol_says() -> None:
    lines = FILE.encode().decode().split("\n")
    assert lines[:2] == [HEADER, "index 6"]
    assert lines[2:6] == [write_base64(one) for one in FILE.proof]
    assert lines[6:8] == ["", LOG.key.name]
    with_extra = ProofFile(6, FILE.proof, FILE.checkpoint, b"name").encode().decode().split("\n")
    assert with_extra[:3] == [HEADER, "extra bmFtZQ==", "index 6"]


@pytest.mark.parametrize("change", [1, 2, 0x20, 0x80])
def test_every_byte_of_a_proof_file_counts(change: int) -> None:
    data = FILE.encode()
    for place in range(len(data)):
        damaged = data[:place] + bytes([data[place] ^ change]) + data[place + 1 :]
        assert not is_proved(damaged, DATA[6])


def test_every_cut_and_every_line_left_out_or_said_twice_is_found_out() -> None:
    data = FILE.encode()
    lines = data.splitlines(keepends=True)
    cut = [data[:end] for end in range(len(data))]
    fewer = [b"".join(lines[:at] + lines[at + 1 :]) for at in range(len(lines))]
    more = [b"".join([*lines[:at], lines[at], *lines[at:]]) for at in range(len(lines) - 1)]
    for damaged in (*cut, *fewer, *more):
        assert not is_proved(damaged, DATA[6])
    # The same signature once more says nothing new.
    assert is_proved(data + lines[-1], DATA[6])


@given(NUMBERS, PROOFS, st.binary(max_size=200), st.binary(max_size=80))
def test_a_proof_file_survives_the_way_there_and_back(
    index: int, proof: tuple[bytes, ...], checkpoint: bytes, extra: bytes
) -> None:
    file = ProofFile(index, proof, checkpoint, extra)
    assert parse_proof_file(file.encode()) == file


@given(NUMBERS, PROOFS, st.binary(max_size=200))
def test_a_request_survives_the_way_there_and_back(
    old_size: int, proof: tuple[bytes, ...], checkpoint: bytes
) -> None:
    asked = AddCheckpoint(old_size, proof, checkpoint)
    assert parse_add_checkpoint(asked.encode()) == asked


def test_a_request_is_laid_out_as_the_protocol_says() -> None:
    lines = REQUEST.encode().decode().split("\n")
    assert lines[0] == "old 5"
    assert lines[1:-7] == [write_base64(one) for one in REQUEST.proof]
    assert lines[-7:-4] == ["", LOG.key.name, "13"]
    assert AddCheckpoint(0, (), b"checkpoint").encode() == b"old 0\n\ncheckpoint"


HEAD = HEADER.encode()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not a c2sp"),
        (b"\n\n", "not a c2sp"),
        (HEAD, "not a c2sp"),
        (HEAD + b"\nindex 0\n", "not a c2sp"),
        (HEAD[:-1] + b"2\nindex 0\n\n", "not a c2sp"),
        (b"\n" + HEAD + b"\nindex 0\n\n", "not a c2sp"),
        (b"\xef\xbb\xbf" + HEAD + b"\nindex 0\n\n", "not ASCII"),
        (HEAD + b"\n\n", "index: its line is missing"),
        (HEAD + b"\r\nindex 0\r\n\r\n", "not a c2sp"),
        (HEAD + b"\nindex 0\r\n\n", "index"),
        (HEAD + b"\nINDEX 0\n\n", "index: its line is missing"),
        (HEAD + b"\nindex\n\n", "index: its line is missing"),
        (HEAD + b"\nindex \n\n", "index"),
        (HEAD + b"\nindex 00\n\n", "index"),
        (HEAD + b"\nindex -1\n\n", "index"),
        (HEAD + b"\nindex 9223372036854775808\n\n", "index"),
        (HEAD + b"\nindex 0\nindex 0\n\n", "proof: it is not base64"),
        (HEAD + b"\nindex 0\nextra AAAA\n\n", "proof: it is not base64"),
        (HEAD + b"\nextra AAAA\n\n", "index: its line is missing"),
        (HEAD + b"\nextra AAAA\nextra AAAA\nindex 0\n\n", "index: its line is missing"),
        (HEAD + b"\nextra \nindex 0\n\n", "extra: it is empty"),
        (HEAD + b"\nextra AAA\nindex 0\n\n", "extra: it is not base64"),
        (HEAD + b"\nextra AAB=\nindex 0\n\n", "extra: its base64 has spare bits"),
        (HEAD + b"\nindex 0\nAAAA\n\n", "no SHA-256"),
        (HEAD + f"\nindex 0\n{HASH[:-2]}B=\n\n".encode(), "spare bits"),
        (HEAD + f"\nindex 0\n{HASH} \n\n".encode(), "not base64"),
    ],
)
def test_what_is_no_proof_file_is_refused_with_the_reason(data: bytes, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        parse_proof_file(data)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "begin with the old size"),
        (b"old 5", "begin with the old size"),
        (b"old 5\n", "begin with the old size"),
        (b"\n\nold 5", "begin with the old size"),
        (b"Old 5\n\n", "begin with the old size"),
        (b"old5\n\n", "begin with the old size"),
        (b"old  5\n\n", "old"),
        (b"old 05\n\n", "old"),
        (b"old -5\n\n", "old"),
        (b"old \n\n", "old"),
        (b"old 5\r\n\r\n", "begin with the old size"),
        (b"old 9223372036854775808\n\n", "old"),
        (b"old \xd9\xa5\n\n", "not ASCII"),
        (b"old 5\nold 5\n\n", "not base64"),
        (b"old 5\nAAAA\n\n", "no SHA-256"),
        (f"old 5\n{HASH[:-2]}B=\n\n".encode(), "spare bits"),
    ],
)
def test_what_is_no_request_is_refused_with_the_reason(data: bytes, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        parse_add_checkpoint(data)


@pytest.mark.parametrize("number", [-1, 2**63])
def test_numbers_that_could_not_be_read_back_are_not_written(number: int) -> None:
    for make in (ProofFile, AddCheckpoint):
        with pytest.raises(InvalidInput, match="out of range"):
            make(number, (), b"")


@pytest.mark.parametrize("proof", [(b"",), (bytes(33),), (bytes(32), bytes(31))])
def test_proofs_that_could_not_be_read_back_are_not_written(proof: tuple[bytes, ...]) -> None:
    for make in (ProofFile, AddCheckpoint):
        with pytest.raises(InvalidInput, match="no SHA-256"):
            make(0, proof, b"")


def test_everything_is_bounded() -> None:
    too_many = f"{HASH}\n".encode() * 64 + b"\n"
    extra = write_base64(bytes(MAX_EXTRA + 1)).encode()
    for data, problem in (
        (HEAD + b"\nindex 0\n" + too_many, "64 hashes"),
        (HEAD + b"\nextra " + extra + b"\nindex 0\n\n", "4097 bytes"),
        (HEAD + b"\nindex 0\n\n" + bytes(MAX_FILE_BYTES), "bytes"),
    ):
        with pytest.raises(InvalidInput, match=problem):
            parse_proof_file(data)
    for data in (b"old 5\n" + too_many, b"old 5\n\n" + bytes(MAX_REQUEST_BYTES)):
        with pytest.raises(InvalidInput, match=r"64 hashes|bytes"):
            parse_add_checkpoint(data)
    line = f"{LINE}\n".encode()
    for body in (line * (MAX_SIGNATURES + 1), b"x" * (MAX_NOTE_BYTES + 1)):
        with pytest.raises(InvalidInput, match=r"17 lines|131073 bytes"):
            parse_cosignature_lines(body)
    for body in (b"5" * 1_000_000 + b"\n", b"5\n" + b"x" * 1_000):
        with pytest.raises(InvalidInput, match="size"):
            parse_size(body)


def test_sixty_three_hashes_are_read() -> None:
    assert len(parse_proof_file(ProofFile(0, (bytes(32),) * 63, b"").encode()).proof) == 63


@given(st.binary(max_size=200) | st.text("old index5\nA=/+c2sp", max_size=60).map(str.encode))
def test_whatever_is_sent_is_read_back_as_it_was_or_refused(data: bytes) -> None:
    for prefix in (b"", b"old 5\n", HEAD + b"\nindex 5\n"):
        for parse in (parse_proof_file, parse_add_checkpoint):
            try:
                value = parse(prefix + data)
            except InvalidInput:
                continue
            assert value.encode() == prefix + data


def test_what_just_fits_is_read() -> None:
    file = HEAD + b"\nindex 0\n\n"
    whole = file + bytes(MAX_FILE_BYTES - len(file))
    assert (len(whole), parse_proof_file(whole).encode()) == (262_144, whole)
    request = b"old 0\n\n" + bytes(MAX_REQUEST_BYTES - 7)
    assert (len(request), parse_add_checkpoint(request).encode()) == (262_144, request)
    assert len(ProofFile(0, (), b"", bytes(MAX_EXTRA)).extra) == 4_096
    # A name may be as long as what is left.
    line = f"{LINE}\n".encode()
    name = b"n" * (MAX_NOTE_BYTES - len(line) + len(LINE.name))
    body = line.replace(LINE.name.encode(), name)
    assert (len(body), len(parse_cosignature_lines(body))) == (MAX_NOTE_BYTES, 1)


def test_an_answer_is_one_to_sixteen_lines() -> None:
    line = f"{LINE}\n".encode()
    assert parse_cosignature_lines(line) == (LINE,)
    assert parse_cosignature_lines(line * MAX_SIGNATURES) == (LINE,) * MAX_SIGNATURES


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "does not end"),
        (b"\n", "no signature line"),
        (str(LINE).encode(), "does not end"),
        (f"{LINE}\n\n".encode(), "no signature line"),
        (f"{LINE}\r\n".encode(), "not base64"),
        (f"\n{LINE}\n".encode(), "no signature line"),
        (f"{NOTE.encode().decode()}{LINE}\n".encode(), "no signature line"),
        (b"\xff\n", "not UTF-8"),
    ],
)
def test_what_is_no_answer_is_refused_with_the_reason(body: bytes, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        parse_cosignature_lines(body)


@pytest.mark.parametrize("size", [0, 5, LARGEST])
def test_the_size_a_witness_stands_at_is_read(size: int) -> None:
    assert parse_size(f"{size}\n".encode()) == size


@pytest.mark.parametrize(
    "body",
    [b"", b"\n", b"5", b"5\r\n", b" 5\n", b"5 \n", b"05\n", b"-5\n", b"5\n5\n", b"5\n\n", b"\xff\n",
     b"\xd9\xa5\n", b"9223372036854775808\n"],
)  # fmt: skip
def test_what_is_no_size_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput, match="size"):
        parse_size(body)
