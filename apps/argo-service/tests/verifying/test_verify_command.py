"""`argo verify` as a sceptic meets it: files, options, sentences, exit codes."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from argo_adapters.clocks.system import SystemClock
from argo_adapters.keys.ed25519 import Ed25519Signer
from argo_adapters.keys.key_file import make_key_file
from argo_adapters.postgres.launcher import NoServer, private_server
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import make_roles
from argo_adapters.sqlite.log import SqliteLog
from argo_core.ledger.checkpoint import Checkpoint, sign_checkpoint
from argo_core.ledger.cosignature import Cosignature, cosign
from argo_core.ledger.merkle import leaf_hash
from argo_core.ledger.note import Note
from argo_core.ledger.proof import prove_inclusion
from argo_core.ledger.proof_file import ProofFile
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import LOG, signal_batch
from argo_core.testing.small_record import files_of, head_of, sealed_signal, small_record
from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main

SIGNER = Ed25519Signer(LOG, b"l" * 32)
OTHER = Ed25519Signer(LOG, b"o" * 32)
STRANGER = Ed25519Signer("stranger.example/w", b"s" * 32, COSIGNATURE)
WITNESS = Ed25519Signer("witness.example/w", b"w" * 32, COSIGNATURE)
KEYS = ("--log-key", str(SIGNER.key), "--witness-key", str(WITNESS.key))
RECORD = small_record()
SIGNAL, COMMIT = 3, 1


def signed(checkpoint: Checkpoint, *, cosigned: bool = True) -> Note:
    note = sign_checkpoint(checkpoint, SIGNER.key, SIGNER.sign)
    time_s = int(SystemClock().now().timestamp())
    line = cosign(note.text, time_s, WITNESS.key, WITNESS.sign)
    return note.with_lines(line) if cosigned else note


def export(folder: Path, entries: list[bytes], note: Note | None = None) -> Path:
    for path, data in files_of(entries, note or signed(head_of(entries))).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def proof_file(index: int, extra: bytes = b"") -> bytes:
    proof = prove_inclusion([leaf_hash(one) for one in RECORD], index)
    return ProofFile(index, proof, signed(head_of(RECORD)).encode(), extra).encode()


@frozen
class Said:
    """What the command wrote and returned."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads(self.out))


Verify = Callable[..., Said]


@pytest.fixture
def verify(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Verify:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("ARGO_")]:  # noqa: TID251 - they are not wanted here
        monkeypatch.delenv(name)

    def run(*arguments: str | Path) -> Said:
        code = main(["verify", *map(str, arguments)])
        return Said(code, *capsys.readouterr())

    return run


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("", "TARGET: it is empty"),
        (" ", "TARGET: it is empty"),
        ("ftp://x", "TARGET: ftp is not a way to read a log; give an address"),
        ("File:///etc/passwd", "TARGET: File is not a way to read a log"),
        ("HTTPS://", "address: it is not an"),
    ],
)
def test_what_is_no_target_is_wrong_use(verify: Verify, target: str, said: str) -> None:
    done = verify(target, *KEYS)
    assert (done.code, done.out) == (Exit.WRONG_USE, "")
    assert said in done.err


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    return export(tmp_path / "export", RECORD)


@pytest.fixture
def proof(tmp_path: Path) -> tuple[Path, Path]:
    """A proof file, and the entry it is about."""
    (tmp_path / "a.tlog-proof").write_bytes(proof_file(SIGNAL))
    (tmp_path / "a.json").write_bytes(RECORD[SIGNAL])
    return tmp_path / "a.tlog-proof", tmp_path / "a.json"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    async def fill() -> None:
        async with SqliteLog.open(tmp_path / "log.sqlite3", SIGNER) as log:
            await log.append(signal_batch(0, range(300)))
            await cosign_newest(log)

    asyncio.run(fill())
    return tmp_path / "log.sqlite3"


async def cosign_newest(log: SqliteLog | PostgresLog) -> None:
    note = await log.checkpoint()
    assert note is not None
    time_s = int(SystemClock().now().timestamp())
    line = cosign(note.text, time_s, WITNESS.key, WITNESS.sign)
    await log.cosign((await log.head()).size, [Cosignature(WITNESS.key, time_s, line)])


@contextmanager
def served(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_an_export_is_good_and_says_what_that_means(verify: Verify, exported: Path) -> None:
    said = verify(exported, *KEYS)
    assert said.code == 0
    assert said.out.startswith(f"good\nproved\n  {LOG} signed the checkpoint of 11 entries")
    assert "\nnot proved\n  That it is the history" in said.out


def test_machines_read_the_same(verify: Verify, exported: Path) -> None:
    said = verify(exported, *KEYS, "--json")
    assert said.report["verdict"] == "good"
    assert said.report["problems"] == []
    assert any("cosigned it" in one for one in said.report["proved"])
    assert said.report["unproved"]


def test_a_served_log_is_good(verify: Verify, exported: Path) -> None:
    with served(exported) as address:
        assert verify(address, *KEYS).code == 0
        assert verify(address.replace("http", "HTTP"), *KEYS).code == 0
        assert verify(address, "--log-key", str(OTHER.key)).code == 1
    assert verify(address, *KEYS).code == 2


def test_a_changed_export_is_refuted(verify: Verify, exported: Path) -> None:
    path = exported / "tile/entries/000.p/11"
    path.write_bytes(path.read_bytes().replace(b"AAPL", b"MSFT"))
    said = verify(exported, *KEYS)
    assert said.code == 1
    assert said.out.startswith("refuted\nbecause\n")


def test_an_incomplete_export_cannot_be_checked(verify: Verify, exported: Path) -> None:
    (exported / "tile/0/000.p/11").unlink()
    said = verify(exported, *KEYS)
    assert said.code == 2
    assert "could not check\nbecause\n  tile/0/000.p/11 is missing" in said.out
    (exported / "tile/0/000.p/11").mkdir()
    assert "is not a file" in verify(exported, *KEYS).out


def test_a_pipe_is_not_waited_for(verify: Verify, exported: Path) -> None:
    (exported / "checkpoint").unlink()
    os.mkfifo(exported / "checkpoint")
    assert verify(exported, *KEYS).code == 2


def test_what_a_stranger_wrote_cannot_play_with_the_terminal(
    verify: Verify, exported: Path
) -> None:
    (exported / "checkpoint").write_bytes("a\x1b[2Jb\n0\n\n\u2014 x y\n".encode())
    said = verify(exported, *KEYS)
    assert said.code == 1
    assert "\x1b" not in said.out


def test_a_proof_is_good_with_its_entry(verify: Verify, proof: tuple[Path, Path]) -> None:
    file, entry = proof
    said = verify(file, "--entry", entry, *KEYS)
    assert said.code == 0
    assert "is entry 3 of those 11." in said.out
    entry.write_bytes(RECORD[SIGNAL] + b"\n")
    assert verify(file, "--entry", entry, *KEYS).code == 1


def test_a_proof_may_hold_its_entry(verify: Verify, tmp_path: Path) -> None:
    file = tmp_path / "b.tlog-proof"
    file.write_bytes(proof_file(SIGNAL, RECORD[SIGNAL]))
    assert verify(file, *KEYS).code == 0
    file.write_bytes(proof_file(SIGNAL, RECORD[COMMIT]))
    assert verify(file, *KEYS).code == 1
    file.write_bytes(proof_file(SIGNAL))
    said = verify(file, *KEYS)
    assert (said.code, said.out) == (2, "")
    assert "--entry" in said.err


def test_a_commit_can_be_opened(verify: Verify, tmp_path: Path) -> None:
    file, entry, body = tmp_path / "c.tlog-proof", tmp_path / "c.json", tmp_path / "body.json"
    sealed = sealed_signal(1)
    file.write_bytes(proof_file(COMMIT))
    entry.write_bytes(RECORD[COMMIT])
    body.write_bytes(sealed.body)
    given = (file, "--entry", entry, *KEYS, "--body", body, "--nonce")
    assert "body and nonce you gave are" in verify(*given, sealed.nonce.hex()).out
    assert verify(*given, b64encode(sealed.nonce).decode()).code == 0
    assert verify(*given, "00" * 32).code == 1
    for wrong in ("00", "zz" * 32, "AAAA", "A"):
        assert verify(*given, wrong).code == 2
    assert verify(*given[:-1]).code == 2


@pytest.mark.parametrize("data", [b"", b"c2sp.org/tlog-proof@v1\n", b"\x00" * 99, b"{}"])
def test_a_file_that_is_no_proof_is_refuted(verify: Verify, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    (tmp_path / "e").write_bytes(RECORD[0])
    assert verify("x", "--entry", "e", *KEYS).code == 1
    assert verify("x", *KEYS).code == 1


def test_a_file_that_is_not_there_or_too_large_cannot_be_checked(
    verify: Verify, tmp_path: Path, proof: tuple[Path, Path]
) -> None:
    assert verify("nowhere", *KEYS).code == 2
    assert verify(proof[0], "--entry", "nowhere", *KEYS).code == 2
    (tmp_path / "large").write_bytes(bytes(1_000_000))
    assert verify("large", *KEYS).code == 2
    assert verify("a\0b", *KEYS).code == 2


def test_a_missing_cosignature_leaves_it_unchecked(verify: Verify, tmp_path: Path) -> None:
    pending = export(tmp_path / "p", RECORD, signed(head_of(RECORD), cosigned=False))
    assert verify(pending, *KEYS).code == 2
    assert verify(pending, *KEYS, "--quorum", "0").code == 0
    assert verify(pending, *KEYS[:2]).code == 0


def test_keys_may_come_from_a_policy_file(verify: Verify, exported: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    policy.write_text(f"log {SIGNER.key}\nwitness w {WITNESS.key}\nquorum w\n")
    assert verify(exported, "--policy", policy).code == 0
    assert verify(exported, "--policy", policy, "--quorum", "1").code == 2
    policy.write_text("quorum everybody\n")
    assert verify(exported, "--policy", policy).code == 2
    assert verify(exported, "--policy", tmp_path / "none").code == 2


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--witness-key", str(WITNESS.key)),
        ("--quorum", "0"),
        ("--log-key", "rubbish"),
        ("--log-key", str(WITNESS.key)),
        ("--log-key", str(SIGNER.key), "--witness-key", str(SIGNER.key)),
        (*KEYS, "--quorum", "2"),
        (*KEYS, "--quorum", "-1"),
        (*KEYS, "--patience", "0"),
        (*KEYS, "--patience", "nan"),
        (*KEYS, "--nonce", "00"),
        (*KEYS, "--entry", "x"),
        (*KEYS, "--max-entries", "5"),
        (*KEYS, "--since", "nowhere"),
    ],
)
def test_wrong_use_is_no_yes(verify: Verify, exported: Path, options: tuple[str, ...]) -> None:
    assert verify(exported, *options).code == Exit.UNCHECKED


def test_a_proof_has_no_history(verify: Verify, proof: tuple[Path, Path], tmp_path: Path) -> None:
    assert verify(proof[0], "--entry", proof[1], *KEYS, "--remember", tmp_path / "k").code == 2


def test_a_remembered_checkpoint_shows_growth_rollback_and_fork(
    verify: Verify, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    shorter = export(tmp_path / "shorter", RECORD[:7])
    longer = export(tmp_path / "longer", RECORD)
    assert verify(shorter, *KEYS, "--remember", kept).code == 0
    assert kept.read_bytes().startswith(f"{LOG}\n7\n".encode())
    grown = verify(longer, *KEYS, "--remember", kept)
    assert grown.code == 0
    assert "The history of 7 entries that you kept is its beginning." in grown.out
    eleven = kept.read_bytes()
    assert eleven.startswith(f"{LOG}\n11\n".encode())

    back = verify(shorter, *KEYS, "--remember", kept)
    assert back.code == 1
    assert "it was rolled back, or an old state is replayed" in back.out
    fork = export(
        tmp_path / "fork", [*RECORD[:10], RECORD[10].replace(b'"cycles":1', b'"cycles":2')]
    )
    forked = verify(fork, *KEYS, "--remember", kept)
    assert forked.code == 1
    assert "the log signed two histories" in forked.out
    # What was kept stays, and what contradicts it is kept beside it.
    assert kept.read_bytes() == eleven
    assert (tmp_path / "kept.refuted").read_bytes() == (fork / "checkpoint").read_bytes()
    assert str(tmp_path / "kept.refuted") in forked.out


def test_a_longer_fork_is_found_too(verify: Verify, tmp_path: Path) -> None:
    first = export(tmp_path / "first", RECORD[:7])
    other = [RECORD[0].replace(b'"universe":"AAPL"', b'"universe":"MSFT"'), *RECORD[1:]]
    fork = export(tmp_path / "fork", other)
    said = verify(fork, *KEYS, "--since", first / "checkpoint")
    assert said.code == 1
    assert "the checkpoint of 7 entries that you kept has another root" in said.out
    assert verify(fork, *KEYS).code == 0
    good = export(tmp_path / "good", RECORD)
    assert verify(good, *KEYS, "--since", first / "checkpoint").code == 0


@pytest.mark.parametrize("data", [b"", b"rubbish", b"\xff\xfe"])
def test_a_kept_file_that_is_none_is_not_overwritten(
    verify: Verify, exported: Path, tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "kept").write_bytes(data)
    assert verify(exported, *KEYS, "--remember", tmp_path / "kept").code == 2
    assert verify(exported, *KEYS, "--since", tmp_path / "kept").code == 2
    assert (tmp_path / "kept").read_bytes() == data


def test_a_checkpoint_of_another_log_shows_nothing_about_this_one(
    verify: Verify, exported: Path, tmp_path: Path
) -> None:
    head = head_of(RECORD[:7])
    (tmp_path / "kept").write_bytes(sign_checkpoint(head, OTHER.key, OTHER.sign).encode())
    assert verify(exported, *KEYS, "--since", tmp_path / "kept").code == 2


def test_where_nothing_can_be_kept_it_says_so(verify: Verify, exported: Path) -> None:
    said = verify(exported, *KEYS, "--remember", "no/such/folder/kept")
    assert said.code == 2
    assert "cannot be kept" in said.out


def test_a_logs_own_file_is_good(verify: Verify, database: Path) -> None:
    said = verify(database, *KEYS[:2])
    assert said.code == 0
    assert "All 300 entries together" in said.out
    bare = verify(database)
    assert bare.code == 0
    assert "Whose record it is: you pinned no key" in bare.out
    assert "witness.example/w cosigned it" in verify(database, *KEYS).out
    assert verify(database, *KEYS[:2], "--witness-key", str(STRANGER.key)).code == 2
    assert verify(database, "--log-key", str(OTHER.key)).code == 1
    assert verify(database, "--remember", "kept").code == 2


def test_what_witnesses_have_not_seen_yet_is_told_apart(verify: Verify, database: Path) -> None:
    async def more() -> None:
        async with SqliteLog.open(database, SIGNER) as log:
            await log.append(signal_batch(300, range(300, 310)))

    asyncio.run(more())
    said = verify(database, *KEYS)
    assert said.code == 0
    assert "All 300 entries together" in said.out
    assert "That the 10 entries after them will stay: too few witnesses" in said.out
    assert "All 310 entries together" in verify(database, *KEYS[:2]).out


def test_without_a_target_it_is_the_log_in_force(
    verify: Verify, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARGO_DATABASE", str(database))
    assert verify().code == 0
    monkeypatch.setenv("ARGO_DATABASE", str(database) + ".not")
    assert verify().code == 2


def test_the_log_in_force_is_checked_by_the_key_that_signs_it(
    verify: Verify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = make_key_file(tmp_path / "argo.sqlite3.key", LOG)
    monkeypatch.setenv("ARGO_LOG__NAME", LOG)

    async def fill() -> None:
        async with SqliteLog.open(tmp_path / "argo.sqlite3", signer) as log:
            await log.append(signal_batch(0, range(3)))

    asyncio.run(fill())
    assert f"with key {signer.key.key_id.hex()}." in verify().out
    assert verify(*KEYS).code == 1


def test_the_log_in_force_may_be_in_postgresql(
    verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fill(url: str) -> str:
        roles = await make_roles(url, "argo")
        async with PostgresLog.open(roles.app_url, SIGNER, owner_url=roles.owner_url) as log:
            await log.append(signal_batch(0, range(300)))
            await cosign_newest(log)
        return roles.app_url

    with private_server() as server:
        if isinstance(server, NoServer):
            if os.environ.get("CI"):  # noqa: TID251 - as in the adapters' tests
                pytest.fail(server.problem)
            pytest.skip(server.problem)
        url = asyncio.run(fill(server.url))
        monkeypatch.setenv("ARGO_LOG__DATABASE_URL", url)
        monkeypatch.setenv("ARGO_LOG__NAME", LOG)
        said = verify(*KEYS)
        assert said.code == 0, said
        assert "All 300 entries together" in said.out
        assert verify("--log-key", str(OTHER.key)).code == 1
        assert verify().code == 2
    away = verify(*KEYS)
    assert away.code == 2
    assert url not in away.out + away.err


def test_a_damaged_file_is_never_good(verify: Verify, database: Path) -> None:
    data, before = database.read_bytes(), rows(database)
    for at in range(0, len(data), len(data) // 40):
        database.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        code = verify(database, *KEYS[:2]).code
        # SQLite has bytes that mean nothing; then every entry has to be as it was.
        assert code != 0 or rows(database) == before
    for cut in (100, len(data) // 2):
        database.write_bytes(data[:cut])
        assert verify(database, *KEYS[:2]).code in {1, 2}
    database.write_bytes(data.replace(b'"symbol":"AAPL"', b'"symbol":"MSFT"', 1))
    assert verify(database, *KEYS[:2]).code == 1


def heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_being_stopped_is_no_yes(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        command = [sys.executable, "-m", "argo_service.cli", "verify", address, *KEYS]
        with subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            text=True,
            # What a shell starts in the background ignores Ctrl-C, and so would all that we start.
            preexec_fn=heed_interrupts,  # noqa: PLW1509 - it touches nothing but the signal
        ) as process:
            server.settimeout(30)
            asking, _ = server.accept()
            with asking:
                process.send_signal(signal.SIGINT)
                out, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "it was stopped" in out


def test_a_reader_that_goes_away_does_not_change_the_code(exported: Path) -> None:
    command = [sys.executable, "-m", "argo_service.cli", "verify", str(exported)]
    with subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--log-key", str(OTHER.key)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(timeout=30) == 1


def test_what_only_the_store_has_is_checked_too(verify: Verify, database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("UPDATE signals SET symbol = 'MSFT' WHERE idx = 0")
    connection.commit()
    connection.close()
    assert verify(database, *KEYS).code == 1


def rows(database: Path) -> list[tuple[int, bytes]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute("SELECT idx, data FROM entries ORDER BY idx").fetchall()
    finally:
        connection.close()
