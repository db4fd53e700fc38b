"""Whole numbers as C2SP's formats write them: ASCII digits, no sign, no leading zero."""

import re

from argo_core.errors import InvalidInput

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
LARGEST = 2**63 - 1


def read_number(name: str, text: str) -> int:
    """The number that `text` spells, at most 2^63 - 1; `name` is what an error calls it.

    Raises:
        InvalidInput: it has a sign, a leading zero or anything but digits, or is too large.
    """
    if not _NUMBER.fullmatch(text) or int(text) > LARGEST:
        problem = f"{text[:40]!r} is not a whole number"
        raise InvalidInput(name, problem, "write it in ASCII digits without leading zeros")
    return int(text)


def check_number(name: str, number: int) -> None:
    """Refuse a number that cannot be written.

    Raises:
        InvalidInput: it is negative or above 2^63 - 1.
    """
    if not 0 <= number <= LARGEST:
        raise InvalidInput(name, f"{number} is out of range", f"give 0 to {LARGEST}")
