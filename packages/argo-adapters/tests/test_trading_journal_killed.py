"""kill -9 at every write of the journal: what was acknowledged is there, and no batch in part.

So many times as `ARGO_TORTURE_KILLS` says; a few by default.
"""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

KILLS: Final = int(os.environ.get("ARGO_TORTURE_KILLS", "25"))  # noqa: TID251 - how long to torture
SCRIPT: Final = Path(__file__).with_name("kill_journal_at_every_write.py")


@pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in {"x86_64", "aarch64"},
    reason="it stops processes at their system calls as Linux does",
)
@pytest.mark.timeout(60 + 2 * KILLS)
def test_nothing_acknowledged_is_lost_and_no_batch_is_torn(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - it is ours
        [sys.executable, "-W", "error", str(SCRIPT), str(tmp_path), str(KILLS)],
        stdout=subprocess.PIPE,
        timeout=50 + 2 * KILLS,
        check=True,
    )
    result = json.loads(done.stdout)
    assert sum(result["kills"].values()) == KILLS
    assert {"pwrite64", "fdatasync"} <= result["kills"].keys()
    assert result["acknowledged"] > 0
