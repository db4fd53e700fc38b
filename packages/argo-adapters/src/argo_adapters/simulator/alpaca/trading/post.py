"""Messages on their way to whoever listens: kept back, lost, doubled, late, or as they should."""

from collections.abc import Callable
from enum import StrEnum
from heapq import heappop, heappush
from random import Random

from attrs import define, field


class Sequencing(StrEnum):
    """In which order held messages leave."""

    KEPT = "kept"
    REVERSED = "reversed"
    SHUFFLED = "shuffled"


@define
class Post:
    """Hands each message to `deliver`; what nobody hears then is gone."""

    deliver: Callable[[bytes], None]
    chance: Random
    to_drop: int = 0
    drop_rate: float = 0.0
    double_rate: float = 0.0
    delay: int = 0
    holding: bool = False
    _held: list[bytes] = field(factory=list)
    _late: list[tuple[int, int, bytes]] = field(factory=list)
    _number: int = 0

    def send(self, message: bytes, now: int) -> None:
        """One message, through whatever is switched on."""
        if self.to_drop:
            self.to_drop -= 1
            return
        if self._happens(self.drop_rate):
            return
        for _ in range(2 if self._happens(self.double_rate) else 1):
            if self.delay:
                self._number += 1
                heappush(self._late, (now + self.delay, self._number, message))
            else:
                self._pass(message)

    @property
    def is_late(self) -> bool:
        """Whether messages wait for their time."""
        return bool(self._late)

    def look(self, now: int) -> None:
        """Late messages whose time has come leave."""
        while self._late and self._late[0][0] <= now:
            self._pass(heappop(self._late)[2])

    def release(self, sequencing: Sequencing, seed: int) -> int:
        """What was held leaves, and nothing is held from now on."""
        held, self._held, self.holding = self._held, [], False
        if sequencing is Sequencing.REVERSED:
            held.reverse()
        elif sequencing is Sequencing.SHUFFLED:
            Random(seed).shuffle(held)  # noqa: S311 - seeded chance is wanted
        for message in held:
            self.deliver(message)
        return len(held)

    def forget(self) -> None:
        """What was held or late is gone."""
        self._held.clear()
        self._late.clear()

    def _pass(self, message: bytes) -> None:
        if self.holding:
            self._held.append(message)
        else:
            self.deliver(message)

    def _happens(self, rate: float) -> bool:
        # Nothing is drawn while a fault is off, so switching one on moves no other.
        return rate > 0 and self.chance.random() < rate
