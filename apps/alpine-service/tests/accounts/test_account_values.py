"""The pure rules of accounts."""

import base64
import unicodedata
from datetime import UTC, datetime

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.accounts import letters, recovery
from alpine_service.domain.accounts.device import device_words
from alpine_service.domain.accounts.email_address import read_email
from alpine_service.domain.accounts.password import (
    Judgement,
    can_be_password,
    new_password,
    refuse_guessable,
    words_about,
)
from alpine_service.domain.accounts.same_origin import is_same_origin
from alpine_service.domain.accounts.tokens import digest_of, make_id, make_secret
from alpine_service.domain.accounts.totp import matching_step, step_at
from alpine_service.errors import InvalidInput

OURS = "https://alpine.example"
# RFC 6238, appendix B: the secret, and codes of eight digits, of which apps show the last six.
RFC_SECRET = b"12345678901234567890"
RFC_CODES = [
    (59, "94287082"),
    (1_111_111_109, "07081804"),
    (1_111_111_111, "14050471"),
    (1_234_567_890, "89005924"),
    (2_000_000_000, "69279037"),
    (20_000_000_000, "65353130"),
]


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert matching_step(RFC_SECRET, code[-6:], now, 0) == seconds // 30


@given(st.integers(-3, 3), st.integers(-3, 3))
def test_a_code_fits_one_step_to_either_side_and_later_than_the_last(off: int, last: int) -> None:
    now = datetime.fromtimestamp(1_111_111_111, UTC)
    current = step_at(now)
    generator = pyotp.TOTP(base64.b32encode(RFC_SECRET).decode())
    code = generator.at(now, counter_offset=off)
    found = matching_step(RFC_SECRET, code, now, current + last)
    assert found == (current + off if abs(off) <= 1 and off > last else None)


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "28708a", "\uff12\uff18\uff17\uff10\uff18\uff12", "287 082"]
)
def test_what_is_no_code_fits_nothing(code: str) -> None:
    assert matching_step(RFC_SECRET, code, datetime.fromtimestamp(59, UTC), 0) is None


@given(st.binary(min_size=15, max_size=15))
def test_a_recovery_code_is_read_however_it_is_typed(drawn: bytes) -> None:
    code = recovery.make_code(drawn)
    assert len(code) == 29
    for typed in (code, code.upper(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert recovery.digest_of_code(typed) == digest_of(code.replace("-", ""))
    mistaken = code.replace("0", "O").replace("1", "l")
    assert recovery.digest_of_code(mistaken) == recovery.digest_of_code(code)


@pytest.mark.parametrize("text", ["", "abcd", "u" * 24, "a" * 25, "a" * 1_000, "é" * 24])
def test_what_is_no_recovery_code_is_none(text: str) -> None:
    assert recovery.digest_of_code(text) is None


@given(st.binary(min_size=15, max_size=15), st.binary(min_size=15, max_size=15))
def test_different_chance_gives_different_codes(one: bytes, other: bytes) -> None:
    assert (recovery.make_code(one) == recovery.make_code(other)) == (one == other)


def test_ids_and_secrets_take_all_the_chance_they_need() -> None:
    assert make_id("usr", b"\0" * 24) == "usr_" + "0" * 22
    assert len(make_id("usr", b"\xff" * 24)) == 26
    assert len(make_secret(b"\xff" * 32)) == 43
    with pytest.raises(ValueError, match="takes"):
        make_id("usr", b"\0" * 23)
    with pytest.raises(ValueError, match="takes"):
        make_secret(b"\0" * 31)
    with pytest.raises(ValueError, match="takes"):
        recovery.make_code(b"\0" * 14)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@People.example", "ada@people.EXAMPLE"),
        ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
        ("caf\u00e9@people.example", "cafe\u0301@people.example"),
    ],
)
def test_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    assert read_email(one).key == read_email(other).key


def test_an_address_is_in_no_repr() -> None:
    assert "ada" not in repr(read_email("ada@people.example"))


@given(st.text(max_size=140))
def test_a_password_is_taken_as_it_is_or_refused_by_its_length(text: str) -> None:
    try:
        taken = new_password(text)
    except InvalidInput:
        assert not 8 <= len(unicodedata.normalize("NFC", text)) <= 128
        return
    assert can_be_password(text)
    assert 8 <= len(taken) <= 128
    assert new_password(taken) == taken


@pytest.mark.parametrize("length", [8, 64, 128])
def test_passwords_of_8_to_128_characters_are_taken(length: int) -> None:
    for character in "a é漢🦊":
        assert len(new_password(character * length)) == length


def test_characters_are_counted_in_their_normal_form() -> None:
    assert len(new_password("e\u0301" * 128)) == 128
    with pytest.raises(InvalidInput):
        new_password("e\u0301" * 7)


def test_guesses_begin_with_the_address_and_our_name() -> None:
    assert {"ada@people.example", "ada", "people", "alpine"} <= set(
        words_about("Ada@People.example")
    )


@pytest.mark.parametrize(
    ("judgement", "is_good"),
    [
        (Judgement(4, is_known=False), True),
        (Judgement(3, is_known=False), True),
        (Judgement(2, is_known=False), False),
        (Judgement(4, is_known=True), False),
    ],
)
def test_guessable_passwords_are_refused(judgement: Judgement, is_good: bool) -> None:
    if is_good:
        refuse_guessable(judgement)
    else:
        with pytest.raises(InvalidInput):
            refuse_guessable(judgement)


@pytest.mark.parametrize(
    ("method", "site", "origin", "is_ours"),
    [
        ("GET", "cross-site", "https://evil.example", True),
        ("HEAD", None, None, True),
        ("POST", "same-origin", None, True),
        ("POST", "same-origin", "null", True),
        ("POST", "same-site", OURS, False),
        ("POST", "cross-site", OURS, False),
        ("POST", "none", None, False),
        ("POST", "", OURS, False),
        ("POST", None, OURS, True),
        ("POST", None, "https://alpine.example:443", True),
        ("DELETE", None, None, False),
        ("POST", None, "null", False),
        ("POST", None, "", False),
        ("POST", None, "http://alpine.example", False),
        ("POST", None, "https://alpine.example:8443", False),
        ("POST", None, "https://alpine.example.evil.example", False),
        ("POST", None, "https://evil.example", False),
        ("POST", None, "https://[::1", False),
        ("POST", None, "https://alpine.example:99999", False),
    ],
)
def test_only_our_own_pages_change_anything(
    method: str, site: str | None, origin: str | None, is_ours: bool
) -> None:
    assert is_same_origin(method, site, origin, OURS) is is_ours


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.5.0", "curl"),
        ("Python/3.11 aiohttp/3.14", "a Python program"),
        ("<script>alert(1)</script> on Linux", "a program on Linux"),
        ("", "an unknown program"),
        (None, "an unknown program"),
    ],
)
def test_a_device_is_told_in_our_own_words(told: str | None, words: str) -> None:
    assert device_words(told) == words


def test_letters_carry_their_token_behind_a_hash() -> None:
    for letter in (
        letters.verify(OURS, "T" * 43),
        letters.reset(OURS, "T" * 43),
        letters.confirm_new_email(OURS, "T" * 43),
    ):
        assert f"{OURS}/" in letter.text
        assert f"#{'T' * 43}\n" in letter.text
        assert "T" * 43 in letter.html
        assert "T" * 43 not in repr(letter)
