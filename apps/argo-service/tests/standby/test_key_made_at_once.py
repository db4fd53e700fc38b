"""Two colours that begin a record at the same moment sign it with one key."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from attrs import evolve

from argo_service.config.standby import Standby
from argo_service.config.tree import Settings
from argo_service.record_keys import signer_of

COLOURS = 4


@pytest.mark.parametrize("attempt", range(10))
def test_colours_that_begin_at_once_have_one_key(tmp_path: Path, attempt: int) -> None:
    database = tmp_path / str(attempt) / "argo.sqlite3"
    settings = evolve(Settings(), database=database, standby=Standby(enabled=True))
    together = Barrier(COLOURS)

    def begun() -> str:
        together.wait()
        return str(signer_of(settings).key)

    with ThreadPoolExecutor(COLOURS) as pool:
        keys = [pool.submit(begun) for _ in range(COLOURS)]
        assert len({one.result() for one in keys}) == 1
