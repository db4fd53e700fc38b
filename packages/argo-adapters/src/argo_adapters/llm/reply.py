"""The replies of language model vendors: what was written, what was said instead, what it cost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from attrs import frozen

from argo_adapters.http.fields import Node
from argo_adapters.http.reply import Reply
from argo_core.errors import VendorError, VendorGarbled, VendorUnavailable

MOST_TOKENS = 10_000_000
MOST_USD = 100
"""No single answer costs more; a larger claim is a mistake and would close a budget for nothing."""

_UNFINISHED = {"failed", "cancelled", "cancelling", "in_progress", "queued", "requires_action"}


def completed_text(root: Node) -> str:
    """What the model wrote, in an answer of the shape OpenAI calls a response.

    That is the last message; search calls, reasoning and kinds nobody has described come before it.

    Raises:
        VendorUnavailable: the run failed, was cancelled or has not ended.
        VendorGarbled: the answer was cut short, or holds no text.
    """
    status = root["status"].text()
    if status == "incomplete":
        raise VendorGarbled(root.source, "the answer was cut short")
    if status != "completed":
        ending = status if status in _UNFINISHED else "unknown"
        raise VendorUnavailable(root.source, f"the run ended with status {ending}")
    messages = [item for item in root["output"].rows() if _kind(item) == "message"]
    if not messages:
        raise VendorGarbled(root.source, "the answer holds no message")
    parts = [part for part in messages[-1]["content"].rows() if _kind(part) == "output_text"]
    if not parts:
        raise VendorGarbled(root.source, "the last message holds no text")
    return "".join(part["text"].text() for part in parts)


def _kind(item: Node) -> object:
    return item.mapping().get("type")


@frozen
class Complaint:
    """What a vendor says beside an error status: its words and its name for the error."""

    message: str = ""
    kind: str = ""


def complaint(reply: Reply) -> Complaint:
    """The vendor's words, where `error` is a text or an object with `message` and `type`."""
    try:
        body = reply.json()
    except VendorError:
        return Complaint()
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        return Complaint(_text(error.get("message")), _text(error.get("type")))
    return Complaint(_text(error))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def cost(root: Node, *ways: Callable[[Node], Decimal], otherwise: Decimal) -> Decimal:
    """Dollars by the first of `ways` that can read the reply's usage and says what can be true."""
    usage = root.mapping().get("usage")
    for way in ways:
        try:
            usd = way(Node(root.source, usage, "$.usage"))
        except VendorGarbled:
            continue
        if usd.is_finite() and 0 <= usd <= MOST_USD:
            return usd
    return otherwise


def tokens(root: Node, way: Callable[[Node], int], otherwise: int) -> int:
    """Tokens by what `way` reads in the reply's usage, if it can and they can be true."""
    try:
        told = way(Node(root.source, root.mapping().get("usage"), "$.usage"))
    except VendorGarbled:
        return otherwise
    return told if 0 <= told <= MOST_TOKENS else otherwise


@contextmanager
def charged(usd: Decimal) -> Iterator[None]:
    """Whatever error leaves the block says that the call cost `usd` all the same."""
    try:
        yield
    except VendorError as error:
        error.usd = usd
        raise


@contextmanager
def charged_when_late(usd: Decimal) -> Iterator[None]:
    """A call that timed out may still be billed, so it counts as `usd`; other failures do not."""
    try:
        yield
    except VendorError as error:
        if isinstance(error.__cause__, TimeoutError):
            error.usd = usd
        raise
