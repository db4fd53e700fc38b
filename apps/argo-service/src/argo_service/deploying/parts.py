"""What a deployment needs from outside; everything here raises StepFailed if it cannot be done."""

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from argo_core.ports import Clock
from argo_service.deploying.colour import AtProxy, Colour, Health, Publishing, Traffic


class Proxy(Protocol):
    """Stands in front of both colours."""

    async def seen(self) -> Mapping[Colour, AtProxy]:
        """Both, as it sees them."""
        ...

    async def give(self, colour: Colour, traffic: Traffic) -> None:
        """Give the colour that from now on; nothing that runs is interrupted."""
        ...

    async def keep(self) -> None:
        """Remember who gets what, for the proxy's next start."""
        ...


class Keeper(Protocol):
    """Starts and stops processes, as a service manager does."""

    async def start(self, colour: Colour) -> None:
        """Start it afresh; it may not be ready yet."""
        ...

    async def stop(self, colour: Colour) -> None:
        """Return once it has ended."""
        ...


class Colours(Protocol):
    """The running processes, asked one by one."""

    async def health(self, colour: Colour, level: str) -> Health:
        """Its own word."""
        ...

    async def publishing(self, colour: Colour) -> Publishing:
        """Where it stands with the lease."""
        ...

    async def release(self, colour: Colour, reason: str) -> Publishing:
        """Let it finish its cycle and give the lease back; where it stands then."""
        ...

    async def take_over(self, colour: Colour, reason: str) -> Publishing:
        """Let it take the lease once that is free; where it stands then."""
        ...


@frozen
class Parts:
    """All of it."""

    proxy: Proxy
    keeper: Keeper
    colours: Colours
    clock: Clock
