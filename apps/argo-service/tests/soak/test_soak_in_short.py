"""Minutes of a recorded market with everything failing: what must hold does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from argo_adapters.redis.launcher import find_server

FOLDER = Path(__file__).parents[2]


@pytest.mark.timed
@pytest.mark.timeout(200)
def test_the_record_stays_whole_and_the_beat_comes_back(tmp_path: Path) -> None:
    if find_server() is None:
        pytest.skip("there is no Valkey or Redis server here")
    # Slower than the long form, because another machine may be slow too.
    command = (
        "--minutes",
        "5",
        "--speed",
        "10",
        "--least",
        "0",
        "--folder",
        str(tmp_path / "soak"),
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "soak", *command],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-2_000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["wrong"] == []
    assert len(told["troubles"]) > 12
    # Every engine was killed once, and came back.
    assert told["starts"]["blue"] >= 2
    # How well the beat was kept is the long form's to say, on a machine that does nothing else.
    assert told["uptime"] > 0.3
