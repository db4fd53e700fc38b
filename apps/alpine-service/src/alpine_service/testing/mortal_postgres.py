"""A server that may be killed at any moment, and that has to know everything again afterwards."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import field, mutable

from alpine_service.adapters.postgres.launcher import Server, server_in


@mutable
class MortalServer:
    """Runs, is killed and runs again, always on the same port and data, which it forces to disk."""

    _folder: Path
    _running: ExitStack = field(factory=ExitStack, init=False)
    _server: Server | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """Where it answers its superuser, whenever it runs."""
        return self.server.url

    @property
    def server(self) -> Server:
        """What was started last."""
        assert self._server is not None, "start it first"  # noqa: S101 - this is for tests
        return self._server

    def start(self) -> Server:
        """Start it; blocking, until it answers."""
        port = self._server.port if self._server else 0
        self._server = self._running.enter_context(server_in(self._folder, port=port))
        return self._server

    def kill(self) -> None:
        """End it in the middle of whatever it does; blocking, until no process of it is left."""
        os.kill(self.server.pid, signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        """End it in an orderly way."""
        self._running.close()


@contextmanager
def mortal_server(folder: Path) -> Iterator[MortalServer]:
    """A running server with its data in `folder`; pytest's `tmp_path` will not do for root."""
    mortal = MortalServer(folder)
    mortal.start()
    try:
        yield mortal
    finally:
        mortal.stop()
