"""Names and keys of C2SP signed-note, base64 and numbers with one spelling, and whom to trust."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.ledger.cosignature import Cosignature, cosign
from argo_core.ledger.decimal_line import LARGEST, check_number, read_number
from argo_core.ledger.note import SignatureLine
from argo_core.ledger.policy import MAX_WITNESSES, Policy, WitnessKey
from argo_core.ledger.strict_base64 import read_base64, write_base64
from argo_core.ledger.verifier_key import (
    COSIGNATURE,
    ED25519,
    VerifierKey,
    parse_verifier_key,
)
from argo_core.testing.fake_signer import FakeSigner

# The first is of the tests of golang.org/x/mod, the second the checksum database's, the third a
# witness's from the tests of transparency-dev/formats.
PUBLISHED = [
    ("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", ED25519),
    ("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", ED25519),
    ("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2", COSIGNATURE),
]
PETER = PUBLISHED[0][0]
LOG = FakeSigner("argo.example/log").key
WITNESSES = tuple(
    WitnessKey(FakeSigner(f"witness.example/{number}", COSIGNATURE).key) for number in range(3)
)


@pytest.mark.parametrize(("text", "algorithm"), PUBLISHED)
def test_published_keys_are_read_and_written_back(text: str, algorithm: int) -> None:
    key = parse_verifier_key(text)
    assert (key.name, key.algorithm) == (text.partition("+")[0], algorithm)
    assert str(key) == text


def test_every_part_and_every_byte_of_a_key_counts() -> None:
    whole = len(PETER)
    for start in range(whole):
        for stop in range(start + 1, whole + 1):
            if stop - start < whole:
                with pytest.raises(InvalidInput):
                    parse_verifier_key(PETER[start:stop])
    for place in range(whole):
        for change in (1, 0x20):
            with pytest.raises(InvalidInput):
                parse_verifier_key(
                    PETER[:place] + chr(ord(PETER[place]) ^ change) + PETER[place + 1 :]
                )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not a verifier key"),
        ("++", "not a verifier key"),
        (PETER + "\n", "not base64"),
        (" " + PETER, "cannot name a key"),
        (PETER.replace("c74f20a3", "C74F20A3"), "not a verifier key"),
        (PETER.replace("c74f20a3", "0c74f20a3"), "not a verifier key"),
        (PETER.replace("c74f20a3", "c74f20a4"), "its id is c74f20a3"),
        ("PeterNeumann+c74f20a3+", "it is empty"),
        # These have the right id for what they say: a key too long, and an algorithm nobody knows.
        ("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==", "base64"),
        ("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "no algorithm"),
        (f"a+00000000+{b64encode(bytes([ED25519]) + bytes(31)).decode()}", "31 bytes"),
        (f"a+00000000+{b64encode(bytes([ED25519]) + bytes(33)).decode()}", "33 bytes"),
        ("ключ" + PETER.removeprefix("PeterNeumann"), "cannot name a key"),
    ],
)
def test_what_is_no_key_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        parse_verifier_key(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "a\t", "é", "\x7f", "a" * 256])
def test_a_key_s_name_is_short_ascii_without_spaces_and_plus(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot name a key"):
        VerifierKey(name, ED25519, bytes(32))


@given(
    st.text(
        st.sampled_from([chr(one) for one in range(0x21, 0x7F) if chr(one) != "+"]), min_size=1
    ).filter(lambda name: len(name) <= 255),
    st.sampled_from([ED25519, COSIGNATURE]),
    st.binary(min_size=32, max_size=32),
)
def test_a_key_survives_the_way_there_and_back(name: str, algorithm: int, public: bytes) -> None:
    key = VerifierKey(name, algorithm, public)
    assert parse_verifier_key(str(key)) == key


def test_one_public_key_has_another_id_for_each_name_and_use() -> None:
    ids = {
        VerifierKey(name, algorithm, bytes(32)).key_id
        for name in ("a", "b")
        for algorithm in (ED25519, COSIGNATURE)
    }
    assert len(ids) == 4


@given(st.binary(max_size=70))
def test_base64_survives_the_way_there_and_back(data: bytes) -> None:
    assert read_base64("data", write_base64(data)) == data


@pytest.mark.parametrize(
    "text",
    ["A", "AA", "AAA", "AA=", "AA==\n", " AA==", "AA= =", "AA==AA==", "AAAA=", "AAAA====", "A===",
     "=", "AA-_", "AAA\u0410", "A\0==", "AA==="],
)  # fmt: skip
def test_what_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="base64"):
        read_base64("data", text)


def test_of_the_spellings_of_a_value_one_is_read() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for ending, step in (("==", 16), ("=", 4)):
        for value, letter in enumerate(alphabet):
            text = "A" * (3 - len(ending)) + letter + ending
            if value % step == 0:
                assert write_base64(read_base64("data", text)) == text
            else:
                with pytest.raises(InvalidInput, match="spare bits"):
                    read_base64("data", text)


@given(st.integers(0, LARGEST))
def test_a_number_survives_the_way_there_and_back(number: int) -> None:
    assert read_number("size", str(number)) == number


@pytest.mark.parametrize(
    "text",
    ["", "00", "01", "+1", "-1", "-0", " 1", "1 ", "1\n", "1_0", "1.0", "1e3", "0x1", "٣", "1²",
     "9223372036854775808", "9" * 20, "NaN", "inf"],
)  # fmt: skip
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a whole number"):
        read_number("size", text)


def test_the_largest_number_is_that_of_63_bits() -> None:
    assert read_number("size", "9223372036854775807") == LARGEST == (1 << 63) - 1


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    # Python itself refuses to read more than 4,300 digits, with an error of its own.
    with pytest.raises(InvalidInput, match="not a whole number"):
        read_number("size", "9" * 5_000)


@pytest.mark.parametrize("number", [-1, LARGEST + 1])
def test_a_number_that_could_not_be_read_back_is_not_written(number: int) -> None:
    check_number("size", 0)
    check_number("size", LARGEST)
    with pytest.raises(InvalidInput, match="out of range"):
        check_number("size", number)


def good(key: VerifierKey, time_s: int = 5) -> Cosignature:
    return Cosignature(key, time_s, SignatureLine(key.name, key.key_id, b"?"))


def test_a_quorum_counts_witnesses_and_not_their_lines() -> None:
    policy = Policy(LOG, WITNESSES, quorum=2)
    first, second, third = (good(key) for key in policy.keys)
    stranger = good(FakeSigner("stranger.example", COSIGNATURE).key)
    assert not policy.is_met(())
    assert not policy.is_met((first, first, good(first.key, 6)))
    assert not policy.is_met((first, stranger))
    assert policy.is_met((first, stranger, third))
    assert policy.is_met((first, second, third))
    assert Policy(LOG).is_met(())


@pytest.mark.parametrize("quorum", [-1, 4])
def test_a_quorum_is_no_more_than_there_are(quorum: int) -> None:
    with pytest.raises(InvalidInput, match=f"{quorum} of 3"):
        Policy(LOG, WITNESSES, quorum)


def test_keys_are_used_for_what_they_are_made_for() -> None:
    with pytest.raises(InvalidInput, match="witness's key"):
        Policy(WITNESSES[0].key)
    with pytest.raises(InvalidInput, match="signs checkpoints"):
        Policy(LOG, (WitnessKey(FakeSigner("other.example/log").key),))


def test_one_key_is_one_witness_whatever_its_names() -> None:
    alias = WitnessKey(VerifierKey("alias.example", COSIGNATURE, WITNESSES[0].key.public_key))
    own = WitnessKey(VerifierKey("own.example", COSIGNATURE, LOG.public_key))
    for witnesses in ((WITNESSES[0], WITNESSES[0]), (WITNESSES[0], alias), (own,)):
        with pytest.raises(InvalidInput, match="there twice"):
            Policy(LOG, witnesses)


def test_all_witnesses_fit_under_a_note() -> None:
    many = [
        WitnessKey(FakeSigner(f"witness.example/{number}", COSIGNATURE).key)
        for number in range(MAX_WITNESSES + 1)
    ]
    assert len(Policy(LOG, tuple(many[:-1])).keys) == MAX_WITNESSES
    with pytest.raises(InvalidInput, match="16 witnesses"):
        Policy(LOG, tuple(many))


def test_a_witness_s_line_is_not_a_checkpoint_s() -> None:
    signer = FakeSigner("witness.example", COSIGNATURE)
    line = cosign("text\n", 5, signer.key, signer.sign)
    assert line.is_by(signer.key)
    assert not line.is_by(FakeSigner("witness.example").key)
