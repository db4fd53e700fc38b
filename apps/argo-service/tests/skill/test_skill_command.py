"""`argo skill` on a log's file, on the log in force, and on an exported folder."""

import asyncio
import json
import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from argo_adapters.keys.ed25519 import Ed25519Signer
from argo_adapters.postgres.launcher import NoServer, private_server
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import make_roles
from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.spending import SqliteSpendingBook
from argo_adapters.sqlite.spent import read_spent
from argo_core.consensus.opinion import MASSIVE
from argo_core.errors import SharedAway
from argo_core.ledger.record import Batch
from argo_core.resilience.budget import Amount
from argo_core.testing.entries import LOG, tiny_quiet
from argo_core.testing.small_record import strategy_entry
from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main
from argo_service.sharing import spending_path


@pytest.fixture
def argo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> Any:
    """Run the command in a folder of its own; what it wrote."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "220")

    def run(*words: str, code: int = Exit.DONE) -> Any:
        capsys.readouterr()
        returned = main(["skill", *words])
        said = capsys.readouterr()
        assert returned == code, said
        return said

    return run


def cell(told: dict[str, Any], source: str) -> dict[str, Any]:
    cells = told["skill"]["cells"]
    found: dict[str, Any]
    (found,) = (one for one in cells if (one["source"], one["regime"]) == (source, None))
    return found


def test_it_tells_who_knows_something_and_who_guesses(argo: Any, log_file: Path) -> None:
    told = json.loads(argo(str(log_file), "--json").out)
    assert (told["strategy"], told["signals"], told["waiting"]) == ("alpha", 63, 0)
    massive, grok = cell(told, "massive"), cell(told, "grok")
    assert massive["horizons"] == grok["horizons"] == 63
    # The third hour of each day begins on the next one, in UTC.
    assert massive["blocks"] == 22
    assert massive["hits"]["low"] > 0.5
    assert massive["raw"]["skill"]["low"] > 0
    assert grok["raw"]["skill"]["high"] < 0
    adaptive = told["skill"]["shadows"][2]
    assert adaptive["name"] == "adaptive"
    assert adaptive["weights"]["massive"] > 0.75


def test_the_tables_say_the_same_to_people(argo: Any, log_file: Path) -> None:
    said = argo(str(log_file), "--curves").out
    assert "alpha: 63 signals judged" in said
    for word in (
        "massive",
        "grok",
        "*consensus*",
        "adaptive",
        "bins",
        "trend",
        "60 min",
        "-0.2 to",
    ):
        assert word in said
    assert "Explored asks are not told apart" in said
    assert "-0.2 to" not in argo(str(log_file)).out


def test_the_log_in_force_is_read_when_none_is_named(
    argo: Any, log_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARGO_DATABASE", str(log_file))
    assert json.loads(argo("--json").out)["signals"] == 63


def test_a_log_in_postgresql_says_the_same(
    argo: Any, log_file: Path, judged_batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = argo(str(log_file), "--json").out

    async def copied(url: str) -> str:
        roles, signer = await make_roles(url, "argo"), Ed25519Signer(LOG, b"\x01" * 32)
        opened = PostgresLog.open(roles.app_url, signer, owner_url=roles.owner_url)
        async with opened as log:
            await log.append(judged_batch)
        return roles.app_url

    with private_server() as server:
        if isinstance(server, NoServer):
            if os.environ.get("CI"):  # noqa: TID251 - as in the adapters' tests
                pytest.fail(server.problem)
            pytest.skip(server.problem)
        monkeypatch.setenv("ARGO_LOG__DATABASE_URL", asyncio.run(copied(server.url)))
        assert argo("--json").out == expected
        # A file that is named goes before the log in force.
        log_file.rename(log_file.with_name("copy.sqlite3"))
        assert argo("copy.sqlite3", "--json").out == expected
    assert "check the server" in argo("--json", code=Exit.LOG_UNUSABLE).err


def test_a_folder_it_was_exported_to_says_the_same(
    argo: Any, log_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "exported"
    monkeypatch.setenv("ARGO_DATABASE", str(log_file))
    assert main(["export", str(folder), "--pending"]) == Exit.DONE
    argo_said = json.loads(argo(str(log_file), "--json").out)
    assert json.loads(argo(str(folder), "--json").out) == argo_said


def test_a_folder_of_several_bundles_is_read_whole(
    argo: Any, log_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lengthen() -> None:
        async with SqliteLog.open(log_file, Ed25519Signer(LOG, b"\x01" * 32)) as log:
            more = [tiny_quiet(seq, decided_us=1_800_000_000_000_000) for seq in range(127, 600)]
            await log.append(Batch(127, tuple(more)))

    asyncio.run(lengthen())
    folder = tmp_path / "exported"
    monkeypatch.setenv("ARGO_DATABASE", str(log_file))
    assert main(["export", str(folder), "--pending"]) == Exit.DONE
    assert json.loads(argo(str(folder), "--json").out)["signals"] == 63
    (bundle,) = (folder / "tile" / "entries").glob("001")
    bundle.write_bytes(b"\xff\xff")
    assert "001" in argo(str(folder), code=Exit.LOG_UNUSABLE).err
    bundle.unlink()
    assert "missing" in argo(str(folder), code=Exit.LOG_UNUSABLE).err


def test_what_was_spent_stands_beside_the_skill(argo: Any, log_file: Path) -> None:
    async def spend() -> None:
        async with SqliteSpendingBook.open(spending_path(log_file)) as book:
            await book.add(MASSIVE, date(2023, 1, 1), Amount(Decimal("2.50")))

    asyncio.run(spend())
    (price,) = json.loads(argo(str(log_file), "--json").out)["skill"]["prices"]
    assert (price["source"], price["horizons"]) == ("massive", 63)
    assert Decimal(price["usd"]) == Decimal("2.5")
    assert float(price["usd_per_point"]) == pytest.approx(2.5 / price["saved"], rel=1e-4)
    assert "dollars a point" in argo(str(log_file)).out


def test_a_book_that_is_none_is_said(argo: Any, log_file: Path) -> None:
    spending_path(log_file).write_bytes(b"no database at all, and long enough to be read as one")
    told = json.loads(argo(str(log_file), "--json").out)
    assert told["skill"]["prices"] == []
    assert "there are no prices: what was spent cannot be read" in told["notes"]
    with pytest.raises(SharedAway, match="no book of spending"):
        read_spent(log_file)
    with pytest.raises(SharedAway, match="not a file"):
        read_spent(log_file.parent)
    assert not read_spent(log_file.with_name("nothing"))


def test_the_seed_fixes_what_is_drawn(argo: Any, log_file: Path) -> None:
    one, same, other = (
        json.loads(argo(str(log_file), "--json", "--seed", seed).out) for seed in "112"
    )
    assert one == same
    assert cell(one, "grok")["raw"]["brier"] != cell(other, "grok")["raw"]["brier"]
    assert "--seed" in argo(str(log_file), "--seed", "-1", code=Exit.WRONG_USE).err


def test_what_is_not_there_is_named(argo: Any, log_file: Path, tmp_path: Path) -> None:
    assert "TARGET" in argo("nowhere.sqlite3", code=Exit.WRONG_USE).err
    assert "alpha" in argo(str(log_file), "--strategy", "beta", code=Exit.WRONG_USE).err
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no checkpoint" in argo(str(empty), code=Exit.LOG_UNUSABLE).err
    (empty / "checkpoint").write_text("nonsense")
    assert "empty" in argo(str(empty), code=Exit.LOG_UNUSABLE).err


def test_a_log_without_a_strategy_or_an_outcome_says_so(argo: Any, tmp_path: Path) -> None:
    async def make(path: Path, *entries: bytes) -> None:
        async with SqliteLog.open(path, Ed25519Signer(LOG, b"\x01" * 32)) as log:
            if entries:
                await log.append(Batch(0, entries))

    bare, begun = tmp_path / "bare.sqlite3", tmp_path / "begun.sqlite3"
    asyncio.run(make(bare))
    asyncio.run(make(begun, strategy_entry(0, "open")))
    assert "no strategy has registered" in argo(str(bare), code=Exit.WRONG_USE).err
    assert "nothing is judged yet" in argo(str(begun)).out
