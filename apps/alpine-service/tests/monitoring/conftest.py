"""Makes `monitoring` importable, which is in no package, and has promtool judge."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))


@pytest.fixture(scope="session")
def judged(running_in_ci: bool) -> Callable[..., str]:
    """What promtool says when it is content; where there is none, a skip, and a failure in CI."""
    program = shutil.which("promtool")
    if program is None:
        if running_in_ci:
            pytest.fail("there is no promtool")
        pytest.skip("needs promtool, of Debian's package prometheus")

    def judge(*words: object) -> str:
        done = subprocess.run(  # noqa: S603 - what it reads is ours
            [program, *map(str, words)], capture_output=True, text=True, check=False, timeout=120
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        return said

    return judge
