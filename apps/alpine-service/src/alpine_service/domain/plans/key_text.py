"""The text of an API key: `alp_live_` or `alp_test_`, 30 characters of chance, 6 that check them.

The check is the CRC-32 of everything before it, in base 62, as GitHub's tokens have it. It keeps no
secret; it refuses typos without a look-up, and tells searchers of leaked secrets what is a key.
"""

import re
from collections.abc import Callable
from hashlib import sha256
from zlib import crc32

from attrs import field, frozen

from alpine_service.domain.plans.base62 import random_text, written

_LIVE = "alp_live_"
_TEST = "alp_test_"
_RANDOM = 30  # 178 bits.
_CHECK = 6  # 62^6 is more than 2^32.
_SHOWN = 4  # 154 bits stay unknown.
_FORM = re.compile(rf"(?:{_LIVE}|{_TEST})[0-9A-Za-z]{{{_RANDOM + _CHECK}}}")


@frozen
class KeyText:
    """A key, shown to its owner once; after that, everybody has its digest only."""

    text: str = field(repr=False)

    @property
    def digest(self) -> bytes:
        """Its SHA-256: enough, because nobody can try out 2^178 keys."""
        return sha256(self.text.encode()).digest()

    @property
    def is_test(self) -> bool:
        return self.text.startswith(_TEST)

    @property
    def hint(self) -> str:
        """Its beginning, by which its owner knows it."""
        return self.text[: len(_LIVE) + _SHOWN]


def new_key(draw: Callable[[int], bytes], *, is_test: bool) -> KeyText:
    """A key that nobody had before; `draw` gives bytes that nobody can guess."""
    body = (_TEST if is_test else _LIVE) + random_text(_RANDOM, draw)
    return KeyText(body + _check(body))


def read_key(text: str) -> KeyText | None:
    """The key, or None if no key is written so, as after any single typo."""
    if not _FORM.fullmatch(text) or _check(text[:-_CHECK]) != text[-_CHECK:]:
        return None
    return KeyText(text)


def _check(body: str) -> str:
    return written(crc32(body.encode()), _CHECK)
