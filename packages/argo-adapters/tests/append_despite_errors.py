"""Opens a log and appends batches, each until it is taken; prints each head that was acknowledged.

Run as `append_despite_errors.py FILE`. An error that says to try again is met by trying again, and
any other ends the process. Given `LIMIT` as well, the first try of each batch meets a limit on the
size of files, as a full disk or a quota would set it.
"""

import resource
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from argo_adapters.sqlite.writer import Writer
from argo_core.errors import LogUnavailable
from argo_core.testing.entries import LOG, signal_batch
from argo_core.testing.fake_signer import FakeSigner

TRIES = 5
T = TypeVar("T")


def until_done(work: Callable[[], T], between: Callable[[], None] = lambda: None) -> T:
    for _ in range(TRIES):
        try:
            return work()
        except LogUnavailable as error:
            print("failed:", error, flush=True)  # noqa: T201 - the parent reads it
            between()
    raise AssertionError("it never came to an end")


def limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def main(path: Path, limited: bool) -> None:
    writer = until_done(lambda: Writer.open(path, FakeSigner(LOG), 5.0))
    for number, count in enumerate((1, 60, 200)):
        standing = writer.current()
        size, seq = standing.frontier.size, standing.next_seq.get("alpha", 0)
        batch = signal_batch(size, range(seq, seq + count))
        if limited and number:
            limit_files(path.with_name(path.name + "-wal").stat().st_size + 4_096)
        again = partial(limit_files, resource.RLIM_INFINITY)
        standing = until_done(partial(writer.append, batch), again)
        root = standing.frontier.root().hex()
        print(standing.frontier.size, root, flush=True)  # noqa: T201 - the parent reads it
    writer.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), "LIMIT" in sys.argv)
