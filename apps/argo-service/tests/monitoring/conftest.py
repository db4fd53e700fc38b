"""Where the dashboards and rules are found, and Prometheus's own tool to judge them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# They are no part of the service, and of no distribution.
sys.path.insert(0, str(Path(__file__).parents[2]))


@pytest.fixture(scope="session")
def promtool() -> Callable[..., str]:
    """Runs promtool and gives what it said; skips where there is none, fails in CI."""
    program = shutil.which("promtool")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("there is no promtool: it is in Debian's package prometheus")
        pytest.skip("needs promtool")

    def run(*words: str | Path) -> str:
        told = subprocess.run(  # noqa: S603 - the files are ours
            [program, *map(str, words)], capture_output=True, text=True, timeout=120, check=False
        )
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout + told.stderr

    return run
