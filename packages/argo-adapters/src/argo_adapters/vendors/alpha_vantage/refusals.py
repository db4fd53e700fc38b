"""Alpha Vantage says no with status 200; here its sentences become errors.

The order matters: the sentence about bursts advertises premium endpoints and the daily quota, and
the one about the daily quota advertises premium plans.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from argo_adapters.http.fields import Node
from argo_adapters.vendors.alpha_vantage.eastern import EASTERN
from argo_core.consensus.opinion import SourceName
from argo_core.errors import VendorError, VendorGarbled, VendorRefused, VendorThrottled

# The sheet knows no header and no other hint; the burst limits are per second.
BURST_WAIT_S = 1.0
MINUTE_WAIT_S = 60.0

_SENTENCE = 1_000

_FINAL = (
    ("demo", "the demo key was used"),
    ("premium", "the key's plan does not include this"),
    ("invalid", "a symbol or parameter is wrong"),
)

# The key is taken out by its place as well, should it be echoed in another spelling than ours.
_ECHO = re.compile(r"(api key as )\S+", re.IGNORECASE)


def refusal(root: Node, now: datetime, clean: Callable[[str], str]) -> VendorError | None:
    """The error an answer of status 200 stands for, or None when it is data.

    `clean` takes secrets out of the vendor's words, because one of its sentences echoes the key.
    """
    body = root.mapping()
    for key, reading in (
        ("Error Message", _error_message),
        ("Note", _note),
        ("Information", _information),
        ("message", _message),
    ):
        if key in body:
            said = body[key]
            if not isinstance(said, str):
                return VendorGarbled(root.source, f"{root.path}.{key} is not a string")
            if error := reading(root.source, said.lower(), _ECHO.sub(r"\1***", clean(said)), now):
                return error
    return None


def refuses_key(_status: int, body: bytes) -> bool:
    """Whether this is the sentence about a wrong key; data are never as short."""
    said = body[:_SENTENCE].lower()
    return len(body) <= _SENTENCE and b'"error message"' in said and b"apikey" in said


def _error_message(source: SourceName, text: str, said: str, _now: datetime) -> VendorError:
    if "apikey" in text:
        return VendorRefused(source, f"the key is wrong or missing: {said}")
    return VendorRefused(source, f"a symbol or parameter is wrong: {said}")


def _note(source: SourceName, _text: str, said: str, _now: datetime) -> VendorError:
    return VendorThrottled(source, f"too many calls: {said}", retry_after_s=MINUTE_WAIT_S)


def _information(source: SourceName, text: str, said: str, now: datetime) -> VendorError:
    if "detected your api key" in text:
        wait = until_midnight_s(now)
        return VendorThrottled(source, f"the daily quota is gone: {said}", retry_after_s=wait)
    if "minute-level" in text:
        return VendorThrottled(
            source, f"too many calls this minute: {said}", retry_after_s=60.0 - now.second
        )
    if "sparingly" in text or "per second" in text or "burst" in text:
        return VendorThrottled(
            source, f"too many calls at once: {said}", retry_after_s=BURST_WAIT_S
        )
    for word, problem in _FINAL:
        if word in text:
            return VendorRefused(source, f"{problem}: {said}")
    return VendorGarbled(source, f"an answer nobody has described: {said}")


def _message(source: SourceName, text: str, said: str, _now: datetime) -> VendorError | None:
    # What stands beside this sentence are invented sample rows.
    if "premium" in text:
        return VendorRefused(source, f"the key's plan does not include this: {said}")
    return None


def until_midnight_s(now: datetime) -> float:
    """Seconds to the next midnight in New York, when the quota is presumed to start again."""
    there = now.astimezone(EASTERN)
    tomorrow = (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (tomorrow.astimezone(now.tzinfo) - now).total_seconds()
