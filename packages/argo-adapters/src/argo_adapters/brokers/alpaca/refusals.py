"""Telling what Alpaca's refusals mean: whether it happened, and whether to ask again."""

import re
from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from argo_adapters.http.fields import Node
from argo_adapters.http.retry_after import retry_after_s
from argo_adapters.http.secrecy import Redactor
from argo_adapters.http.strict_json import StrictJsonError, parse
from argo_core.consensus.opinion import SourceName
from argo_core.errors import (
    BrokerAway,
    BrokerError,
    BrokerRefused,
    BrokerThrottled,
    VendorGarbled,
)
from argo_core.market.moment import to_micros

WINDOW_S = 60.0
"""Rates are per minute, so a longer wait than this comes from a clock that is wrong."""

NOT_UNIQUE = "client_order_id must be unique"

_RESET = re.compile(r"[0-9]{9,11}")


@frozen
class Refusal:
    """An answer whose status is 400 or above; its headers are found in letters of any size."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def refusal_error(broker: str, refusal: Refusal, now: datetime, redactor: Redactor) -> BrokerError:
    """The error it means; `now` is when it came, for how long to wait.

    408 and 5xx say nothing about what happened. 429 is said before anything does. All else is no.
    """
    code, said = _words(refusal)
    text = redactor.clean(said)
    problem = f"status {refusal.status}" + (f": {text}" if text else "")
    if refusal.status >= 500 or refusal.status == 408:  # noqa: PLR2004 - Request Timeout
        return BrokerAway(broker, problem)
    if refusal.status == 429:  # noqa: PLR2004 - Too Many Requests
        return BrokerThrottled(broker, problem, _wait_s(refusal.headers, now))
    return BrokerRefused(broker, problem, redactor.clean(code) or str(refusal.status))


def _words(refusal: Refusal) -> tuple[str, str]:
    """The code and what is said, each empty where it is not said in JSON."""
    try:
        root = Node(SourceName("alpaca"), parse(refusal.body))
        code, message = root.get("code"), root.get("message")
        reason = root.get("reject_reason")
        said = [one.text() for one in (message, reason) if one]
        return str(code.whole()) if code else "", "; ".join(said)
    except (StrictJsonError, VendorGarbled):
        return "", ""


def _wait_s(headers: Mapping[str, str], now: datetime) -> float | None:
    asked = retry_after_s(headers)
    if asked is not None:
        return min(asked, WINDOW_S)
    reset = headers.get("X-RateLimit-Reset", "").strip()
    if not _RESET.fullmatch(reset):
        return None
    return min(max(int(reset) - to_micros(now) / 1_000_000, 0.0), WINDOW_S)
