"""How easily a password is guessed: zxcvbn's estimate, common passwords, a file of stolen ones.

The file is the one that Have I Been Pwned gives: a line for each SHA-1 in upper-case hex, sorted,
with or without a count after a colon.
"""

import asyncio
from collections.abc import Sequence
from hashlib import sha1
from pathlib import Path
from threading import Lock

from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # it ships no types
from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]  # as above

from alpine_service.domain.accounts.password import Judgement

# The estimate grows with the square of the length, and beyond this it knows no more.
_LOOKED_AT = 64
_HEX = 40
# Of a line: the hash, a colon, a count of up to ten digits, the line's end.
_LONGEST_LINE = 64
_COMMON = frozenset(FREQUENCY_LISTS["passwords"])


class ZxcvbnJudge:
    """Keeps the port `PasswordJudge`."""

    def __init__(self, breached: Path | None = None) -> None:
        self._breached = breached
        # The library keeps the words of the one who asks in a place that all threads share.
        self._lock = Lock()
        # Who waits does so here, where it keeps no thread from others.
        self._turn = asyncio.Lock()

    async def judge(self, password: str, words: Sequence[str]) -> Judgement:
        async with self._turn:
            return await asyncio.to_thread(self._judge, password, list(words))

    def _judge(self, password: str, words: list[str]) -> Judgement:
        if password.casefold() in _COMMON or self._is_breached(password):
            return Judgement(0, is_known=True)
        with self._lock:
            score = int(zxcvbn(password[:_LOOKED_AT], user_inputs=words)["score"])
        return Judgement(score, is_known=False)

    def _is_breached(self, password: str) -> bool:
        if self._breached is None:
            return False
        digest = sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        return has_line(self._breached, digest.encode())


def has_line(path: Path, wanted: bytes) -> bool:
    """Whether a line of the sorted file begins with those 40 characters; by halving, blocking."""
    with path.open("rb") as file:
        low, high = 0, file.seek(0, 2)
        # The line that is looked for begins at `low` or later, and before `high`.
        while low < high:
            middle = (low + high) // 2
            file.seek(middle)
            if middle > low:
                # Within a line: the next one begins behind its end.
                file.seek(middle - 1)
                file.readline(_LONGEST_LINE)
            start = file.tell()
            if start >= high:
                high = middle
                continue
            line = file.readline(_LONGEST_LINE)
            found = line[:_HEX].upper()
            if found == wanted:
                return True
            if found < wanted:
                low = start + len(line)
            else:
                high = middle
        return False
