import os
from pathlib import Path

import pytest

from argo_adapters.file_lock import file_lock
from argo_core.errors import LogUnavailable, LogUnusable


def test_one_holds_it_and_the_next_is_told_who(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with (
        file_lock(path),
        pytest.raises(LogUnavailable, match=f"process {os.getpid()} already writes"),
        file_lock(path),
    ):
        pass
    with file_lock(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_it_is_free_again_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with pytest.raises(ZeroDivisionError), file_lock(path):
        raise ZeroDivisionError
    with file_lock(path):
        pass


def test_what_an_earlier_holder_left_is_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    path.write_text("123456789 and more than a number")
    with file_lock(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_a_lock_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(LogUnusable, match="No such file or directory; make its folder"),
        file_lock(tmp_path / "nowhere" / "a.lock"),
    ):
        pass
