"""Telling Alpaca's answers from its refusals."""

import re
from collections.abc import Sequence
from datetime import datetime

from argo_adapters.http.client import HttpClient
from argo_adapters.http.fields import Node
from argo_adapters.http.reply import Reply
from argo_core.errors import VendorError, VendorGarbled, VendorThrottled, VendorUnavailable
from argo_core.market.instrument import Symbol
from argo_core.market.moment import to_micros

WINDOW_S = 60.0
"""Rates are per minute, so a longer wait than this comes from a clock that is wrong."""

_RESET = re.compile(r"[0-9]{9,11}")


def checked(client: HttpClient, reply: Reply, now: datetime) -> Node:
    """The root of a good answer; `now` is the moment it came, for how long to wait otherwise.

    Raises:
        VendorError: of the kind the refusal calls for.
    """
    if reply.status != 200:  # noqa: PLR2004 - OK
        raise _refusal(client, reply, now)
    root = reply.node()
    message = root.get("message")
    # Stocks' snapshots are a bare map of symbols, and no symbol is written in small letters.
    if message is not None:
        said = client.clean(message.text())
        raise VendorUnavailable(client.source, f"status 200, but {said}")
    return root


def named_in_refusal(client: HttpClient, reply: Reply, asked: Sequence[Symbol]) -> Symbol | None:
    """The one symbol a 400 complains about, if it is one we asked for."""
    if reply.status != 400:  # noqa: PLR2004 - Bad Request
        return None
    words = {word.strip("./") for word in re.findall(r"[A-Z0-9./]+", words_of(client, reply))}
    named = [symbol for symbol in asked if symbol in words]
    return named[0] if len(named) == 1 else None


def words_of(client: HttpClient, reply: Reply) -> str:
    """What the vendor says in a refusal, if it says it in JSON."""
    try:
        message = reply.node().get("message")
        return client.clean(message.text()) if message else ""
    except VendorGarbled:
        return ""


def _refusal(client: HttpClient, reply: Reply, now: datetime) -> VendorError:
    failure = client.failure(reply, words_of(client, reply))
    reset = reply.headers.get("X-RateLimit-Reset", "").strip()
    if (
        isinstance(failure, VendorThrottled)
        and failure.retry_after_s is None
        and _RESET.fullmatch(reset)
    ):
        wait = int(reset) - to_micros(now) / 1_000_000
        failure.retry_after_s = min(max(wait, 0.0), WINDOW_S)
    return failure
