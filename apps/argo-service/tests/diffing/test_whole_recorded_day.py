"""A whole market day of a shipped tape, recorded, is the same when it is decided anew."""

import subprocess
import sys
from pathlib import Path

import pytest

from argo_service.diffing.difference import diff
from argo_service.diffing.tried import read_what_if

FEWEST = 20


@pytest.mark.timed
def test_a_whole_recorded_market_day_is_the_same_as_its_backtest(tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "argo_service.cli", "tape", "record", "--tape", "ordinary-day"),
        *("--at", "09:30", "--for", "390m", "--speed", "400"),
        *("--out", "a.recording.gz", "--log", "a.sqlite3"),
    ]
    subprocess.run(  # noqa: S603 - ours
        command, cwd=tmp_path, capture_output=True, check=True, timeout=180
    )
    log, recording = tmp_path / "a.sqlite3", tmp_path / "a.recording.gz"
    found = diff(log, recording, read_what_if(None, (), (), ()))
    assert found.comparison.differences == ()
    assert found.comparison.settings == ()
    assert found.missing is None
    assert len(found.day.signals) == len(found.comparison.pairs) > FEWEST
    assert found.day.resolved
    stricter = diff(log, recording, read_what_if("9000", (), (), ()))
    assert len(stricter.day.signals) < len(found.day.signals)
