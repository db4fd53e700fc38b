"""Files of keys: only their owner reads them, and no error shows what is in them."""

import os
import stat
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from argo_adapters.keys.key_file import make_key_file, read_key_file
from argo_adapters.keys.reveal_key_file import make_reveal_key, read_reveal_key
from argo_adapters.keys.secret_line import MAX_BYTES
from argo_core.errors import InvalidInput
from argo_core.ledger.verifier_key import COSIGNATURE, parse_verifier_key

NAME = "argo.example/log"
# What `GenerateKey` of Go's golang.org/x/mod/sumdb/note documents, of the key PeterNeumann.
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

Read = Callable[[Path], object]
READERS = [
    pytest.param(read_key_file, lambda path: make_key_file(path, NAME), id="signing key"),
    pytest.param(read_reveal_key, make_reveal_key, id="reveal key"),
]


def test_a_key_that_was_made_is_read_again(tmp_path: Path) -> None:
    for algorithm_name, algorithm in (("log", 1), ("witness", COSIGNATURE)):
        path = tmp_path / algorithm_name
        made = make_key_file(path, NAME, algorithm)
        read = read_key_file(path)
        assert read is not None
        assert read.key == made.key
        assert read.sign(b"message") == made.sign(b"message")


def test_every_key_is_another(tmp_path: Path) -> None:
    keys = [make_key_file(tmp_path / str(number), NAME).key for number in range(3)]
    assert len(set(keys)) == 3
    assert len({make_reveal_key(tmp_path / f"reveal-{number}") for number in range(3)}) == 3


def test_a_reveal_key_that_was_made_is_read_again(tmp_path: Path) -> None:
    made = make_reveal_key(tmp_path / "reveal.key")
    assert len(made) == 32
    assert read_reveal_key(tmp_path / "reveal.key") == made


def test_a_key_that_go_made_is_read(tmp_path: Path) -> None:
    path = _written(tmp_path, GO_PRIVATE)
    signer = read_key_file(path)
    assert signer is not None
    assert signer.key == parse_verifier_key(GO_PUBLIC)


@pytest.mark.parametrize(("read", "make"), READERS)
def test_where_there_is_no_file_there_is_no_key(tmp_path: Path, read: Read, make: Read) -> None:
    assert read(tmp_path / "absent") is None


@pytest.mark.parametrize(("read", "make"), READERS)
def test_only_its_owner_may_read_it(tmp_path: Path, read: Read, make: Read) -> None:
    previous = os.umask(0)
    try:
        make(tmp_path / "new.key")
    finally:
        os.umask(previous)
    assert stat.S_IMODE((tmp_path / "new.key").stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["new.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644, 0o777])
@pytest.mark.parametrize(("read", "make"), READERS)
def test_a_file_that_others_may_touch_is_refused(
    tmp_path: Path, read: Read, make: Read, mode: int
) -> None:
    path = tmp_path / "open.key"
    make(path)
    path.chmod(mode)
    with pytest.raises(InvalidInput, match=f"its mode is {mode:o}"):
        read(path)


@pytest.mark.parametrize(("read", "make"), READERS)
def test_a_file_that_is_there_is_never_replaced(tmp_path: Path, read: Read, make: Read) -> None:
    path = tmp_path / "there.key"
    make(path)
    before = path.read_bytes()
    with pytest.raises(InvalidInput, match="it is there already"):
        make(path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["there.key"]


@pytest.mark.parametrize(("read", "make"), READERS)
def test_without_its_folder_no_file_is_made(tmp_path: Path, read: Read, make: Read) -> None:
    with pytest.raises(InvalidInput, match="it cannot be made"):
        make(tmp_path / "absent" / "new.key")


@pytest.mark.parametrize(("read", "make"), READERS)
def test_links_pipes_and_folders_are_refused(tmp_path: Path, read: Read, make: Read) -> None:
    make(tmp_path / "real.key")
    (tmp_path / "link").symlink_to(tmp_path / "real.key")
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(0o700)
    for name, problem in (("link", "a link"), ("pipe", "ordinary"), ("folder", "ordinary")):
        with pytest.raises(InvalidInput, match=problem):
            read(tmp_path / name)
    with pytest.raises(InvalidInput, match="cannot be read"):
        read(tmp_path / "real.key" / "below")


@pytest.mark.parametrize(("read", "make"), READERS)
def test_what_is_malformed_is_refused_and_not_shown(tmp_path: Path, read: Read, make: Read) -> None:
    make(tmp_path / "good.key")
    good = (tmp_path / "good.key").read_text().strip()
    _, secret = good.rsplit("+", 1) if read is read_reveal_key else good.split("+", 4)[-2:]
    bad = [
        "",
        good.lower(),
        good.replace("KEY", "key"),
        good[:-8],
        f"{good}AAAA",
        f"{good} ",
        f" {good}",
        f"{good}\n{good}",
        f"{good}\r",
        good.replace("+", "", 1),
        good + "x" * MAX_BYTES,
        "é" * 40,
        good[: good.rindex(secret)],
    ]
    for number, line in enumerate(bad):
        path = _written(tmp_path, line, f"bad-{number}.key")
        with pytest.raises(InvalidInput) as caught:
            read(path)
        assert caught.value.field == str(path)
        said = "".join(traceback.format_exception(caught.value))
        assert secret[:12] not in said


def test_a_key_whose_id_or_algorithm_is_another_is_refused(tmp_path: Path) -> None:
    for number, line in enumerate(
        [
            GO_PRIVATE.replace("c74f20a3", "c74f20a4"),
            GO_PRIVATE.replace("PeterNeumann", "Neumann"),
            # The same seed under an algorithm that nobody knows.
            GO_PRIVATE.replace("+AYEK", "+AoEK"),
        ]
    ):
        with pytest.raises(InvalidInput, match="holds no private key"):
            read_key_file(_written(tmp_path, line, f"other-{number}.key"))


def _written(folder: Path, line: str, name: str = "written.key") -> Path:
    path = folder / name
    path.touch(0o600)
    path.write_text(f"{line}\n" if line else "")
    return path
