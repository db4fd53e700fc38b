"""A vendor as data: its paths, its pace, its limits and its words of refusal."""

from collections.abc import Callable, Collection, Mapping

from attrs import field, frozen

from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.wire import Ask, Limit, Reply
from argo_core.market.instrument import Symbol

Handler = Callable[[Lens, Ask], Reply]
Guard = Callable[[Ask, Collection[str]], Reply | None]


@frozen
class Route:
    """A path that is answered; `open` ones need no key. `label` names the request in counts."""

    method: str
    path: str
    handler: Handler
    open: bool = False
    label: Callable[[Ask], str] | None = None

    def counted_as(self, ask: Ask) -> str:
        """The endpoint's name in counts."""
        return self.label(ask) if self.label else self.path


def no_headers(limit: Limit, left: int, resets: int) -> Mapping[str, str]:
    """Most vendors say nothing about what is left."""
    return {}


@frozen
class Vendor:
    """Answers after about `latency_s`; `refusals` are its bodies for each kind of refusal.

    `authorise` gives the refusal of a request without one of the keys, or None. `spell` writes a
    symbol as the vendor does. `rate_headers` takes the limit, what is left of it, and the Unix
    second it is whole again. A vendor that is the other side of one lives under its `prefix`.
    """

    name: str
    latency_s: float
    limit: Limit
    routes: tuple[Route, ...]
    refusals: Mapping[Fault, tuple[Reply, ...]]
    authorise: Guard
    spell: Callable[[Symbol], str]
    rate_headers: Callable[[Limit, int, int], Mapping[str, str]] = field(default=no_headers)
    prefix: str = ""

    @property
    def path(self) -> str:
        """The first part of every path."""
        return self.prefix or self.name
