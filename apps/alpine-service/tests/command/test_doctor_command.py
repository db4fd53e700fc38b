"""What the doctor says is wrong, and what helps."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from alpine_service.adapters.secrets.ed25519 import make_signer
from alpine_service.cli.check_database import in_words
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.operating import Done, Operator
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.reader import open_reader
from alpine_service.testing.small_log import SmallLog


def finding(done: Done, name: str) -> dict[str, Any]:
    (found,) = [one for one in done.json["findings"] if one["name"] == name]
    return dict(found)


async def test_each_finding_is_a_line_and_what_is_wrong_has_what_helps(
    alpine: Operator, tmp_path: Path
) -> None:
    folder = tmp_path / "alpine"
    await alpine("witness", "key")
    folder.chmod(0o777)
    (folder / "witness.key").chmod(0o644)
    (folder / "vault.keys").touch(0o644)
    done = await alpine(
        "doctor",
        "--json",
        code=1,
        ALPINE_PUBLIC_URL="http://alpine.example",
        ALPINE_LOG_URL="http://127.0.0.1:1",
        ALPINE_MAIL_URL="smtp://user:open-sesame@127.0.0.1:1",
    )

    for name in ("folder", "witness key", "vault", "address", "log", "mail"):
        found = finding(done, name)
        assert found["condition"] == "down", name
        assert found["fix"]
    assert "open-sesame" not in done.out + done.errors
    told = await alpine("doctor", code=1)
    assert "WRONG            folder: " in told.out


async def test_the_program_and_what_it_is_given_are_looked_at(
    alpine: Operator, tmp_path: Path
) -> None:
    key, file = tmp_path / "key", tmp_path / "alpine.env"
    key.write_text("open-sesame")
    key.chmod(0o604)
    file.write_text(f"ALPINE_LOG_API_KEY_FILE={key}\n")
    file.chmod(0o600)
    settings, where = str(file), "http://127.0.0.1:1"
    done = await alpine(
        "doctor", "--json", code=1, ALPINE_SETTINGS_FILE=settings, ALPINE_TRACES=where
    )

    found = {name: finding(done, name) for name in ("versions", "time zones", "files", "write")}
    assert "Python 3." in found["versions"]["says"]
    assert {found[name]["condition"] for name in ("versions", "time zones", "write")} == {"ok"}
    assert finding(done, "clock's keeper")["condition"] in {"ok", "degraded"}
    secrets = finding(done, "secrets")
    assert secrets["says"] == f"everybody may read {key}"
    assert secrets["fix"] == f"chmod 600 {key}"
    assert finding(done, "traces")["condition"] == "degraded"
    assert "open-sesame" not in done.out + done.errors
    key.chmod(0o600)
    closed = await alpine("doctor", "--json", ALPINE_SETTINGS_FILE=settings)
    assert f"ALPINE_LOG_API_KEY_FILE names {key}" in finding(closed, "secrets")["says"]


async def test_each_finding_that_is_not_well_has_what_helps(alpine: Operator) -> None:
    done = await alpine("doctor", "--json", ALPINE_TRACES="console")

    assert all(one["fix"] for one in done.json["findings"] if one["condition"] != "ok")
    assert finding(done, "traces")["condition"] == "ok"


async def test_a_record_that_is_not_what_was_signed_is_found(
    alpine: Operator, log: SmallLog, database: TestDatabase
) -> None:
    async with log:
        await log.append(strategy_members("open"), signal_members("one"))
        async with open_reader(log, database.app) as reader:
            await reader.catch_up()
        key = str(log.key)
        well = await alpine("doctor", "--json", ALPINE_LOG_KEY=key)
        await database.owner.execute("UPDATE feed_head SET nodes = sha256('x')")
        done = await alpine("doctor", "--json", code=1, ALPINE_LOG_KEY=key)

    assert finding(well, "own record")["says"] == "2 entries are what the log signed"
    assert finding(done, "own record")["says"] == "the stored tree is not what was signed"


async def test_before_the_first_start_it_says_what_will_be_made(tmp_path: Path) -> None:
    alpine = Operator({"ALPINE_FOLDER": str(tmp_path / "alpine")})
    done = await alpine("doctor", "--json", code=1)

    assert not (tmp_path / "alpine").exists()
    for name in ("folder", "witness key", "vault", "database"):
        assert "made at the first start" in finding(done, name)["says"]
    assert "no log is pinned" in finding(done, "log")["says"]


async def test_a_database_that_is_away_is_a_finding(alpine: Operator) -> None:
    url = "postgresql://alpine_app:open-sesame@127.0.0.1:1/alpine"
    done = await alpine("doctor", "--json", code=1, ALPINE_DATABASE_URL=url)

    assert finding(done, "database")["condition"] == "down"
    assert "open-sesame" not in done.out


async def test_the_owners_role_is_more_than_the_service_needs(
    alpine: Operator, database: TestDatabase
) -> None:
    done = await alpine("doctor", "--json", ALPINE_DATABASE_URL=database.urls.owner)

    assert finding(done, "roles")["condition"] == "degraded"


async def test_a_log_by_another_key_is_not_the_pinned_one(alpine: Operator, log: SmallLog) -> None:
    other = make_signer(log.name, b"\x05" * 32, Algorithm.CHECKPOINT)
    async with log:
        await log.append(strategy_members())
        settings = {"ALPINE_LOG_URL": log.url, "ALPINE_LOG_KEY": other.key}
        done = await alpine("doctor", "--json", code=1, **settings)

    assert "no line of the checkpoint is by the log's key" in finding(done, "log")["says"]


async def test_a_log_that_lost_entries_is_found(
    alpine: Operator, log: SmallLog, database: TestDatabase
) -> None:
    async with log:
        await log.append(strategy_members(), signal_members("s-1"))
        async with open_reader(log, database.app, api_key=None) as reader:
            await reader.catch_up()
        log.show(1, log.sign(1))
        done = await alpine("doctor", "--json", code=1, ALPINE_LOG_URL=log.url)

    found = finding(done, "agreement")
    assert found["says"] == "the log shows 1 entries, what we read saw 2"
    assert finding(done, "cosignature")["condition"] == "degraded"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, ""),
        ({"pending": 0, "due": 0, "oldest_s": None}, "pending 0, due 0"),
        ({"pending": 4, "due": 3, "oldest_s": 12.5}, "pending 4, due 3, oldest 12.5 s"),
        ({"skew_s": 0.0}, "skew 0.0 s"),
    ],
)
def test_what_a_probe_found_is_said_in_words(facts: dict[str, object], words: str) -> None:
    assert in_words(facts) == words


async def test_a_database_that_is_well_has_no_empty_line(alpine: Operator) -> None:
    done = await alpine("doctor", "--json")
    assert finding(done, "write")["says"] == "as it should be"
    assert finding(done, "clock")["says"].startswith("skew ")
    assert finding(done, "clock")["says"].endswith(" s")


@pytest.mark.parametrize("letter", ["file", "smtp"])
async def test_how_mails_leave_is_looked_at(alpine: Operator, tmp_path: Path, letter: str) -> None:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    server = Controller(Sink(), hostname="127.0.0.1", port=port)
    await asyncio.to_thread(server.start)
    try:
        urls = {"file": f"file:{tmp_path}", "smtp": f"smtp://127.0.0.1:{port}"}
        done = await alpine("doctor", "--json", ALPINE_MAIL_URL=urls[letter])
    finally:
        await asyncio.to_thread(server.stop)

    wanted = {"file": "degraded", "smtp": "ok"}
    assert finding(done, "mail")["condition"] == wanted[letter]
