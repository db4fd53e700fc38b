"""The text of API keys."""

import string
from binascii import crc32

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alpine_service.domain.plans.base62 import ALPHABET, random_text, written
from alpine_service.domain.plans.key_text import KeyText, new_key, read_key
from alpine_service.testing.fake_chance import FakeChance

keys = st.builds(
    lambda seed, is_test: new_key(FakeChance(seed).draw, is_test=is_test),
    st.text(max_size=5),
    st.booleans(),
)


@given(keys)
def test_a_new_key_is_read(key: KeyText) -> None:
    read = read_key(key.text)
    assert read == key
    assert len(key.text) == 45
    assert key.text.startswith("alp_test_" if key.is_test else "alp_live_")


@given(keys, st.integers(0, 44), st.sampled_from(string.printable))
def test_one_wrong_character_is_refused_without_a_look_up(
    key: KeyText, place: int, character: str
) -> None:
    assume(key.text[place] != character)
    assert read_key(key.text[:place] + character + key.text[place + 1 :]) is None


def test_every_wrong_character_of_a_key_is_refused() -> None:
    text = new_key(FakeChance().draw, is_test=False).text
    for place, right in enumerate(text):
        for wrong in string.printable:
            if wrong != right:
                assert read_key(text[:place] + wrong + text[place + 1 :]) is None


def test_every_two_characters_that_changed_places_are_refused() -> None:
    # CRC-32 finds each burst of up to 32 bits; of places farther apart 1 in 2^32 slips through.
    tried = 0
    for seed in range(20):
        text = new_key(FakeChance(str(seed)).draw, is_test=False).text
        for first in range(len(text)):
            for second in range(first + 1, len(text)):
                swapped = list(text)
                swapped[first], swapped[second] = swapped[second], swapped[first]
                if "".join(swapped) != text:
                    tried += 1
                    assert read_key("".join(swapped)) is None
    assert tried > 15_000


@given(keys, st.integers(0, 44))
def test_a_character_too_few_or_too_many_is_refused(key: KeyText, place: int) -> None:
    text = key.text
    assert read_key(text[:place] + text[place + 1 :]) is None
    assert read_key(text[:place] + "a" + text[place:]) is None
    assert read_key(text + "\n") is None


@pytest.mark.parametrize("text", ["", "alp_live_", "alp_prod_" + "a" * 36, "a" * 10_000, "é" * 45])
def test_what_is_no_key_is_refused(text: str) -> None:
    assert read_key(text) is None


def test_a_key_shows_itself_nowhere() -> None:
    key = new_key(FakeChance().draw, is_test=False)
    assert key.text not in repr(key)
    assert key.hint == key.text[:13]
    assert len(key.digest) == 32


def test_a_live_key_does_not_become_a_test_key_by_its_name() -> None:
    key = new_key(FakeChance().draw, is_test=False)
    assert read_key(key.text.replace("live", "test")) is None


@given(st.integers(0, 2**32 - 1))
def test_numbers_keep_their_order_and_length(number: int) -> None:
    text = written(number, 6)
    assert len(text) == 6
    back = 0
    for character in text:
        back = back * 62 + ALPHABET.index(character)
    assert back == number


def test_bytes_that_would_be_unfair_are_thrown_away() -> None:
    drawn = iter([bytes(range(246, 256)), bytes([0, 61] * 5)])
    assert random_text(4, lambda _: next(drawn)) == "yz0z"


def test_the_check_is_the_crc_that_others_calculate() -> None:
    text = new_key(FakeChance().draw, is_test=True).text
    assert written(crc32(text[:39].encode()), 6) == text[39:]
