"""Spans of time as people write them."""

import re

from alpine_service.errors import InvalidInput

_SPAN = re.compile("([0-9]{1,6})(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def seconds(name: str, text: str) -> float:
    """Such as 30s or 5m, in seconds.

    Raises:
        InvalidInput: it is none; `name` is what it was given as.
    """
    found = _SPAN.fullmatch(text)
    if found is None:
        raise InvalidInput(name, "it is no span of time", "give such as 30s, 5m or 1h")
    return float(int(found[1]) * _SECONDS[found[2]])
