"""Workers in this process, that join, leave, lose their memory, break and pause when told."""

import asyncio

from argo_core.engine.shards.host import Host
from argo_core.errors import WorkerLost


class FakeWorkers:
    """The port `StepWorkers`; every worker has a `Host` of its own that runs `code`."""

    def __init__(self, *names: str, code: str = "code") -> None:
        self._code = code
        self._hosts: dict[str, Host] = {}
        self._awake: dict[str, asyncio.Event] = {}
        self._gone: dict[str, asyncio.Event] = {}
        self._broken: set[str] = set()
        self.asked: list[str] = []
        for name in names:
            self.join(name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._hosts))

    async def step(self, worker: str, order: bytes) -> bytes:
        self.asked.append(worker)
        host = self._hosts.get(worker)
        if host is None:
            raise WorkerLost(worker, "it is not there")
        gone = asyncio.ensure_future(self._gone[worker].wait())
        awake = asyncio.ensure_future(self._awake[worker].wait())
        try:
            await asyncio.wait((gone, awake), return_when=asyncio.FIRST_COMPLETED)
            if gone.done() or worker in self._broken:
                raise WorkerLost(worker, "it went away")
            return host.take(order)
        finally:
            gone.cancel()
            awake.cancel()

    def join(self, name: str, *, code: str = "") -> None:
        """There is one more, or the same anew: it knows nothing."""
        self.leave(name)
        self._hosts[name] = Host(code or self._code)
        self._gone[name], self._awake[name] = asyncio.Event(), asyncio.Event()
        self._awake[name].set()

    def leave(self, name: str) -> None:
        """It is gone, and what it was at fails."""
        self._broken.discard(name)
        if self._hosts.pop(name, None) is not None:
            self._gone[name].set()

    def forget(self, name: str) -> None:
        """It was started anew under its name, and nobody noticed."""
        if name in self._hosts:
            self._hosts[name] = Host(self._code)

    def break_down(self, name: str) -> None:
        """It is there, and fails whatever it is asked for."""
        self._broken.add(name)

    def pause(self, name: str) -> None:
        """It answers nothing until it goes on."""
        if name in self._hosts:
            self._awake[name].clear()

    def go_on(self, name: str) -> None:
        """It answers what it was asked for meanwhile."""
        if name in self._hosts:
            self._awake[name].set()
