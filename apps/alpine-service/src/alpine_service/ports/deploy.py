"""What a deployment works with: the proxy, the colours' processes, and what they say.

Everything here raises StepFailed when it cannot be done.
"""

from collections.abc import Mapping
from typing import Protocol

from alpine_service.domain.deploy.colour import Behind, Colour, Said, Traffic


class Proxy(Protocol):
    """The proxy in front of both colours."""

    async def behind(self) -> Mapping[Colour, Behind]:
        """How both are, as the proxy sees them."""
        ...

    async def send(self, colour: Colour, traffic: Traffic) -> None:
        """Send that there from now on; what runs already is not interrupted."""
        ...

    async def remember(self) -> None:
        """Let the proxy begin with the same colours when it is started again."""
        ...


class Processes(Protocol):
    """Starts and stops a colour."""

    async def start(self, colour: Colour) -> None:
        """Start it anew; returns when it has begun, which need not mean that it is ready."""
        ...

    async def stop(self, colour: Colour) -> None:
        """Stop it; returns when it has ended."""
        ...


class Looks(Protocol):
    """Asks a colour how it is."""

    async def ask(self, colour: Colour, level: str) -> Said:
        """What it says of itself at that level of health.

        Raises:
            StepFailed: it does not answer.
        """
        ...
