"""Spans of time and paces on the command line."""

import math
import re

from argo_core.errors import InvalidInput

FASTEST = 1_000.0

_SPAN = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}


def seconds(option: str, text: str) -> float:
    """The seconds that `text` means: 90, 30s, 5m or 1h; `option` is what an error calls it.

    Raises:
        InvalidInput: it means none.
    """
    found = _SPAN.fullmatch(text)
    if not found:
        raise InvalidInput(option, f"{text[:20]!r} is not a span", "write it like 30s or 5m")
    return float(found[1]) * _SECONDS[found[2]]


def speed(text: str) -> float:
    """How much faster than the wall's clock.

    Raises:
        InvalidInput: it is no such number.
    """
    try:
        pace = float(text)
    except ValueError:
        pace = math.nan
    if not 0 < pace <= FASTEST:
        fix = f"give a number above 0 and up to {FASTEST:g}"
        raise InvalidInput("--speed", f"{text[:20]!r} is not a pace", fix)
    return pace
