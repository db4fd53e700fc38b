"""Which address a request comes from, where proxies stand between us and whoever asks."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Proxies = Sequence[IPv4Network | IPv6Network]


def caller_address(peer: str | None, forwarded: Sequence[str], proxies: Proxies) -> str:
    """The nearest address that is no trusted proxy's; `forwarded` are lines of X-Forwarded-For.

    Each proxy appends whom it was asked by, so the list is read from its end, as long as whoever
    wrote the next word is believed. A word that is no address ends the list: then the proxy that
    passed it on is counted itself.
    """
    nearest = _address(peer or "")
    if nearest is None:
        return f"{peer}"
    for word in reversed(",".join(forwarded).split(",")):
        if not _is_in(nearest, proxies):
            break
        before = _address(word.strip())
        if before is None:
            break
        nearest = before
    return str(nearest)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A socket for both families shows IPv4 as a part of IPv6.
    return getattr(address, "ipv4_mapped", None) or address


def _is_in(address: IPv4Address | IPv6Address, proxies: Proxies) -> bool:
    return any(address in network for network in proxies)
