"""Numbers and page marks out of queries."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode


def whole(query: Mapping[str, str], name: str, default: int, most: int) -> int | None:
    """A whole number from 1 to `most`, `default` where it is absent, None where it is neither."""
    text = query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 9:  # noqa: PLR2004 - below 10**9
        return None
    return int(text) if 1 <= int(text) <= most else None


def mark(query: Mapping[str, str], offset: int) -> str:
    """An opaque text that says where the next page of a query begins."""
    text = urlencode({**query, "offset": offset})
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def marked(text: str) -> dict[str, str] | None:
    """What `mark` wrote, with its `offset`; None for anything else."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    query = dict(parse_qsl(plain))
    return query if query.get("offset", "").isdecimal() else None
