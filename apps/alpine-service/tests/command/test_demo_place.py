"""Where a demo's data go."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from alpine_service.cli.demo_place import demo_folder, forget_demos
from alpine_service.errors import InvalidInput
from alpine_service.testing.postgres import open_folder
from alpine_service.testing.small_log import SmallLog

KEY = SmallLog().key
NAME = f"demo-{KEY.id.hex()}"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another")


@pytest.fixture
def temporary(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A folder in the place of the system's temporary one, into which others may go."""
    # Made first, or else it would be made in there.
    tmp_path_factory.getbasetemp()
    with open_folder() as folder:
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        yield folder


def test_the_folder_is_the_one_that_was_asked_for_where_that_will_do(temporary: Path) -> None:
    base = temporary / "demos"

    assert demo_folder(base, KEY) == (base / NAME, None)
    assert stat.S_IMODE(base.stat().st_mode) == 0o711


@as_root
def test_root_goes_elsewhere_when_others_may_not_enter(temporary: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    folder, problem = demo_folder(tmp_path / "demos", KEY)

    assert folder == temporary / f"alpine-demo-{os.geteuid()}" / NAME
    assert problem is not None
    assert "PostgreSQL does not run as root" in problem


def test_what_cannot_be_written_to_is_left_for_another_folder(temporary: Path) -> None:
    taken = temporary / "file"
    taken.touch()
    folder, problem = demo_folder(taken, KEY)

    assert folder == temporary / f"alpine-demo-{os.geteuid()}" / NAME
    assert problem is not None


@pytest.mark.parametrize("how", ["a link", "for all"])
def test_a_temporary_folder_that_somebody_prepared_is_not_taken(temporary: Path, how: str) -> None:
    taken, prepared = temporary / "file", temporary / f"alpine-demo-{os.geteuid()}"
    taken.touch()
    if how == "a link":
        (temporary / "elsewhere").mkdir()
        prepared.symlink_to(temporary / "elsewhere")
    else:
        prepared.mkdir()
        prepared.chmod(0o777)

    with pytest.raises(InvalidInput, match="it is not ours alone"):
        demo_folder(taken, KEY)


def test_only_demos_are_forgotten(tmp_path: Path) -> None:
    for name in (NAME, "demo-mine", "other"):
        (tmp_path / name).mkdir()
    forget_demos(tmp_path)
    forget_demos(tmp_path / "nowhere")

    assert {one.name for one in tmp_path.iterdir()} == {"demo-mine", "other"}
