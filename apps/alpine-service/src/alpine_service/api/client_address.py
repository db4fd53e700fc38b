"""Where a request comes from, believing nobody but the proxies that the operator named."""

from ipaddress import IPv6Address, ip_address, ip_network

# A site has at least a whole /64 (RFC 6177), so that one address of it says nothing.
_SITE = 64
_LONGEST = 1_024


def client_address(peer: str | None, forwarded: str | None, proxies: frozenset[str]) -> str:
    """The client's address: the peer's, or what trusted proxies say of it.

    Each proxy appends the address that it was asked from to `X-Forwarded-For`, so the list is read
    from its end while those who wrote it are trusted. What is no address ends the reading.
    """
    address = _normal(peer) or "unknown"
    if forwarded is None or len(forwarded) > _LONGEST:
        return address
    for text in reversed(forwarded.split(",")):
        if address not in proxies:
            break
        before = _normal(text.strip())
        if before is None:
            break
        address = before
    return address


def site_of(address: str) -> str:
    """What limits count by: an IPv4 address, or the network of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _SITE), strict=False))
    return address


def _normal(text: str | None) -> str | None:
    try:
        parsed = ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(parsed)
