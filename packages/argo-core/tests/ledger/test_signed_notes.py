"""C2SP signed-note, against the examples that Go's implementation is tested with, and against harm.

Real Ed25519 keys verify what others published; where a signature's mathematics is not the point, a
signer stands in that anybody can check.
"""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.ledger.note import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    Note,
    SignatureLine,
    is_signed,
    parse_note,
    parse_signature_line,
    sign_text,
)
from argo_core.ledger.strict_base64 import read_base64
from argo_core.ledger.verifier_key import parse_verifier_key
from argo_core.testing.fake_signer import FakeSigner, fake_verify

# From the tests of golang.org/x/mod/sumdb/note.
PETER = parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
ENOCH = parse_verifier_key("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")
PETERS_SEED = read_base64("seed", "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETERS = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
    "otpRZb6KE6RyyBwJnAM=\n"
)
ENOCHS = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33"
    "WWd1RvMc+QQ=\n"
)
# From the text of the specification; its key is not published.
QUASIMODO = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore \
NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""

SIGNER = FakeSigner("argo.example/log")
OTHER = FakeSigner("other.example/log")
LINE = sign_text("text\n", SIGNER.key, SIGNER.sign)


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_published_notes_are_signed_by_their_keys() -> None:
    note = parse_note((TEXT + "\n" + PETERS + ENOCHS).encode())
    assert note.text == TEXT
    assert [line.name for line in note.signatures] == ["PeterNeumann", "EnochRoot"]
    assert is_signed(note, PETER, verify)
    assert is_signed(note, ENOCH, verify)
    assert not is_signed(parse_note((TEXT + "\n" + PETERS).encode()), ENOCH, verify)


def test_signing_gives_the_published_note() -> None:
    sign = Ed25519PrivateKey.from_private_bytes(PETERS_SEED).sign
    note = Note(TEXT, (sign_text(TEXT, PETER, sign),))
    assert note.encode() == (TEXT + "\n" + PETERS).encode()


def test_a_text_may_have_empty_lines_and_letters_of_any_language() -> None:
    note = parse_note(QUASIMODO.encode())
    assert note.text.endswith("sole:\n\ned è subito sera.\n")
    assert note.encode() == QUASIMODO.encode()


@pytest.mark.parametrize("change", [1, 0x20, 0x80])
def test_every_byte_of_a_note_counts(change: int) -> None:
    data = (TEXT + "\n" + PETERS).encode()
    for place in range(len(data)):
        damaged = data[:place] + bytes([data[place] ^ change]) + data[place + 1 :]
        try:
            note = parse_note(damaged)
        except InvalidInput:
            continue
        assert not is_signed(note, PETER, verify)


def test_every_cut_of_a_note_is_refused() -> None:
    data = (TEXT + "\n" + PETERS).encode()
    for end in range(len(data)):
        with pytest.raises(InvalidInput):
            parse_note(data[:end])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "no empty line"),
        (b"\n", "no empty line"),
        (b"\n\n", "no empty line"),
        (b"text\n", "no empty line"),
        (f"text\n{LINE}\n".encode(), "no empty line"),
        (f"text\n\n{LINE}".encode(), "no empty line"),
        (f"text\n\n{LINE}\n\n".encode(), "no empty line"),
        (f"text\n\n{LINE}\nanother line\n".encode(), "no signature line"),
        (f"text\n\n\n{LINE}\n\n{LINE}x\n".encode(), "not base64"),
        (f"text\n\n-- {str(LINE)[2:]}\n".encode(), "no signature line"),
        (f"text\n\n—{str(LINE)[2:]}\n".encode(), "no signature line"),
        ("text\n\n— argo.example/log\n".encode(), "no signature line"),
        ("text\n\n— argo.example/log \n".encode(), "0 bytes of key id"),
        ("text\n\n— argo.example/log AAAA\n".encode(), "3 bytes of key id"),
        ("text\n\n— argo.example/log AAAAAA==\n".encode(), "and 0 more"),
        (f"text\n\n— bad name {str(LINE).split()[-1]}\n".encode(), "not base64"),
        (f"text\n\n— bad+name {str(LINE).split()[-1]}\n".encode(), "cannot name a key"),
        (f"text\n\n—  {str(LINE).split()[-1]}\n".encode(), "cannot name a key"),
        (f"text\n\n— bad\u00a0name {str(LINE).split()[-1]}\n".encode(), "cannot name a key"),
        (f"text\n\n— bad\u2028name {str(LINE).split()[-1]}\n".encode(), "cannot name a key"),
        (f"text\n\n— bad\x00name {str(LINE).split()[-1]}\n".encode(), "cannot name a key"),
        (f"text\n\n— bad\x85name {str(LINE).split()[-1]}\n".encode(), "cannot name a key"),
        (f"text\r\n\n{LINE}\n".encode(), "control characters"),
        (f"text\n\r\n{LINE}\n".encode(), "no empty line"),
        (f"text\n\n{LINE}\r\n".encode(), "not base64"),
        (f"te\tt\n\n{LINE}\n".encode(), "control characters"),
        (f"te\0t\n\n{LINE}\n".encode(), "control characters"),
        (b"\xff" + f"text\n\n{LINE}\n".encode(), "not UTF-8"),
        (b"text\n\n\xe2\x80" + str(LINE)[1:].encode() + b"\n", "not UTF-8"),
        # A surrogate, and an overlong line feed, are no UTF-8 either.
        (b"\xed\xa0\x80" + f"text\n\n{LINE}\n".encode(), "not UTF-8"),
        (b"text\n\xc0\x8a" + f"{LINE}\n".encode(), "not UTF-8"),
    ],
)
def test_what_is_no_note_is_refused_with_the_reason(data: bytes, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        parse_note(data)


def test_a_note_is_bounded() -> None:
    under = f"\n{LINE}\n"
    longest = ("x" * (MAX_NOTE_BYTES - len(under.encode()) - 1) + "\n" + under).encode()
    assert len(longest) == MAX_NOTE_BYTES
    assert parse_note(longest).encode() == longest
    with pytest.raises(InvalidInput, match="131073 bytes"):
        parse_note(b"x" * (MAX_NOTE_BYTES + 1))


def test_a_signature_may_be_of_one_byte() -> None:
    data = "text\n\n— argo.example/log AAAAAAA=\n".encode()
    assert parse_note(data).signatures[0].payload == b"\0"


def test_sixteen_signatures_are_read_and_seventeen_are_not() -> None:
    lines = [f"{LINE}\n"] * MAX_SIGNATURES
    assert len(parse_note(("text\n\n" + "".join(lines)).encode()).signatures) == MAX_SIGNATURES
    with pytest.raises(InvalidInput, match="17 signature lines"):
        parse_note(("text\n\n" + "".join([*lines, f"{LINE}\n"])).encode())


def test_sixteen_signatures_of_five_kilobytes_are_read() -> None:
    long = SignatureLine("witness.example", b"\1\2\3\4", b"s" * 5_000)
    note = Note("text\n", (LINE, *[long] * (MAX_SIGNATURES - 1)))
    assert parse_note(note.encode()) == note


@pytest.mark.parametrize("text", ["", "text", "te\rt\n", "te\x1ft\n"])
def test_a_text_that_could_not_be_read_back_is_not_written(text: str) -> None:
    with pytest.raises(InvalidInput, match="line feed"):
        Note(text, (LINE,))


@pytest.mark.parametrize("key_id", [b"", b"\1\2\3", b"\1\2\3\4\5"])
def test_a_signature_that_could_not_be_read_back_is_not_written(key_id: bytes) -> None:
    with pytest.raises(InvalidInput, match="bytes of key id"):
        SignatureLine("argo.example/log", key_id, b"?")
    with pytest.raises(InvalidInput, match="and 0 more"):
        SignatureLine("argo.example/log", b"\1\2\3\4", b"")


@pytest.mark.parametrize("count", [0, MAX_SIGNATURES + 1])
def test_a_note_has_one_to_sixteen_signatures(count: int) -> None:
    with pytest.raises(InvalidInput, match="signature lines"):
        Note("text\n", (LINE,) * count)


def test_signatures_of_unknown_keys_do_not_matter() -> None:
    strangers = (
        SignatureLine(SIGNER.key.name, b"\0\0\0\0", b"?"),
        SignatureLine("other.example/log", SIGNER.key.key_id, b"?"),
        SignatureLine("свидетель.example", b"\1\2\3\4", b"?"),
    )
    assert is_signed(Note("text\n", (*strangers, LINE)), SIGNER.key, fake_verify)
    assert not is_signed(Note("text\n", strangers), SIGNER.key, fake_verify)


def test_a_bad_signature_by_the_key_spoils_the_note_before_and_after_a_good_one() -> None:
    bad = SignatureLine(LINE.name, LINE.key_id, LINE.payload[:-1] + b"?")
    for lines in ((bad,), (bad, LINE), (LINE, bad)):
        assert not is_signed(Note("text\n", lines), SIGNER.key, fake_verify)
    assert is_signed(Note("text\n", (LINE, LINE)), SIGNER.key, fake_verify)


def test_a_signature_is_of_one_text_by_one_key() -> None:
    assert is_signed(Note("text\n", (LINE,)), SIGNER.key, fake_verify)
    assert not is_signed(Note("text\n\n", (LINE,)), SIGNER.key, fake_verify)
    assert not is_signed(Note("text\n", (LINE,)), OTHER.key, fake_verify)
    renamed = SignatureLine(OTHER.key.name, OTHER.key.key_id, LINE.payload)
    assert not is_signed(Note("text\n", (renamed,)), OTHER.key, fake_verify)


def test_others_sign_a_note_as_well_each_once() -> None:
    note = Note("text\n", (LINE,))
    other = sign_text("text\n", OTHER.key, OTHER.sign)
    forged = SignatureLine(other.name, other.key_id, b"?")
    assert note.with_lines(other, LINE, forged, other).signatures == (LINE, other)
    assert note.with_lines() == note
    many = [SignatureLine(f"witness{place}", b"\0\0\0\0", b"?") for place in range(MAX_SIGNATURES)]
    with pytest.raises(InvalidInput, match="signature lines"):
        note.with_lines(*many)


NAMES = st.text(st.characters(codec="utf-8", min_codepoint=0x20), min_size=1, max_size=20)
LINES = st.builds(
    SignatureLine,
    NAMES.filter(lambda name: "+" not in name and not any(map(str.isspace, name))),
    st.binary(min_size=4, max_size=4),
    st.binary(min_size=1, max_size=80),
)
TEXTS = st.text(st.characters(codec="utf-8", min_codepoint=0x20) | st.just("\n"), max_size=40).map(
    lambda text: text + "\n"
)


@given(TEXTS, st.lists(LINES, min_size=1, max_size=MAX_SIGNATURES))
def test_a_note_survives_the_way_there_and_back(text: str, lines: list[SignatureLine]) -> None:
    note = Note(text, tuple(lines))
    assert parse_note(note.encode()) == note
    assert [parse_signature_line(str(line)) for line in lines] == lines


@given(st.binary(max_size=200) | st.text("a— \n+A=/é\r", max_size=60).map(str.encode))
def test_whatever_is_sent_is_read_back_as_it_was_or_refused(data: bytes) -> None:
    try:
        note = parse_note(data)
    except InvalidInput:
        return
    assert note.encode() == data
