"""The look at where a connection really goes, after all names were resolved.

A name may mean another address at each look-up. So nothing is concluded from names: the address
that was resolved is the one that is looked at, and the socket that is made for it is used for
nothing else.
"""

import socket
from collections.abc import Callable
from typing import Any

from alpine_service.domain.delivery.target import TargetRules

# Family, kind, protocol, canonical name and the address of a socket.
AddressInfo = tuple[Any, Any, int, str, tuple[Any, ...]]


class AddressRefused(OSError):  # noqa: N818 - named as Alpine's own are
    """The rules do not let a connection go there.

    All have one text, so that they stay what they are when a name has several such addresses.
    """

    def __init__(self) -> None:
        super().__init__("the address is not one that webhooks go to")


def guarded_sockets(rules: TargetRules) -> Callable[[AddressInfo], socket.socket]:
    """What makes sockets for addresses that the rules admit, and refuses all others."""

    def make(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        if family not in {socket.AF_INET, socket.AF_INET6} or not rules.admits(address[0]):
            raise AddressRefused
        # A zone names a link of this machine.
        if family == socket.AF_INET6 and address[3]:
            raise AddressRefused
        return socket.socket(family, kind, protocol)

    return make
