"""The commands of the page, run in its order on a log that goes on meanwhile."""

import asyncio
import re
import shlex
from pathlib import Path

import pytest

from argo_adapters.sqlite.log import SqliteLog
from argo_core.ledger.record import Batch
from argo_core.testing.entries import tiny_quiet
from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main
from argo_service.config.tree import Settings
from argo_service.record_keys import mark_used, signer_of

PAGE = Path(__file__).parents[1] / "how-to" / "back-up-and-restore.md"
BLOCKS = [
    [line for line in block.splitlines() if line]
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
]
# It finds that no vendor has a key here.
MAY_FIND_FAULT = {"doctor"}


async def write(settings: Settings, count: int) -> None:
    signer = await asyncio.to_thread(signer_of, settings)
    async with SqliteLog.open(settings.database, signer) as log:
        head = await log.head()
        first = head.next_seq.get("alpha", 0)
        entries = (tiny_quiet(first + more, log=settings.log.name) for more in range(count))
        await log.append(Batch(head.size, tuple(entries)))
    await asyncio.to_thread(mark_used, settings)


def run(lines: list[str]) -> None:
    for line in lines:
        command, *words = shlex.split(line)
        assert command == "argo"
        code = main(words)
        assert code == Exit.DONE or (code == Exit.FAILED and words[0] in MAY_FIND_FAULT), line


def test_the_pages_commands_bring_a_log_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings()
    asyncio.run(write(settings, 3))
    backing_up, restoring = BLOCKS
    run(backing_up)
    assert "3 entries verified" in capsys.readouterr().out
    # What is left of the old files is moved away and kept; the keys were never in the backup.
    old = tmp_path / "old"
    old.mkdir()
    for path in tmp_path.glob("argo.sqlite3*"):
        if not path.name.endswith((".key", ".used")):
            path.rename(old / path.name)
    run(restoring)
    assert "the log has 3 entries" in capsys.readouterr().out
    asyncio.run(write(settings, 2))
    run(["argo verify"])
    assert "5" in capsys.readouterr().out


def test_every_command_on_the_page_is_one_that_is_run() -> None:
    assert [len(block) for block in BLOCKS] == [2, 3]
