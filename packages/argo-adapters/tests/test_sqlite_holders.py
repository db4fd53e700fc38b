"""A number is held by whoever lives."""

import subprocess
import sys
from pathlib import Path

import pytest

from argo_adapters.sqlite.holders import Holders

_HOLDS = """
import pathlib, signal, sys
from argo_adapters.sqlite.holders import Holders
Holders(pathlib.Path(sys.argv[1])).hold(9)
print("held", flush=True)
signal.pause()
"""


def test_others_see_what_is_held_until_it_is_dropped(tmp_path: Path) -> None:
    one, other = Holders(tmp_path / "held"), Holders(tmp_path / "held")
    one.hold(5)
    one.hold(7)
    assert [other.lives(number) for number in (4, 5, 6, 7)] == [False, True, False, True]
    one.drop(5)
    assert [other.lives(number) for number in (5, 7)] == [False, True]
    one.close()
    assert not other.lives(7)
    other.close()


def test_what_is_held_twice_is_refused_and_closing_another_handle_drops_nothing(
    tmp_path: Path,
) -> None:
    one, other = Holders(tmp_path / "held"), Holders(tmp_path / "held")
    one.hold(1 << 40)
    with pytest.raises(OSError, match="temporarily unavailable"):
        other.hold(1 << 40)
    # A lock of a process would end with any handle of it.
    Holders(tmp_path / "held").close()
    assert other.lives(1 << 40)
    one.close()
    other.close()


def test_a_process_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "held"
    seen = Holders(path)
    command = (sys.executable, "-c", _HOLDS, str(path))
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:  # noqa: S603 - our own
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        assert seen.lives(9)
        child.kill()
        child.wait()
        assert not seen.lives(9)
    seen.close()
