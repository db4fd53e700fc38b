"""A vendor's key, how it is shown, and how the vendor says that it does not take it."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final, Protocol

from attrs import field, frozen

Parts = tuple[str, ...]


class Key(Protocol):
    """A key that may be another one tomorrow; its parts, such as an id and a secret, go together.

    No implementation shows it in its repr.
    """

    def parts(self) -> Parts:
        """What to show in the call that is made now."""
        ...

    async def refused(self, shown: Parts) -> bool:
        """The vendor refused what it was shown; whether `parts` are others now, worth one try.

        Returns within seconds, and never raises.
        """
        ...


class FixedKey:
    """A key that stays what it is."""

    def __init__(self, *parts: str) -> None:
        self._parts = parts

    def __repr__(self) -> str:
        return "FixedKey()"

    def parts(self) -> Parts:
        """As the protocol promises."""
        return self._parts

    async def refused(self, _shown: Parts) -> bool:
        """There is no other."""
        return False


def as_key(given: "str | Key") -> Key:
    """A key given as text is one that stays."""
    return FixedKey(given) if isinstance(given, str) else given


@frozen
class Shown:
    """A key as it travels: in headers, or in the query where a vendor knows no other way."""

    headers: Mapping[str, str] = field(factory=dict, repr=False)
    query: Mapping[str, str] = field(factory=dict, repr=False)


def bearer(parts: Parts) -> Shown:
    """The way of RFC 6750."""
    return Shown({"Authorization": f"Bearer {parts[0]}"})


def is_unauthorised(status: int, _body: bytes) -> bool:
    """The way of HTTP: 401, or 403 as some vendors have it."""
    return status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


@frozen
class KeyUse:
    """A vendor's `key`, how to `show` it, and whether an answer `refuses` it."""

    key: Key = field(repr=False)
    show: Callable[[Parts], Shown] = bearer
    refuses: Callable[[int, bytes], bool] = is_unauthorised


NO_KEY: Final = KeyUse(FixedKey(), lambda _parts: Shown(), lambda _status, _body: False)
"""Of a vendor that asks for none."""
