"""Finished backtests on disk: a folder each, there as a whole or not at all. Everything blocks."""

import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from argo_core.codec.plain import rfc3339
from argo_service.backtesting.request import Asked, read_asked
from argo_service.backtesting.run import Progress, Run, State
from argo_service.errors import CannotWrite

ABOUT: Final = "about.json"
RESULT: Final = "result.json"
REPORT: Final = "report.html"
TRADES: Final = "trades.csv"
EQUITY: Final = "equity.csv"
_PART: Final = ".part"
_MB: Final = 1_000_000
_OWNER_ONLY: Final = 0o700


@frozen
class Shelf:
    """The folder `root`, with at most `kept` results of at most `kept_mb` together."""

    root: Path
    kept: int
    kept_mb: int

    def open(self) -> list[Run]:
        """Every finished run, oldest first; what a process that died had begun is removed.

        Raises:
            CannotWrite: the folder cannot be read.
        """
        if not self.root.exists():
            return []
        try:
            for folder in list(self.root.iterdir()):
                if folder.name.endswith(_PART):
                    shutil.rmtree(folder)
            return self._every()
        except OSError as error:
            raise self._refused(error) from error

    def begin(self, run_id: str) -> Path:
        """A new folder for the worker to write to.

        Raises:
            CannotWrite: it cannot be made.
        """
        part = self._part(run_id)
        try:
            self.root.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(mode=_OWNER_ONLY)
        except OSError as error:
            raise self._refused(error) from error
        return part

    def finish(self, run: Run) -> None:
        """Put what the worker wrote on the shelf, in one step.

        Raises:
            CannotWrite: there is no space or no right.
        """
        part = self._part(run.id)
        try:
            (part / ABOUT).write_text(json.dumps(_about(run)), "utf-8")
            shutil.rmtree(self.root / run.id, ignore_errors=True)
            part.replace(self.root / run.id)
        except OSError as error:
            raise self._refused(error) from error

    def drop(self, run_id: str) -> None:
        """Leave nothing of it behind."""
        # What is half removed must not be taken for a result when we are stopped meanwhile.
        whole, part = self.root / run_id, self._part(run_id)
        shutil.rmtree(part, ignore_errors=True)
        if whole.exists():
            whole.replace(part)
            shutil.rmtree(part, ignore_errors=True)

    def surplus(self) -> list[str]:
        """Ids of the oldest results that are too many, or take too much space."""
        if not self.root.is_dir():
            return []
        every = [(run, _bytes(self.root / run.id)) for run in self._every()]
        count, size = len(every), sum(each for _, each in every)
        gone = []
        for run, each in every:
            if count <= self.kept and size <= self.kept_mb * _MB:
                break
            gone.append(run.id)
            count, size = count - 1, size - each
        return gone

    def _every(self) -> list[Run]:
        found = [run for folder in self.root.iterdir() if (run := _read(folder))]
        return sorted(found, key=lambda run: (run.asked_at, run.id))

    def file(self, run_id: str, name: str) -> bytes | None:
        """A part of a result, None where there is none."""
        try:
            return (self.root / run_id / name).read_bytes()
        except OSError:
            return None

    def _part(self, run_id: str) -> Path:
        return self.root / (run_id + _PART)

    def _refused(self, error: OSError) -> CannotWrite:
        return CannotWrite(f"backtests cannot be kept in {self.root}: {error.strerror}")


def _about(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "owner": run.owner,
        "asked": run.asked.told(),
        "asked_at": rfc3339(run.asked_at),
        "bars": run.bars,
        "result_sha256": run.result_sha256,
    }


def _read(folder: Path) -> Run | None:
    """What a folder says of itself; None where it is none of ours, or of another version."""
    if folder.name.endswith(_PART):
        return None
    try:
        about = json.loads((folder / ABOUT).read_text("utf-8"))
        if about["id"] != folder.name:
            return None
        return Run(
            id=about["id"],
            owner=about["owner"],
            asked=_asked(about["asked"]),
            asked_at=datetime.fromisoformat(about["asked_at"]),
            bars=about["bars"],
            state=State.DONE,
            progress=Progress("done", 1, 1),
            result_sha256=about["result_sha256"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _asked(told: dict[str, Any]) -> Asked:
    return read_asked(told, dataset="", strategy="")


def _bytes(folder: Path) -> int:
    def sizes() -> Iterator[int]:
        for file in folder.iterdir():
            yield file.stat().st_size

    try:
        return sum(sizes())
    except OSError:
        return 0
