"""Telling Massive's answers from its refusals, some of which come with status 200."""

from argo_adapters.http.client import HttpClient
from argo_adapters.http.fields import Node
from argo_adapters.http.reply import Reply
from argo_core.errors import (
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)

_GOOD = {"OK", "DELAYED"}
# The official client tries again after these; they are trouble of the moment, not of the key.
_PASSING = {413, 499}


def checked(client: HttpClient, reply: Reply) -> Node:
    """The root of a good answer.

    Raises:
        VendorError: of the kind the refusal calls for.
    """
    if reply.status != 200:  # noqa: PLR2004 - OK
        raise _refusal(client, reply)
    root = reply.node()
    status = root["status"].text()
    if status not in _GOOD:
        raise _refused_ok(client, root, status)
    return root


def _refusal(client: HttpClient, reply: Reply) -> VendorError:
    try:
        said = _words(reply.node())
    except VendorGarbled:
        said = ""
    failure = client.failure(reply, said)
    if reply.status in _PASSING:
        return VendorUnavailable(client.source, failure.problem)
    return failure


def _refused_ok(client: HttpClient, root: Node, status: str) -> VendorError:
    words = client.clean(f"{status}: {_words(root)}")
    problem = f"status 200, but {words}"
    if "exceeded the maximum requests" in words:
        return VendorThrottled(client.source, problem)
    if status in {"NOT_AUTHORIZED", "NOT_FOUND"}:
        return VendorRefused(client.source, problem)
    return VendorUnavailable(client.source, problem)


def _words(root: Node) -> str:
    words = root.get("error") or root.get("message")
    return words.text() if words else ""
