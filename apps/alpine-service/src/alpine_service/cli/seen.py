"""What the doctor saw."""

from collections.abc import Awaitable, Callable

from attrs import frozen

from alpine_service.errors import AlpineError
from alpine_service.ports.health import Condition


@frozen
class Seen:
    """One finding: what it is about, how it is, in words, and what helps where something does."""

    name: str
    condition: Condition
    says: str
    fix: str | None = None


def fine(name: str, says: str) -> Seen:
    return Seen(name, Condition.OK, says)


def poor(name: str, says: str, fix: str) -> Seen:
    """It works, and should be better."""
    return Seen(name, Condition.DEGRADED, says, fix)


def bad(name: str, says: str, fix: str) -> Seen:
    return Seen(name, Condition.DOWN, says, fix)


async def seen(name: str, fix: str, look: Callable[[], Awaitable[Seen]]) -> Seen:
    """What looking gave; if it could not be seen, that, and what usually helps."""
    try:
        return await look()
    except AlpineError as error:
        return bad(name, str(error), fix)
