"""The calls of one ask: all to one path, until the vendor says stop."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from argo_adapters.http.client import HttpClient
from argo_adapters.http.fields import Node
from argo_adapters.http.reply import Reply
from argo_adapters.http.visit import Visit
from argo_adapters.vendors.alpha_vantage.refusals import refusal
from argo_core.errors import VendorThrottled
from argo_core.ports import Clock

OK = 200
AT_ONCE = 4
"""Calls under way at a time; the vendor limits bursts by the second."""

LARGE = 200_000
"""Bytes; a hundred quotes are 30,000 and read in less time than it takes to start a thread."""

Reading = TypeVar("Reading")


class Calls:
    """Counts them in `visit`; once one is throttled, those still waiting are not made."""

    def __init__(self, client: HttpClient, visit: Visit, clock: Clock) -> None:
        self.visit = visit
        self._client = client
        self._clock = clock
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._stopped: VendorThrottled | None = None

    async def read(
        self, function: str, reader: Callable[[Node, datetime], Reading], **query: str
    ) -> tuple[Reading, Reply]:
        """What `reader` makes of the answer, given the moment it came, and the answer itself.

        Raises:
            VendorError: no answer, a refusal, or what `reader` raises.
        """
        # Asking whether to stop and asking the vendor are one step, or all would pass at the start.
        async with self._gate:
            if self._stopped:
                raise VendorThrottled(
                    self._client.source,
                    self._stopped.problem,
                    retry_after_s=self._stopped.retry_after_s,
                )
            query |= {"function": function}
            try:
                async with self.visit.call() as call:
                    reply = await call.get("query", query)
                    return await self._digested(reply, reader), reply
            except VendorThrottled as error:
                self._stopped = error
                raise

    async def _digested(self, reply: Reply, reader: Callable[[Node, datetime], Reading]) -> Reading:
        came = self._clock.now()
        if len(reply.body) < LARGE:
            return self._digest(reply, reader, came)
        # A thousand articles are megabytes, and the loop has other things to do meanwhile.
        return await asyncio.to_thread(self._digest, reply, reader, came)

    def _digest(
        self, reply: Reply, reader: Callable[[Node, datetime], Reading], came: datetime
    ) -> Reading:
        if reply.status != OK:
            raise self._client.failure(reply)
        root = reply.node()
        if error := refusal(root, came, self._client.clean):
            raise error
        return reader(root, came)
