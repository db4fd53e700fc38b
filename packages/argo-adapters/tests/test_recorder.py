"""Recordings on disk: whole, or saying why they are not; never in the engine's way."""

import asyncio
import gzip
import logging
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path
from typing import BinaryIO, Self

import pytest

from argo_adapters.tapes.file import SUFFIX, read_tape
from argo_adapters.tapes.recorded import MAX_LINE, holds_recording, open_recording
from argo_adapters.tapes.recorder import FLUSH_BYTES, Recorder, recording
from argo_core.backtest.recording import About, Origin, dump
from argo_core.consensus.profile import Profile
from argo_core.engine.inputs import Failed, Input, Settled, Stopped
from argo_core.engine.outside import Registration
from argo_core.errors import InvalidInput
from argo_core.market.instrument import instrument
from argo_core.testing.strategies import NOON

REGISTRATION = Registration("example.com/log", "test", "c" * 64, "d" * 64)
ABOUT = About.of(REGISTRATION, Profile(), (instrument("NVR"),), Origin.SIMULATED)
SCRIPT = Path(__file__).with_name("record_until_killed.py")
SOME: tuple[Input, ...] = (*map(Settled, range(1_000)), Stopped(NOON))


@pytest.fixture(params=["a.tape", "a.tape.gz"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


async def record(path: Path, inputs: tuple[Input, ...] = SOME) -> Recorder:
    async with recording(path, ABOUT) as recorder:
        for one in inputs:
            recorder(one)
    return recorder


def written(path: Path, inputs: tuple[Input, ...] = SOME) -> Recorder:
    return asyncio.run(record(path, inputs))


def read(path: Path, *, partial: bool = False) -> tuple[list[Input], str | None]:
    with open_recording(path, partial=partial) as found:
        assert found.about == ABOUT
        return list(found), found.missing


def test_what_is_recorded_can_be_read(path: Path) -> None:
    recorder = written(path)
    assert recorder.missing is None
    assert read(path) == (list(SOME), None)
    kept = path.read_bytes()
    whole = b"".join(dump(ABOUT, SOME))
    assert (gzip.decompress(kept) if path.suffix == ".gz" else kept) == whole
    # It can be sold, so it is the owner's alone.
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_same_inputs_make_the_same_file(tmp_path: Path) -> None:
    few = SOME[:3]
    for name in ("a.tape.gz", "b.tape.gz"):
        written(tmp_path / name, few)
    assert (tmp_path / "a.tape.gz").read_bytes() == (tmp_path / "b.tape.gz").read_bytes()


def test_a_recording_is_never_written_over(path: Path) -> None:
    path.write_bytes(b"precious")
    with pytest.raises(InvalidInput, match="is there already; name a new file"):
        written(path)
    assert path.read_bytes() == b"precious"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none/a.tape cannot be written \(No such file"):
        written(tmp_path / "none" / "a.tape")


def test_what_cannot_be_written_ends_the_recording_and_is_named(path: Path) -> None:
    bad = Failed(NOON, "grok", "VendorError", "\ud800", None)
    recorder = written(path, (*SOME[:3], bad, *SOME[3:]))
    assert recorder.missing is not None
    inputs, missing = read(path)
    assert inputs == list(SOME[:3])
    assert missing == recorder.missing
    assert missing.startswith("an input cannot be written: failed: it has no JSON")


def test_a_recorder_that_cannot_keep_up_says_so_and_has_no_hole(path: Path) -> None:
    async def flood() -> Recorder:
        async with recording(path, ABOUT, most_waiting=10) as recorder:
            for one in SOME * 20:
                recorder(one)
                if recorder.missing:
                    break
            recorder(Settled(-1))
            return recorder

    assert asyncio.run(flood()).missing == "10 inputs waited to be written"
    inputs, missing = read(path)
    assert missing == "10 inputs waited to be written"
    assert inputs == [*SOME * 20][: len(inputs)]
    assert Settled(-1) not in inputs


class FullDisk:
    """A file that takes `room` bytes and no more."""

    def __init__(self, file: BinaryIO, room: int) -> None:
        self._file = file
        self._room = room

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        fitting = data[: self._room]
        self._room -= len(fitting)
        self._file.write(fitting)
        if len(fitting) < len(data):
            raise OSError(28, "No space left on device")
        return len(data)


@pytest.mark.parametrize(
    ("name", "room"),
    [
        ("a.tape", 3_000),
        ("a.tape", FLUSH_BYTES + 3_000),
        ("a.tape", 200_000),
        ("a.tape.gz", 1_200),
        ("a.tape.gz", 20_000),
    ],
)
def test_of_a_recording_that_filled_the_disk_the_beginning_can_be_read(
    tmp_path: Path, name: str, room: int, caplog: pytest.LogCaptureFixture
) -> None:
    path, many = tmp_path / name, tuple(map(Settled, range(40_000)))
    recorder = Recorder(path, FullDisk(path.open("wb"), room), most_waiting=10**6)  # type: ignore[arg-type] # it is one to all it is used for
    with caplog.at_level(logging.WARNING):
        thread = recorder.begin(ABOUT)
        for one in many:
            recorder(one)
        recorder.end(thread)
    assert recorder.missing == "the disk did not take it: No space left on device"
    assert "is not whole: the disk did not take it" in caplog.text
    assert path.stat().st_size <= room
    with pytest.raises(InvalidInput, match="cut off"):
        read(path)
    inputs, missing = read(path, partial=True)
    assert missing == "it was cut off"
    assert inputs == [*many][: len(inputs)]
    assert (len(inputs) > 0) == (room > 3_000)


def test_of_a_recording_cut_off_anywhere_whole_inputs_can_be_read(tmp_path: Path) -> None:
    for name in ("a.tape", "a.tape.gz"):
        path = tmp_path / name
        written(path, SOME[:50])
        whole = path.read_bytes()
        begins = 2_500 if name == "a.tape" else 1_100
        for cut in range(begins, len(whole) - 1, 7):
            path.write_bytes(whole[:cut])
            with pytest.raises(InvalidInput, match=r"cut off|not JSON|no end"):
                read(path)
            inputs, missing = read(path, partial=True)
            assert inputs == list(SOME[: len(inputs)])
            assert missing == "it was cut off" or len(inputs) == 50


@pytest.mark.parametrize("name", ["a.tape", "a.tape.gz"])
def test_a_killed_recorder_leaves_what_it_had(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    command = [sys.executable, "-W", "error", str(SCRIPT), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:  # noqa: S603 - it is ours
        assert writer.stdout is not None
        for _ in range(60):
            handed_over = int(writer.stdout.readline())
        writer.kill()
    assert writer.returncode == -9
    inputs, missing = read(path, partial=True)
    assert missing == "it was cut off"
    assert inputs == list(map(Settled, range(len(inputs))))
    # Sixty rounds are over 64 kB, so that some was flushed.
    assert 0 < len(inputs) <= handed_over + 100_000


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tape.gz"
    written(path, SOME)
    whole = path.read_bytes()
    path.write_bytes(whole[:2_000] + b"\0" * 50 + whole[2_050:])
    for partial in (False, True):
        with pytest.raises(InvalidInput):
            read(path, partial=partial)


def test_files_that_are_no_recordings_are_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no file"):
        read(tmp_path / "none")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read(tmp_path)
    path = tmp_path / "long"
    path.write_bytes(b" " * (MAX_LINE + 2))
    with pytest.raises(InvalidInput, match="a line exceeds 67,108,864 bytes"):
        read(path)


def test_recordings_and_markets_are_told_apart(path: Path, tmp_path: Path) -> None:
    written(path)
    assert holds_recording(path)
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    assert not holds_recording(empty)
    if path.suffix == ".gz":
        with pytest.raises(InvalidInput, match="holds 'inputs', not 'market'"):
            read_tape(path)


def test_a_shipped_market_is_no_recording() -> None:
    with as_file(files("argo_adapters.tapes") / f"ordinary-day{SUFFIX}") as market:
        assert not holds_recording(market)
        with pytest.raises(InvalidInput, match="it holds 'market', not 'inputs'"):
            read(market)
