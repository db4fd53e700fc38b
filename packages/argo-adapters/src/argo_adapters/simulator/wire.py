"""What a vendor is asked and what it replies, without any HTTP."""

from collections.abc import Mapping
from typing import NoReturn

import orjson
from attrs import field, frozen

JSON = "application/json"


@frozen
class Ask:
    """A request as a vendor's handler sees it.

    `base` is the vendor's base address as the caller knows it, for links to the next page. `match`
    holds the parts of the path, `number` counts the vendor's requests from 1.
    """

    query: Mapping[str, str] = field(factory=dict)
    match: Mapping[str, str] = field(factory=dict)
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes = b""
    base: str = ""
    number: int = 1

    @property
    def id(self) -> str:
        """What the vendor calls this request."""
        return f"sim{self.number:08x}"


@frozen
class Reply:
    """An answer in full, `delay_s` late; one that is `dropped` never leaves."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(factory=dict)
    content_type: str = JSON
    dropped: bool = False
    delay_s: float = 0.0


class RefusedError(Exception):
    """A handler declines with `reply`, the vendor's own words for it."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def answer(payload: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """`payload` as a JSON reply."""
    return Reply(status, orjson.dumps(payload), headers or {})


def refuse(payload: object, status: int) -> NoReturn:
    """Decline with `payload` as a JSON body."""
    raise RefusedError(answer(payload, status))


@frozen
class Limit:
    """At most `requests` in any window of `seconds` of the tape's time."""

    requests: int
    seconds: float
