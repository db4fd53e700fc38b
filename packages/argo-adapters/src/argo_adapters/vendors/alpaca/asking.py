"""How Alpaca's market data are asked for, and what is done about one bad symbol."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from argo_adapters.http.client import HttpClient
from argo_adapters.http.fields import Node
from argo_adapters.http.visit import Visit
from argo_adapters.vendors.alpaca.parts import Chunk
from argo_adapters.vendors.alpaca.refusals import checked, named_in_refusal
from argo_core.market.instrument import Symbol
from argo_core.ports import Clock

Read = TypeVar("Read")


class Desk:
    """Where one page of something is asked for, for many symbols together."""

    def __init__(self, client: HttpClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def ask(
        self,
        visit: Visit,
        path: str,
        params: Mapping[str, str],
        chunk: Chunk,
        missing: dict[Symbol, str],
        *,
        read: Callable[[Node], Awaitable[Read]],
    ) -> Read:
        """What `read` makes of the answer for those of `chunk` that are not `missing`.

        One symbol the vendor calls invalid spoils the whole request: it goes missing too, and the
        others are asked for once more.
        """
        names = [one.symbol for one in chunk if one.symbol not in missing]
        async with visit.call() as call:
            reply = await call.get(path, {**params, "symbols": ",".join(names)})
            stranger = named_in_refusal(self._client, reply, names)
            if stranger is None or len(names) == 1:
                return await read(checked(self._client, reply, self._clock.now()))
        missing[stranger] = "the vendor calls it invalid"
        names.remove(stranger)
        async with visit.call() as call:
            reply = await call.get(path, {**params, "symbols": ",".join(names)})
            return await read(checked(self._client, reply, self._clock.now()))
