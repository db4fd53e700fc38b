"""Which addresses are of the public internet, so that a stranger may have us connect to them.

Written as what is let in, and what of that is kept out, so that a range that nobody thought of is
out. The ranges are those of IANA's registries of special-purpose addresses (RFC 6890 and those that
update it), and addresses at which clouds serve secrets to their machines.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# All of IPv4, but:
_NOT_PUBLIC_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # This network.
        "10.0.0.0/8",  # Private.
        "100.64.0.0/10",  # Shared by carriers; a cloud's metadata is in it as well.
        "127.0.0.0/8",  # Loopback.
        "168.63.129.16/32",  # A cloud's agent, though the range is public.
        "169.254.0.0/16",  # Link-local; most clouds' metadata.
        "172.16.0.0/12",  # Private.
        "192.0.0.0/24",  # Protocol assignments.
        "192.0.2.0/24",  # Documentation.
        "192.31.196.0/24",  # AS112.
        "192.52.193.0/24",  # Automatic multicast tunneling.
        "192.88.99.0/24",  # 6to4 relays.
        "192.168.0.0/16",  # Private.
        "192.175.48.0/24",  # AS112.
        "198.18.0.0/15",  # Benchmarks.
        "198.51.100.0/24",  # Documentation.
        "203.0.113.0/24",  # Documentation.
        "224.0.0.0/4",  # Multicast.
        "240.0.0.0/4",  # Reserved, and broadcast.
    )
)
# Of IPv6 only global unicast. Outside of it are, among others, unspecified, loopback, IPv4-mapped
# and IPv4-compatible, NAT64, discard-only, unique local, link-local, site-local and multicast.
_GLOBAL_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # Protocol assignments: Teredo, benchmarks, ORCHID and others.
        "2001:db8::/32",  # Documentation.
        "2002::/16",  # 6to4, behind which is any IPv4 address.
        "2620:4f:8000::/48",  # AS112.
        "3fff::/20",  # Documentation.
    )
)
_OWN = (
    IPv4Network("127.0.0.0/8"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)
_METADATA_6 = IPv6Network("fd00:ec2::/32")


def is_public(text: str) -> bool:
    """Whether an address, as a socket takes it, is of the public internet.

    Whatever is not an address is not public, and neither is one with a zone.
    """
    address = _read(text)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address is None or address.scope_id is not None or address not in _GLOBAL_6:
        return False
    return not any(address in network for network in _NOT_PUBLIC_6)


def is_own_network(text: str) -> bool:
    """Whether it is loopback or private, and not where a cloud serves secrets.

    Only for an operator who allows webhooks to the own network.
    """
    address = _read(text)
    if address is None or (isinstance(address, IPv6Address) and address.scope_id is not None):
        return False
    return any(address in network for network in _OWN) and address not in _METADATA_6


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
