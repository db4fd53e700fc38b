"""The page about openssl and sha256sum, run as it stands against a real service."""

import asyncio
import re
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from argo_adapters.clocks.system import SystemClock
from argo_adapters.keys.ed25519 import Ed25519Signer, verify_ed25519
from argo_adapters.observers.prometheus import PrometheusMetrics
from argo_core.engine.publication import Publication
from argo_core.ledger.cosignature import cosign
from argo_core.ledger.merkle import leaf_hash
from argo_core.ledger.note import sign_text
from argo_core.ledger.policy import Policy, WitnessKey
from argo_core.ledger.strict_base64 import write_base64
from argo_core.ledger.verdict import Verdict
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_witness import FakeWitness
from argo_core.testing.small_record import commit_to, sealed_signal
from argo_core.testing.witness import ReferenceWitness
from argo_service.api.app import Served, build_app
from argo_service.config.tree import Api
from argo_service.verifying.targets import check_served
from argo_service.verifying.walk import Reader

PAGE = Path(__file__).parents[4] / "docs/how-to/verify-a-signal.md"
BLOCKS = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
GIVEN, *STEPS, _HIDDEN, OPENING = BLOCKS
WITNESS = Ed25519Signer("witness.test/w", b"\x02" * 32, COSIGNATURE)
STRANGER = Ed25519Signer("argo.test/signals", b"\x03" * 32)
GOOD = "Signature Verified Successfully"
TOOLS = ("bash", "curl", "openssl", "od", "awk", "sha256sum")

needs_tools = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"one of {', '.join(TOOLS)} is not here"
)


async def shell(script: str, folder: Path) -> str:
    """What bash says to the script, good and bad."""
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        script,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        out, _ = await process.communicate()
    return out.decode()


def session(**given: str | int) -> str:
    """The page's commands after those lines that are different for everybody."""
    assert {line.partition("=")[0] for line in GIVEN.splitlines()} == given.keys()
    return "\n".join([*(f"{name}='{value}'" for name, value in given.items()), *STEPS])


def believes(said: str) -> bool:
    """Whether a reader who follows the page ends up convinced."""
    return said.count(GOOD) == 2 and all(
        line in said.splitlines()
        for line in (
            "it is this log's checkpoint",
            "it is this entry's proof",
            "the entry is in the tree",
            "all was checked",
        )
    )


@asynccontextmanager
async def witnessed(station: Any) -> AsyncIterator[str]:
    """The service of the station behind a publication that waits for a witness."""
    key = station.log.key
    reference = ReferenceWitness(WITNESS, {key.name: key}, verify_ed25519)
    publication = Publication(
        station.log,
        Policy(key, (WitnessKey(WITNESS.key),), 1),
        (FakeWitness(reference, station.clock),),
        verify_ed25519,
        clock=station.clock,
        observer=FakeObserver(),
    )
    await publication.start()
    published = await publication.beyond((await station.log.head()).size - 1)
    assert not published.pending
    served = Served(
        station.engine,
        station.log,
        station.log,
        station.clock,
        PrometheusMetrics(),
        station.tally,
        (),
        publication=publication,
    )
    async with TestServer(build_app(served, station.keyring, Api())) as server:
        yield str(server.make_url("")).rstrip("/")
    await publication.stop()


@asynccontextmanager
async def serving(files: Mapping[str, bytes]) -> AsyncIterator[str]:
    """Somebody who answers with these, true or not."""

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=files[request.path])

    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def fetched(address: str, *paths: str) -> dict[str, bytes]:
    async with aiohttp.ClientSession(address) as client:
        found = {}
        for path in paths:
            async with client.get(path) as response:
                assert response.status == 200
                found[path] = await response.read()
        return found


@needs_tools
async def test_every_entry_of_the_service_is_verified_by_hand(station: Any, tmp_path: Path) -> None:
    await station.cycle()
    size = (await station.log.head()).size
    assert size >= 3
    keys = {"LOG_KEY": str(station.log.key), "WITNESS_KEY": str(WITNESS.key)}
    async with witnessed(station) as address:
        for index in range(size):
            said = await shell(session(ARGO=address, INDEX=index, **keys), tmp_path)
            assert believes(said), said
            assert "official time: 2024-11-25 15:00:0" in said


async def test_the_command_finds_the_same(station: Any) -> None:
    await station.cycle()
    policy = Policy(station.log.key, (WitnessKey(WITNESS.key),), 1)
    async with witnessed(station) as address:
        reader = Reader(policy, verify_ed25519)
        walked = await check_served(address, reader, SystemClock(), 60.0)
    assert walked.report.verdict is Verdict.GOOD, walked.report


@needs_tools
async def test_no_lie_is_believed_by_hand(station: Any, tmp_path: Path) -> None:
    await station.cycle()
    keys = {"LOG_KEY": str(station.log.key), "WITNESS_KEY": str(WITNESS.key)}
    entry, proof = "/api/v1/entries/1", "/proof/1.tlog-proof"
    async with witnessed(station) as address:
        honest = await fetched(address, entry, proof, "/api/v1/entries/2", "/proof/2.tlog-proof")
    head, _, note = honest[proof].partition(b"\n\n")
    text, _, lines = note.partition(b"\n\n")
    log_line, witness_line = lines.splitlines(keepends=True)
    forged = sign_text(f"{text.decode()}\n", STRANGER.key, STRANGER.sign)
    signature = (
        f"\u2014 {forged.name} ".encode()
        + write_base64(station.log.key.key_id + forged.payload).encode()
    )
    lies = {
        "another entry": {entry: honest["/api/v1/entries/2"]},
        "a changed entry": {entry: honest[entry].replace(b"signal", b"Signal", 1)},
        "a line feed more": {entry: honest[entry] + b"\n"},
        "another proof": {proof: honest["/proof/2.tlog-proof"]},
        "another index": {proof: honest[proof].replace(b"index 1", b"index 0")},
        "a larger size": {proof: honest[proof].replace(text, _larger(text))},
        "no witness": {proof: head + b"\n\n" + text + b"\n\n" + log_line},
        "the witness alone": {proof: head + b"\n\n" + text + b"\n\n" + witness_line},
        "a forged signature": {proof: honest[proof].replace(log_line.rstrip(), signature)},
        "another name": {
            proof: honest[proof].replace(b"argo.test/signals\n", b"argo.tess/signals\n")
        },
        "a shorter path": {proof: head.rsplit(b"\n", 1)[0] + b"\n\n" + note},
        "a longer path": {proof: head + b"\n" + head.rsplit(b"\n", 1)[1] + b"\n\n" + note},
        "nothing": {proof: b""},
    }
    async with serving(honest) as address:
        assert believes(await shell(session(ARGO=address, INDEX=1, **keys), tmp_path))
    for name, lie in lies.items():
        assert {**honest, **lie} != honest, name
        (tmp_path / name).mkdir()
        async with serving({**honest, **lie}) as address:
            said = await shell(session(ARGO=address, INDEX=1, **keys), tmp_path / name)
            assert not believes(said), (name, said)
            assert said.splitlines()[-1].startswith("STOP: "), (name, said)


# What a shell would run if the value that holds it were calculated with, expanded or pasted.
COMMANDS = (
    "a[$(touch${IFS}PWNED)0]",
    "a[$(touch PWNED)0]",
    "`touch PWNED`",
    "0;touch PWNED",
    "1\x1b]0;PWNED",
)


@needs_tools
@pytest.mark.parametrize("command", COMMANDS)
async def test_a_server_that_lies_runs_nothing_on_the_machine_of_who_checks(
    station: Any, tmp_path: Path, command: str
) -> None:
    await station.cycle()
    keys = {"LOG_KEY": str(station.log.key), "WITNESS_KEY": str(WITNESS.key)}
    entry, proof = "/api/v1/entries/1", "/proof/1.tlog-proof"
    async with witnessed(station) as address:
        honest = await fetched(address, entry, proof)
    lines = honest[proof].decode().split("\n")
    for place, line in enumerate(lines):
        # The whole line, and its last word: a number, a hash, a signature.
        changes = {command, f"{line.rpartition(' ')[0]} {command}"}
        for number, change in enumerate(sorted(changes)):
            lie = "\n".join([*lines[:place], change, *lines[place + 1 :]]).encode()
            folder = tmp_path / f"{place}-{number}"
            folder.mkdir()
            async with serving({**honest, proof: lie}) as address:
                said = await shell(session(ARGO=address, INDEX=1, **keys), folder)
            assert not (folder / "PWNED").exists(), (place, change, said)
            assert "\x1b" not in said


@needs_tools
@pytest.mark.parametrize("command", COMMANDS)
async def test_a_log_that_signs_commands_runs_none(tmp_path: Path, command: str) -> None:
    """Its signatures are true, and so are the witness's: only the values themselves are not."""
    log = Ed25519Signer("argo.test/signals", b"\x05" * 32)
    keys = {"LOG_KEY": str(log.key), "WITNESS_KEY": str(WITNESS.key)}
    root = write_base64(leaf_hash(b"{}"))
    texts = (f"{command}\n{root}\n", f"1\n{command}\n", f"1\n{root}\n{command}\n")
    for number, rest in enumerate(texts):
        text = f"{log.key.name}\n{rest}"
        note = sign_text(text, log.key, log.sign)
        witness = cosign(text, 1_700_000_000, WITNESS.key, WITNESS.sign)
        written = f"{text}\n{note}\n{witness}\n"
        proof = f"c2sp.org/tlog-proof@v1\nindex 0\n\n{written}".encode()
        folder = tmp_path / str(number)
        folder.mkdir()
        async with serving({"/api/v1/entries/0": b"{}", "/proof/0.tlog-proof": proof}) as address:
            said = await shell(session(ARGO=address, INDEX=0, **keys), folder)
        assert not (folder / "PWNED").exists(), said
        assert said.splitlines()[-1].startswith("STOP: "), said
        assert "\x1b" not in said


@needs_tools
async def test_an_index_is_a_number(tmp_path: Path) -> None:
    keys = {"LOG_KEY": str(STRANGER.key), "WITNESS_KEY": str(WITNESS.key)}
    given = session(ARGO="http://127.0.0.1:9", INDEX="a[$(touch PWNED)0]", **keys)
    assert await shell(given, tmp_path) == "STOP: INDEX is not a number\n"
    assert not (tmp_path / "PWNED").exists()


@needs_tools
async def test_a_log_without_a_witness_is_said_to_have_none(station: Any, tmp_path: Path) -> None:
    await station.cycle()
    address = str(station.client.make_url("")).rstrip("/")
    keys = {"LOG_KEY": str(station.log.key), "WITNESS_KEY": ""}
    said = await shell(session(ARGO=address, INDEX=1, **keys), tmp_path)
    assert said.count(GOOD) == 1, said
    assert said.splitlines()[-2:] == ["this log has no witness", "all was checked"]
    assert not believes(said)


@needs_tools
async def test_nothing_follows_a_signature_that_is_false(station: Any, tmp_path: Path) -> None:
    await station.cycle()
    keys = {"LOG_KEY": str(STRANGER.key), "WITNESS_KEY": str(WITNESS.key)}
    async with witnessed(station) as address:
        said = await shell(session(ARGO=address, INDEX=1, **keys), tmp_path)
    _, failure, after = said.partition("Signature Verification Failure")
    assert failure
    assert after == "\nSTOP: the log has not signed this\n"


@needs_tools
async def test_another_ones_keys_are_not_believed_by_hand(station: Any, tmp_path: Path) -> None:
    await station.cycle()
    impostor = Ed25519Signer(WITNESS.key.name, b"\x04" * 32, COSIGNATURE)
    async with witnessed(station) as address:
        for log, witness in ((STRANGER, WITNESS), (station.log, impostor)):
            keys = {"LOG_KEY": str(log.key), "WITNESS_KEY": str(witness.key)}
            said = await shell(session(ARGO=address, INDEX=1, **keys), tmp_path)
            assert said.count(GOOD) == (0 if log is STRANGER else 1), said
            assert not believes(said)


@needs_tools
async def test_a_hidden_signal_is_opened_by_hand(tmp_path: Path) -> None:
    sealed = sealed_signal(1)
    (tmp_path / "entry.json").write_bytes(commit_to(sealed, 1))
    body = f"BODY={b64encode(sealed.body).decode()}\n"
    right = f"{body}NONCE={b64encode(sealed.nonce).decode()}\n{OPENING}"
    wrong = f"{body}NONCE={b64encode(bytes(32)).decode()}\n{OPENING}"
    assert "that is what the entry commits to" in await shell(right, tmp_path)
    assert await shell(wrong, tmp_path) == ""


def _larger(text: bytes) -> bytes:
    origin, size, root = text.split(b"\n")
    return b"\n".join([origin, str(int(size) + 1).encode(), root])
