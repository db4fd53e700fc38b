"""The witness's key by command."""

import stat
from pathlib import Path

from alpine_service.testing.operating import Operator


async def test_the_key_is_made_at_its_first_use_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "alpine"
    alpine = Operator({"ALPINE_FOLDER": str(folder), "ALPINE_WITNESS_NAME": "we.example/witness"})

    first = (await alpine("witness", "key")).out
    again = (await alpine("witness", "key")).out

    assert first.startswith("we.example/witness+")
    assert again == first
    assert stat.S_IMODE((folder / "witness.key").stat().st_mode) == 0o600
    seed = (folder / "witness.key").read_text().rpartition("+")[2].strip()
    assert seed not in first


async def test_a_witness_does_not_change_its_name(tmp_path: Path) -> None:
    alpine = Operator({"ALPINE_FOLDER": str(tmp_path)})
    await alpine("witness", "key")
    done = await alpine("witness", "key", ALPINE_WITNESS_NAME="other.example", code=2)

    assert "ALPINE_WITNESS_NAME" in done.errors
