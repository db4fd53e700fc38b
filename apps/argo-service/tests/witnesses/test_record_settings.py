"""Keys, policies and databases as settings say, and commands that show them."""

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from attrs import evolve

from argo_adapters.http.client import open_session
from argo_adapters.keys.ed25519 import Ed25519Signer
from argo_adapters.keys.key_file import make_key_file, read_key_file
from argo_core.errors import InvalidSetting, LogUnusable
from argo_core.ledger.policy import Policy
from argo_core.ledger.record import Batch
from argo_core.ledger.verifier_key import COSIGNATURE, parse_verifier_key
from argo_core.testing.entries import tiny_quiet
from argo_service.checkup_record import record_findings, witness_findings
from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main
from argo_service.config.log import Log
from argo_service.config.tree import Settings
from argo_service.finding import State
from argo_service.record import opened_log
from argo_service.record_keys import forget_key, known_signer, reveal_key_of, signer_of
from argo_service.settings import read_configuration
from argo_service.witness_standing import record_standing
from argo_service.witnessing import policy_of, witnesses_of

NAME = "argo.example/signals"
COSIGNER = Ed25519Signer("witness.example/alpine", b"w" * 32, COSIGNATURE)


def settings_in(folder: Path, **log: Any) -> Settings:
    return Settings(database=folder / "argo.sqlite3", log=Log(name=NAME, **log))


def read(folder: Path, text: str) -> Settings:
    path = folder / "argo.toml"
    path.write_text(text)
    return read_configuration(path, environment={}).settings


def test_a_new_log_has_a_new_key_beside_it(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "new")
    assert known_signer(settings) is None
    signer = signer_of(settings)
    assert signer.key.name == NAME
    assert signer_of(settings).key == signer.key
    kept = read_key_file(tmp_path / "new" / "argo.sqlite3.key")
    assert kept is not None
    assert kept.key == signer.key


async def test_a_log_whose_key_is_missing_is_refused_and_gets_none(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with opened_log(settings) as log:
        await log.append(Batch(0, (tiny_quiet(0, log=NAME),)))
    key = tmp_path / "argo.sqlite3.key"
    await asyncio.to_thread(key.rename, tmp_path / "elsewhere")
    with pytest.raises(InvalidSetting, match=r"there is a log at .*, and no key") as caught:
        async with opened_log(settings):
            pass
    assert caught.value.field == "log.key_file"
    assert not key.exists()
    (finding,) = await asyncio.to_thread(lambda: list(record_findings(settings)))
    assert (finding.name, finding.state) == ("log key", State.FAULT)
    named = evolve(settings, log=evolve(settings.log, key_file=tmp_path / "elsewhere"))
    async with opened_log(named) as log:
        assert (await log.head()).size == 1


async def test_an_empty_log_whose_key_is_missing_gets_another(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with opened_log(settings) as log:
        lost = log.key
    await asyncio.to_thread((tmp_path / "argo.sqlite3.key").unlink)
    async with opened_log(settings) as log:
        assert log.key != lost
        await log.append(Batch(0, (tiny_quiet(0, log=NAME),)))


async def test_a_file_that_is_no_log_gets_no_key(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    await asyncio.to_thread(settings.database.write_bytes, b"precious notes")
    with pytest.raises(LogUnusable):
        async with opened_log(settings):
            pass
    assert await asyncio.to_thread(known_signer, settings) is None


def test_another_log_s_key_is_refused(tmp_path: Path) -> None:
    make_key_file(tmp_path / "argo.sqlite3.key", "other.example/signals")
    with pytest.raises(InvalidSetting, match=r"other\.example/signals's") as caught:
        signer_of(settings_in(tmp_path))
    assert caught.value.field == "log.name"


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    signer_of(settings)
    (tmp_path / "argo.sqlite3.key").chmod(0o644)
    with pytest.raises(InvalidSetting, match="others may read") as caught:
        signer_of(settings)
    assert caught.value.field == "log.key_file"


def test_signals_are_sealed_with_a_key_that_is_made_once(tmp_path: Path) -> None:
    assert reveal_key_of(settings_in(tmp_path)) is None
    assert list(tmp_path.iterdir()) == []
    settings = settings_in(tmp_path, disclosure="delayed")
    key = reveal_key_of(settings)
    assert key is not None
    assert len(key) == 32
    assert reveal_key_of(settings) == key
    (tmp_path / "argo.sqlite3.reveal-key").chmod(0o640)
    with pytest.raises(InvalidSetting, match=r"log\.reveal_key_file"):
        reveal_key_of(settings)


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        ("log.disclosure = 'secret'", "log.disclosure", "no way to show"),
        ("log.reveal_after_s = 0", "log.reveal_after_s", "no span of time"),
        ("log.witness_patience_s = 0", "log.witness_patience_s", "no span of time"),
        ("log.database_url = 'postgresql://a:b@c/d'", "log.database_url", "a secret stands"),
        ("log.name = 'https://x'", "log.name", "cannot name a log"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, text: str, field: str, problem: str
) -> None:
    with pytest.raises(InvalidSetting, match=problem) as caught:
        read(tmp_path, text)
    assert caught.value.field == field


@pytest.mark.parametrize("url", ["mysql://u:hush@h/d", "postgresql://u:hush@h:0/d", "hush"])
def test_an_address_of_no_postgresql_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        read_configuration(environment={"ARGO_LOG__DATABASE_URL": url})
    assert caught.value.field == "log.database_url"
    assert "hush" not in str(caught.value)


def test_an_address_of_a_database_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://argo:hush@db.example/argo\n")
    settings = read(tmp_path, f"log.database_url_file = '{tmp_path}/url'")
    assert settings.log.database_url is not None
    assert "hush" not in repr(settings)
    assert settings.log.database_url.reveal() == "postgresql://argo:hush@db.example/argo"


def test_the_files_of_signing_keys_are_not_read_with_the_settings(tmp_path: Path) -> None:
    settings = read(tmp_path, "log.key_file = 'absent'\nlog.reveal_key_file = 'absent-too'")
    assert (settings.log.key_file, settings.log.reveal_key_file) == (
        Path("absent"),
        Path("absent-too"),
    )


def test_without_a_policy_nobody_cosigns(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    key = signer_of(settings).key
    assert policy_of(settings, key) == Policy(key)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("quorum", "is no line of a policy"),
        (f"log {Ed25519Signer('b.example', bytes(32)).key}\nquorum none", "it is not for argo"),
        (f"witness w {COSIGNER.key}\nquorum w", "0 witnesses have an address, and 1 must"),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "policy").write_text(text)
    settings = settings_in(tmp_path, witness_policy=tmp_path / "policy")
    with pytest.raises(InvalidSetting, match=problem) as caught:
        policy_of(settings, signer_of(settings).key)
    assert caught.value.field == "log.witness_policy"


def test_a_policy_that_is_not_there_is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, witness_policy=tmp_path / "absent")
    with pytest.raises(InvalidSetting, match="cannot be read"):
        policy_of(settings, signer_of(settings).key)


async def test_a_witness_s_address_with_a_password_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy").write_text(f"witness w {COSIGNER.key} http://a:hush@b\nquorum w")
    settings = settings_in(tmp_path, witness_policy=tmp_path / "policy")
    signer = await asyncio.to_thread(signer_of, settings)
    policy = await asyncio.to_thread(policy_of, settings, signer.key)
    async with open_session() as session:
        with pytest.raises(InvalidSetting, match=r"the address of witness\.example") as caught:
            witnesses_of(policy, session)
    assert "hush" not in str(caught.value)


def test_the_command_prints_the_key_to_pin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "argo.toml"
    config.write_text(f"database = '{tmp_path}/argo.sqlite3'\nlog.name = '{NAME}'")
    # Before the log begins there is none, and asking makes none.
    assert main(["--config", str(config), "log", "key"]) == Exit.WRONG_USE
    assert f"there is no key yet at {tmp_path}/argo.sqlite3.key" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["argo.toml"]
    signer_of(settings_in(tmp_path))
    assert main(["--config", str(config), "log", "key"]) == Exit.DONE
    key = parse_verifier_key(capsys.readouterr().out.strip())
    signer = known_signer(settings_in(tmp_path))
    assert signer is not None
    assert key == signer.key
    assert main(["--config", str(config), "log", "key", "--json"]) == Exit.DONE
    shown = json.loads(capsys.readouterr().out)
    assert shown == {"log": NAME, "key": str(key), "file": f"{tmp_path}/argo.sqlite3.key"}


async def rows(argo: Any) -> dict[str, tuple[State, str]]:
    """The doctor's findings about the record."""
    local = await asyncio.to_thread(lambda: list(record_findings(argo.settings)))
    remote = await witness_findings(argo.settings)
    return {one.name: (one.state, one.detail) for one in (*local, *remote)}


async def standing(argo: Any) -> Any:
    async with open_session() as session:
        return await record_standing(argo.settings, session)


async def test_doctor_and_command_say_what_is_cosigned(
    argo: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(InvalidSetting, match="there is no log with entries"):
        await standing(argo)
    async with argo.running() as (log, publication, watching):
        await argo.write(log, 3)
        publication.offer()
        await asyncio.wait_for(watching.cosigned.wait(), 10)
        # It is read beside whoever writes.
        found = await rows(argo)
        assert found["cosigned"] == (
            State.GOOD,
            "3 of 3 entries are cosigned, by witness.example/alpine",
        )
        assert found["witness witness.example/alpine"] == (
            State.GOOD,
            "it stands at 3 of 3 entries",
        )
        assert {state for state, _ in found.values()} == {State.GOOD}
        config = tmp_path / "argo.toml"
        config.write_text(
            f"database = '{argo.settings.database}'\nlog.name = '{NAME}'\n"
            f"log.witness_policy = '{argo.settings.log.witness_policy}'\n"
        )
        command = ["--config", str(config), "witness", "pending"]
        assert await asyncio.to_thread(main, command) == Exit.DONE
        assert "nothing is pending: 3 entries" in capsys.readouterr().out

    argo.alpine.away = True
    await argo.write_without_witnesses(2, at_us=0)
    found = await rows(argo)
    assert found["cosigned"] == (
        State.WARNING,
        "3 of 5 entries are cosigned, by witness.example/alpine: 1 must",
    )
    assert found["witness witness.example/alpine"][0] is State.WARNING
    assert await asyncio.to_thread(main, [*command, "--json"]) == Exit.FAILED
    shown = json.loads(capsys.readouterr().out)
    assert (shown["size"], shown["cosigned"], shown["pending"]) == (5, 3, True)
    assert shown["witnesses"][0]["problem"] == "status 503: 503: Service Unavailable"
    assert await asyncio.to_thread(main, command) == Exit.FAILED
    assert "pending: of 5 entries 3 are cosigned" in capsys.readouterr().out


async def test_the_doctor_sees_a_witness_that_has_seen_more(argo: Any) -> None:
    async with argo.running() as (log, publication, watching):
        await argo.write(log, 3)
        publication.offer()
        await asyncio.wait_for(watching.cosigned.wait(), 10)
    argo.remove_log()
    await argo.write_without_witnesses(2, at_us=7)
    found = await rows(argo)
    assert found["witness witness.example/alpine"] == (State.FAULT, "it has seen 3 entries of 2")


def test_the_doctor_sees_what_is_wrong_with_keys_and_policy(tmp_path: Path) -> None:
    def states(settings: Settings) -> dict[str, State]:
        return {one.name: one.state for one in record_findings(settings)}

    settings = settings_in(tmp_path)
    assert states(settings) == {"log key": State.GOOD}
    signer_of(settings)
    assert states(settings) == {"log key": State.GOOD, "witness policy": State.WARNING}
    absent = settings_in(tmp_path, witness_policy=tmp_path / "absent", disclosure="delayed")
    assert states(absent) == {
        "log key": State.GOOD,
        "reveal key": State.GOOD,
        "witness policy": State.FAULT,
    }
    reveal_key_of(absent)
    assert states(absent)["reveal key"] is State.GOOD
    (tmp_path / "argo.sqlite3.reveal-key").chmod(0o644)
    assert states(absent)["reveal key"] is State.FAULT
    (tmp_path / "argo.sqlite3.key").chmod(0o644)
    assert states(settings) == {"log key": State.FAULT}
    (tmp_path / "argo.sqlite3.key").unlink()
    settings.database.touch()
    assert states(settings) == {"log key": State.GOOD}
    settings.database.write_bytes(b"precious notes")
    assert states(settings) == {"log key": State.FAULT}


async def test_the_read_model_is_made_anew_by_command(
    argo: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    await argo.write_without_witnesses(2, at_us=0)
    config = tmp_path / "argo.toml"
    config.write_text(f"database = '{argo.settings.database}'\nlog.name = '{NAME}'")
    command = ["--config", str(config), "log", "rebuild"]
    assert await asyncio.to_thread(main, command) == Exit.DONE
    assert capsys.readouterr().out.startswith("0 signals can be searched")
    async with opened_log(argo.settings):
        assert await asyncio.to_thread(main, command) == Exit.LOG_UNUSABLE


def test_sessions_for_witnesses_follow_no_proxy_variables() -> None:
    async def trusts() -> bool:
        async with open_session() as session:
            assert isinstance(session, aiohttp.ClientSession)
            return session.trust_env

    assert asyncio.run(trusts()) is False


async def test_a_key_that_has_signed_a_log_begins_no_other(argo: Any) -> None:
    await argo.write_without_witnesses(2, at_us=0)
    async with opened_log(argo.settings) as log:
        assert (await log.head()).size == 2
    argo.remove_log()
    with pytest.raises(InvalidSetting, match="has signed one that is not"):
        async with opened_log(argo.settings):
            pass
    argo.remove_log()
    # Not even when the database was emptied instead.
    await asyncio.to_thread(argo.settings.database.touch)
    with pytest.raises(InvalidSetting, match="restore the log"):
        async with opened_log(argo.settings):
            pass
    await asyncio.to_thread(forget_key, argo.settings.database)
    async with opened_log(argo.settings) as log:
        assert (await log.head()).size == 0


async def test_what_is_sealed_is_readable_for_its_owner_alone(argo: Any) -> None:
    def modes() -> list[int]:
        database = argo.settings.database
        files = database.parent.glob(database.name + "*")
        return [stat.S_IMODE(one.stat().st_mode) for one in files if one.suffix != ".lock"]

    async with opened_log(argo.settings) as log:
        await argo.write(log, 2)
        assert set(await asyncio.to_thread(modes)) == {0o600}


async def test_a_new_reveal_key_is_told_of(argo: Any, caplog: pytest.LogCaptureFixture) -> None:
    later = evolve(argo.settings.log, disclosure="delayed", reveal_after_s=60)
    settings = evolve(argo.settings, log=later)
    key = await asyncio.to_thread(reveal_key_of, settings)
    assert "reveal_key_made" in caplog.text
    caplog.clear()
    assert await asyncio.to_thread(reveal_key_of, settings) == key
    assert not caplog.text
