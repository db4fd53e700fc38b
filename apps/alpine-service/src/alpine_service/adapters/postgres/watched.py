"""A server that lives no longer than we do.

A small shell stands between us and it. The shell reads from a pipe that we hold: when we close the
pipe or die, in whatever way, it ends the server. (Asking the kernel for that, PR_SET_PDEATHSIG,
would end the server with the *thread* that started it.)
"""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypedDict

from attrs import frozen

LOOK_EVERY_S = 0.01

# The server has the shell's output pipe and the lock, so both end when all of its processes have.
# TERM ends one that has only just been started, which does not hear anything else yet.
_WATCH = """
stop=$1
shift
"$@" </dev/null &
trap '' HUP INT TERM
echo $!
exec >&-
read -r gone
kill -s TERM $! 2>/dev/null
kill -s "$stop" $! 2>/dev/null
wait $!
"""


@frozen
class Account:
    """Whom a server runs as, where it must not run as us."""

    uid: int
    gid: int


class AsWhom(TypedDict, total=False):
    """What `subprocess` is told of an account."""

    user: int
    group: int
    extra_groups: Sequence[int]


@frozen
class Watched:
    """A server's first process, and the pipe that ends with its last."""

    pid: int
    _pipe: IO[bytes]

    def ended(self, within_s: float) -> bool:
        """Wait for the end; False if it takes longer."""
        if self._pipe.closed:
            return True
        # Not `select`, which knows no descriptor above 1023: with many clients ours is above.
        looking = select.poll()
        looking.register(self._pipe, select.POLLIN)
        return bool(looking.poll(within_s * 1_000))

    def answered(self, answers: Callable[[], bool], within_s: float) -> bool:
        """Wait until `answers` says so; False if the server ends before, or it takes too long."""
        until = time.perf_counter() + within_s
        while time.perf_counter() < until:
            if answers():
                return True
            if self.ended(LOOK_EVERY_S):
                break
        return False


def as_whom(account: Account | None) -> AsWhom:
    """How to start a program as that account; as ourselves for None."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


@contextmanager
def watched(
    command: Sequence[str],
    *,
    log: Path,
    lock: IO[bytes],
    account: Account | None,
    stop: str,
    stop_s: float,
) -> Iterator[Watched]:
    """The command as a server, ended by the signal `stop` when the block is left; blocking.

    It is killed if that takes longer than `stop_s`. It holds `lock` as long as it lives; what it
    complains of is added to the file `log`.
    """
    with (
        log.open("ab") as complaints,
        subprocess.Popen(  # noqa: S603 - our own words
            ["/bin/sh", "-c", _WATCH, "alpine-postgres", stop, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            pass_fds=[lock.fileno()],
            # Its own working folder may be one that the account cannot enter.
            cwd="/",
            # Ctrl-C at the terminal is ours to answer; the server ends when we are done with it.
            start_new_session=True,
            **as_whom(account),
        ) as shell,
    ):
        assert shell.stdin is not None  # noqa: S101 - a pipe was asked for
        assert shell.stdout is not None  # noqa: S101 - a pipe was asked for
        running = Watched(int(shell.stdout.readline()), shell.stdout)
        try:
            yield running
        finally:
            shell.stdin.close()
            if not running.ended(stop_s):
                # A server that is stopped or stuck does not hear. The kernel ends its children.
                os.kill(running.pid, signal.SIGKILL)
                running.ended(stop_s)
