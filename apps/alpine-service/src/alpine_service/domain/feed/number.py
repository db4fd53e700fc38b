"""Numbers in lines of text."""

import re

from alpine_service.errors import Malformed

LARGEST = 2**63 - 1

_NUMBER = re.compile("0|[1-9][0-9]{0,18}")


def read_number(text: str) -> int:
    """The number that ASCII digits without sign and leading zeros stand for.

    Raises:
        Malformed: they do not, or it is above 2^63 - 1.
    """
    if not _NUMBER.fullmatch(text) or int(text) > LARGEST:
        raise Malformed("bad-number", "it is not a number as the protocol writes them")
    return int(text)
