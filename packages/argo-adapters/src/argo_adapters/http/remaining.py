"""How many calls a vendor says are left, read from a reply's headers."""

import re
from collections.abc import Mapping

# Alpaca's and most others' first, then xAI's, which counts tokens in another one, then the older
# drafts of the IETF.
_PLAIN = ("X-RateLimit-Remaining", "x-ratelimit-remaining-requests", "RateLimit-Remaining")
_COUNT = re.compile(r"[0-9]{1,9}")

# `"burst";r=4;t=1, "day";r=90` since draft 8 of the IETF, `limit=5, remaining=4, reset=1` before.
_ITEM = re.compile(r"(?:^|[;,\s])r(?:emaining)?\s*=\s*([0-9]{1,9})(?=$|[;,\s])")


def remaining_calls(headers: Mapping[str, str]) -> int | None:
    """The fewest calls left by any of them, or None where none says so in a form we know."""
    plain = (headers.get(name, "").strip() for name in _PLAIN)
    counts = [int(text) for text in plain if _COUNT.fullmatch(text)]
    counts += map(int, _ITEM.findall(headers.get("RateLimit", "")))
    return min(counts, default=None)
