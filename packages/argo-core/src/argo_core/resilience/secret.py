"""A value that must never be shown, and what a store says of it."""

from typing import Final

from attrs import frozen

_MASK: Final = "********"


class Secret:
    """Holds a key or a password; only `reveal()` gives it away, and greps well."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({_MASK!r})"

    def __str__(self) -> str:
        return _MASK

    def __format__(self, spec: str) -> str:
        return format(_MASK, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> str:
        # A pickle would carry the value to wherever pickles go.
        raise TypeError("a Secret is not copied or stored; pass it on by reference")


@frozen
class SecretValue:
    """What a store has under a name: the `current` value, and the one before while both may work.

    `version` changes when the value does, says nothing about it, and may be shown.
    """

    current: Secret
    version: str
    previous: Secret | None = None
