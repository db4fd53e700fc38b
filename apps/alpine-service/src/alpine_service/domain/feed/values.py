"""What the members of an entry may be: the words of the protocol's table, each a check."""

import re
from collections.abc import Callable

from attrs import field, frozen

from alpine_service.domain.feed.canonical import LARGEST_INTEGER

Value = str | int

_LONGEST_WORD = 255


@frozen
class Check:
    """A test of one value; `wants` finishes the sentence "it is not"."""

    wants: str
    accepts: Callable[[Value], object] = field(repr=False)


def pattern(expression: str, wants: str | None = None) -> Check:
    """A text of which the whole matches."""
    match = re.compile(expression).fullmatch
    return Check(wants or expression, lambda value: type(value) is str and match(value))


def integer(least: int, most: int) -> Check:
    """A whole number between two bounds, both included."""
    return Check(
        f"an integer from {least} to {most}",
        lambda value: type(value) is int and least <= value <= most,
    )


TEXT = Check("a text", lambda value: type(value) is str)
WORD = Check(
    f"a text of 1 to {_LONGEST_WORD} characters",
    lambda value: type(value) is str and 0 < len(value) <= _LONGEST_WORD,
)
DIGEST = pattern("[0-9a-f]{64}", "a SHA-256 in hexadecimal")
DECIMAL = pattern(
    r"(?!-0(?:\.0+)?\Z)-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?",
    "a decimal without exponent and minus zero",
)
COUNT = integer(0, LARGEST_INTEGER)
TIME = integer(-LARGEST_INTEGER, LARGEST_INTEGER)
FLAG = integer(0, 1)
