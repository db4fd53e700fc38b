"""A short run among simulated vendors, recorded, with its log; made once for all tests here."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from attrs import frozen

from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main

SYMBOLS = "NVR,AZO,BTC/USD"
Line = dict[str, Any]


@frozen
class Done:
    """What a command wrote."""

    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


Argo = Callable[..., Done]


@pytest.fixture
def argo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Argo:
    """Run a command here, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str, code: int = Exit.DONE, **more: str) -> Done:
        with monkeypatch.context() as here:
            for name, value in more.items():
                here.setenv(name, value)
            returned = main(arguments)
        done = Done(*capsys.readouterr())
        assert returned == code, done
        return done

    return run


def _recorded(folder: Path, **more: str) -> Path:
    # A loaded machine loses beats, so there are more of them than anybody needs.
    command = [
        *(sys.executable, "-m", "argo_service.cli", "tape", "record"),
        *("--tape", "ordinary-day", "--for", "150s", "--speed", "20", "--symbols", SYMBOLS),
        *("--out", "a.recording.gz", "--log", "a.sqlite3"),
    ]
    environment = {**os.environ, **more}
    subprocess.run(  # noqa: S603 - ours
        command, cwd=folder, env=environment, capture_output=True, check=True, timeout=100
    )
    return folder


@pytest.fixture(scope="session")
def open_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _recorded(tmp_path_factory.mktemp("open"))


@pytest.fixture(scope="session")
def sealed_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of its signals the first are revealed, the last are not."""
    return _recorded(
        tmp_path_factory.mktemp("sealed"),
        ARGO_LOG__DISCLOSURE="delayed",
        ARGO_LOG__REVEAL_AFTER_S="40",
    )


@pytest.fixture
def day(open_run: Path, argo: Argo, tmp_path: Path) -> Path:
    """A copy of the open run, in the folder in which commands are run."""
    shutil.copytree(open_run, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def sealed(sealed_run: Path, argo: Argo, tmp_path: Path) -> Path:
    """A copy of the sealed run, in the folder in which commands are run."""
    shutil.copytree(sealed_run, tmp_path, dirs_exist_ok=True)
    return tmp_path


Forge = Callable[[Callable[[list[Line]], list[Line]]], None]


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    """Change lines of the recording, and give it an end that fits them."""

    def forged(edit: Callable[[list[Line]], list[Line]]) -> None:
        path = tmp_path / "a.recording.gz"
        lines = [orjson.loads(one) for one in gzip.decompress(path.read_bytes()).splitlines()]
        *kept, end = edit(lines)
        body = b"".join(orjson.dumps(one) + b"\n" for one in kept)
        end |= {"inputs": len(kept) - 1, "sha256": sha256(body).hexdigest()}
        path.write_bytes(gzip.compress(body + orjson.dumps(end) + b"\n", 1))

    return forged
