"""Which of a key's two values to show, while it is being rotated: a machine without I/O.

    in use      refused by the vendor           the store is read and has
    ---------   -----------------------------   ------------------------------------------
    current     previous, if there is one       the same: stay; a new current: that
    previous    current                         the same: stay; any other value: current

A rotation has two orders: the store may have the new value before the vendor takes it, or the
vendor may have dropped the old one before we read the store. Either way one of the two is taken.
With two values that are both refused one would change for the other at every call, so there is no
second change within `PAUSE_S`.
"""

from collections.abc import Sequence

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.resilience.secret import Secret, SecretValue

PAUSE_S = 60.0

Key = tuple[Secret, ...]
"""The parts of one key that are shown together, such as an id and its secret."""


@frozen
class Credential:
    """A key as the store has it: its current value, and the one before while both may work."""

    current: Key
    previous: Key | None = None

    @staticmethod
    def of(parts: Sequence[SecretValue]) -> "Credential":
        """One key made of several secrets; what has no previous value goes with both.

        Raises:
            InvalidInput: there is no part.
        """
        if not parts:
            raise InvalidInput("parts", "a key without parts shows nothing", "name its secrets")
        current = tuple(part.current for part in parts)
        previous = tuple(part.previous or part.current for part in parts)
        return Credential(current, None if previous == current else previous)


class Rotation:
    """One key of one vendor; `now` is always the clock's monotonic base."""

    __slots__ = ("_changed_at", "_credential", "_in_use")

    def __init__(self, credential: Credential) -> None:
        self._credential = credential
        self._in_use = credential.current
        self._changed_at: float | None = None

    @property
    def in_use(self) -> Key:
        """What to show the vendor."""
        return self._in_use

    @property
    def is_previous(self) -> bool:
        """Whether the vendor refused the current value, and takes the one before."""
        return self._in_use != self._credential.current

    def read(self, credential: Credential) -> bool:
        """The store was read; whether another value is in use from now on."""
        before, newer = self._in_use, credential.current != self._credential.current
        self._credential = credential
        if newer or self._in_use not in (credential.current, credential.previous):
            self._in_use = credential.current
            # Nobody has refused it yet, so its first refusal counts at once.
            self._changed_at = None
        return self._in_use != before

    def refused(self, shown: Key, now: float) -> Key | None:
        """The vendor refused what it was shown; the value to try instead, None if there is none."""
        if shown != self._in_use:
            # Another call has found out before.
            return self._in_use
        if self._changed_at is not None and now - self._changed_at < PAUSE_S:
            return None
        current, previous = self._credential.current, self._credential.previous
        other = previous if shown == current else current
        if other is None:
            return None
        self._in_use, self._changed_at = other, now
        return other
