"""Which URLs a webhook may be registered for.

These rules are for the one who registers: they catch what cannot be meant early and say why. What
protects the network is the look at the address that a connection really goes to, see `address`.
"""

import re
from ipaddress import IPv6Address

from attrs import frozen
from yarl import URL

from alpine_service.domain.delivery.address import is_own_network, is_public
from alpine_service.errors import InvalidInput

LONGEST_URL = 2_048
LONGEST_HOST = 253
# Below are services that were never made to be posted to.
_LOWEST_FREE_PORT = 1_024
_HIGHEST_PORT = 65_535
_FIX = "give a URL such as https://example.com/hook"
# What some resolver or other reads as a number: 2130706433, 0x7f000001, 0177.0.0.1, 127.1.
_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_INSIDE = frozenset(
    {"localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private"}
)


@frozen
class TargetRules:
    """`own_network` lets in plain http and private addresses, for a receiver of the operator's."""

    own_network: bool = False

    def admits(self, address: str) -> bool:
        """Whether a connection may go to that address."""
        return is_public(address) or (self.own_network and is_own_network(address))


PUBLIC_ONLY = TargetRules()


def check_target(text: str, rules: TargetRules = PUBLIC_ONLY) -> str:
    """The URL in its normal spelling, with the host in ASCII.

    Raises:
        InvalidInput: it is no URL that we would send to, and why.
    """
    if len(text) > LONGEST_URL or not text.isprintable() or " " in text or "\\" in text:
        raise _refused("it is too long, or has characters that a URL has not")
    try:
        url = URL(text)
        port = url.port
        host = url.raw_host
    except (ValueError, IndexError):
        # The latter is the library's for some brackets that enclose no host.
        raise _refused("it is not a URL") from None
    if url.scheme != "https" and not (rules.own_network and url.scheme == "http"):
        raise _refused("it does not begin with https://")
    if not host:
        raise _refused("it names no host")
    if url.raw_user is not None or url.raw_password is not None:
        raise _refused("it has a user or a password")
    if url.raw_fragment:
        raise _refused("it has a fragment, which is never sent")
    if port is None or not (port in {80, 443} or _LOWEST_FREE_PORT <= port <= _HIGHEST_PORT):
        raise _refused("its port is not one that webhooks go to")
    _check_host(host, rules)
    # Nothing after the host means the path `/`, and is written so.
    normal = str(url.with_path(url.raw_path, encoded=True, keep_query=True))
    if len(normal) > LONGEST_URL:
        raise _refused("it is too long")
    return normal


def _check_host(host: str, rules: TargetRules) -> None:
    if ":" in host:
        if not rules.admits(_plain(host)):
            raise _refused("its address is not of the public internet")
        return
    # A trailing dot says that the name is whole, and changes nothing else.
    labels = host.lower().removesuffix(".").split(".")
    if len(host) > LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refused("its host is not a name")
    if _NUMERIC.fullmatch(labels[-1]):
        if not rules.admits(host):
            raise _refused("its address is not of the public internet, or is not written plainly")
        return
    if not rules.own_network and (len(labels) == 1 or labels[-1] in _INSIDE):
        raise _refused("its host is not a name of the public internet")


def _plain(host: str) -> str:
    """An IPv6 address in its shortest spelling; what is none stays, and is admitted by nobody."""
    try:
        return host if "%" in host else str(IPv6Address(host))
    except ValueError:
        return host


def _refused(problem: str) -> InvalidInput:
    return InvalidInput("url", problem, _FIX)
