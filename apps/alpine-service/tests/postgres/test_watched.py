"""A server's end is seen by whoever started it, however many files are open."""

import os
import resource
from pathlib import Path

from alpine_service.adapters.postgres.watched import watched

ABOVE_SELECT = 1_100


def test_its_end_is_seen_through_a_descriptor_of_any_number(tmp_path: Path) -> None:
    most, allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(most, 2 * ABOVE_SELECT), allowed))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(ABOVE_SELECT)]
    try:
        with (
            (tmp_path / "lock").open("ab") as lock,
            watched(
                ["/bin/sleep", "60"],
                log=tmp_path / "log",
                lock=lock,
                account=None,
                stop="TERM",
                stop_s=5.0,
            ) as running,
        ):
            assert not running.ended(0)
            os.kill(running.pid, 9)
            assert running.ended(5)
        assert running.ended(0)
    finally:
        for each in held:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, allowed))
