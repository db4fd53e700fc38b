"""What a single setting may be; each check refuses by name and says what would do."""

import re
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from attrs import Attribute

from argo_core.errors import InvalidInput

HIGHEST_PORT = 65_535
# Below, a loop would spin; above a year, moments can no longer be reckoned with.
SHORTEST_S, LONGEST_S = 0.001, 31_536_000
# What the log can hold as a number.
LARGEST = 2**53 - 1


def port(_instance: object, attribute: "Attribute[int]", value: int) -> None:
    if not 0 <= value <= HIGHEST_PORT:
        fix = f"give 1 to {HIGHEST_PORT}, or 0 for any free one"
        raise InvalidInput(attribute.name, f"{value} is not a port", fix)


def seconds(_instance: object, attribute: "Attribute[Any]", value: float) -> None:
    if not SHORTEST_S <= value <= LONGEST_S:
        fix = f"give {SHORTEST_S} to {LONGEST_S} seconds"
        raise InvalidInput(attribute.name, f"{value} is no span of time", fix)


def count(_instance: object, attribute: "Attribute[int]", value: int) -> None:
    if not 0 < value <= LARGEST:
        problem = f"{value} is out of range"
        raise InvalidInput(attribute.name, problem, f"give 1 to {LARGEST}")


def seed(_instance: object, attribute: "Attribute[int]", value: int) -> None:
    if not 0 <= value <= LARGEST:
        problem = f"{value} is out of range"
        raise InvalidInput(attribute.name, problem, f"give 0 to {LARGEST}")


def ascii_name(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    # It is written into the log, which knows no other characters.
    if not re.fullmatch("[!-~]{1,128}", value):
        problem = f"{value[:40]!r} is no name"
        fix = "give up to 128 printable ASCII characters without a space"
        raise InvalidInput(attribute.name, problem, fix)


def fraction(_instance: object, attribute: "Attribute[float]", value: float) -> None:
    if not 0 <= value <= 1:
        raise InvalidInput(attribute.name, f"{value} is out of range", "give a number from 0 to 1")


def share(_instance: object, attribute: "Attribute[float]", value: float) -> None:
    if not 0 < value <= 1:
        raise InvalidInput(attribute.name, f"{value} is not a share", "give a number in (0, 1]")


def url(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    fix = "write it like https://api.example.com"
    try:
        parts = urlsplit(value)
        # Only when asked for is the port looked at.
        is_whole = parts.port != 0 and value.isprintable()
    except ValueError as error:
        raise InvalidInput(
            attribute.name, f"{value[:80]!r} is not an address ({error})", fix
        ) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or not is_whole:
        raise InvalidInput(attribute.name, f"{value[:80]!r} is not an address", fix)
    if parts.username or parts.password or parts.query or parts.fragment:
        problem = "the address carries credentials, a query or a fragment"
        raise InvalidInput(attribute.name, problem, "give scheme, host and path only")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        problem = f"{value[:80]!r} would send the key unencrypted"
        raise InvalidInput(attribute.name, problem, "use https; http is for this machine only")


def networks(
    _instance: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]
) -> None:
    fix = "write them like 127.0.0.1, 10.1.0.0/16 or fd00::/64"
    for text in value:
        try:
            network = ip_network(text)
        except ValueError as error:
            problem = f"{text[:60]!r} is no address and no network"
            raise InvalidInput(attribute.name, problem, fix) from error
        if network.prefixlen == 0:
            raise InvalidInput(attribute.name, f"{text} would believe everybody", fix)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that host name or address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
