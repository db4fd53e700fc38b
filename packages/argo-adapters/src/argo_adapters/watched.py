"""A server of our own, for as long as we live.

A shell stands between: it reads from a pipe that we hold, and when we close the pipe or die, in
whatever way, it stops the server. Asking the kernel to do so instead (PR_SET_PDEATHSIG) would end
the server with the thread that started it, and does not exist everywhere.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from select import select
from typing import IO

from attrs import frozen

LOOK_EVERY_S = 0.01

# The server inherits the pipe to us as descriptor 3 and the shell lets go of it, so that the pipe
# ends when the server and all that it started do.
_WATCH = """
stop=$1 log=$2
shift 2
"$@" 3>&1 >/dev/null 2>>"$log" &
echo $!
exec >&-
read -r gone
kill -s "$stop" $! 2>/dev/null
kill -s CONT $! 2>/dev/null
wait $!
"""


@frozen
class Account:
    """Whom a server runs as, where it must not run as us."""

    uid: int
    gid: int


@frozen
class Watched:
    """A server's process, and the pipe that ends with it."""

    pid: int
    pipe: IO[bytes]

    def answered(self, answers: Callable[[], bool], within_s: float) -> bool:
        """Wait until `answers` says so; False if the server ends before, or it takes too long."""
        until = time.perf_counter() + within_s
        while time.perf_counter() < until:
            if answers():
                return True
            if select([self.pipe], [], [], LOOK_EVERY_S)[0]:
                break
        return False


@contextmanager
def watched(
    command: Sequence[str],
    *,
    stop_s: float,
    stop_signal: str = "TERM",
    log: str = "/dev/null",
    account: Account | None = None,
) -> Iterator[Watched]:
    """The command as a server, stopped when the block is left, killed if that takes too long.

    What it complains of is added to the file `log`.
    """
    with subprocess.Popen(  # noqa: S603 - our own words
        ["/bin/sh", "-c", _WATCH, "argo-server", stop_signal, log, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl-C at the terminal is ours to answer; the server stops when we are done with it.
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    ) as shell:
        assert shell.stdout is not None  # noqa: S101 - a pipe was asked for
        try:
            yield Watched(int(shell.stdout.readline()), shell.stdout)
        finally:
            _stop(shell, shell.stdout, stop_s)


def _stop(shell: subprocess.Popen[bytes], pipe: IO[bytes], stop_s: float) -> None:
    assert shell.stdin is not None  # noqa: S101 - a pipe was asked for
    shell.stdin.close()
    until = time.perf_counter() + stop_s
    try:
        shell.wait(stop_s)
    except subprocess.TimeoutExpired:
        # A server that is stopped or stuck does not hear; its whole session is ours.
        os.killpg(shell.pid, 9)
    # Children of a server that was killed end a little later than it does.
    select([pipe], [], [], max(LOOK_EVERY_S, until - time.perf_counter()))
