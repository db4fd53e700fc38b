"""A stranger with a shell, `openssl` and `sha256sum` comes to the same verdict as we do."""

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from argo_adapters.keys.ed25519 import Ed25519Signer
from argo_core.ledger.checkpoint import Checkpoint, sign_checkpoint
from argo_core.ledger.cosignature import cosign
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.note import parse_note, sign_text
from argo_core.ledger.proof import prove_inclusion
from argo_core.ledger.proof_file import ProofFile
from argo_core.ledger.strict_base64 import write_base64
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import tiny_signal

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "openssl", "sha256sum"))),
    reason="bash, openssl or sha256sum is not installed",
)

SCRIPT = Path(__file__).with_name("verify_proof_file.sh")
NOW = 1_700_000_000
LOG = Ed25519Signer("argo.example/log", bytes(range(32)))
WITNESS = Ed25519Signer("witness.example", bytes(range(32, 64)), COSIGNATURE)
ENTRIES = [tiny_signal(seq) for seq in range(13)]
LEAVES = [leaf_hash(data) for data in ENTRIES]


def proof_file(index: int, size: int, *, at: int = NOW) -> ProofFile:
    checkpoint = Checkpoint(LOG.key.name, size, Frontier().extend(LEAVES[:size]).root())
    note = sign_checkpoint(checkpoint, LOG.key, LOG.sign)
    note = note.with_lines(cosign(note.text, at, WITNESS.key, WITNESS.sign))
    return ProofFile(index, prove_inclusion(LEAVES[:size], index), note.encode())


def verdict(folder: Path, entry: bytes, proof: bytes) -> subprocess.CompletedProcess[str]:
    (folder / "entry.json").write_bytes(entry)
    (folder / "entry.tlog-proof").write_bytes(proof)
    command = [str(SCRIPT), "entry.json", "entry.tlog-proof", str(LOG.key), str(WITNESS.key)]
    return subprocess.run(  # noqa: S603 - it runs the script beside this file
        command, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (5, 8), (6, 13), (12, 13)])
def test_openssl_and_sha256sum_agree(tmp_path: Path, index: int, size: int) -> None:
    told = verdict(tmp_path, ENTRIES[index], proof_file(index, size).encode())
    digest = sha256(ENTRIES[index]).hexdigest()
    assert told.stderr == ""
    assert told.stdout == f"{digest} is entry {index} of {size}, witnessed at {NOW}\n"
    assert told.returncode == 0


def test_extra_data_is_passed_over(tmp_path: Path) -> None:
    file = proof_file(6, 13)
    file = ProofFile(file.index, file.proof, file.checkpoint, b"a name")
    assert verdict(tmp_path, ENTRIES[6], file.encode()).returncode == 0


def damaged_files() -> dict[str, tuple[bytes, bytes, str]]:
    """By what was done: entry, proof file, and what the stranger says."""
    entry, data = ENTRIES[6], proof_file(6, 13).encode()
    lines = data.decode().split("\n")
    text = parse_note(proof_file(6, 13).checkpoint).text
    forger = Ed25519Signer(LOG.key.name, bytes(32))
    # Under the key id of the log, so that only the signature itself tells.
    forged = write_base64(LOG.key.key_id + forger.sign(text.encode()))
    return {
        "another entry": (ENTRIES[7], data, "the entry is not in the tree"),
        "another index": (entry, data.replace(b"index 6", b"index 7"), "not in the tree"),
        "beyond the end": (entry, data.replace(b"index 6", b"index 13"), "no such entry"),
        "another size": (entry, data.replace(b"\n13\n", b"\n14\n"), "the checkpoint's signature"),
        "a hash less": (entry, "\n".join(lines[:5] + lines[6:]).encode(), "too short"),
        "a hash more": (entry, "\n".join([*lines[:5], lines[4], *lines[5:]]).encode(), "too long"),
        "hashes swapped": (
            entry,
            "\n".join([*lines[:2], lines[3], lines[2], *lines[4:]]).encode(),
            "not in the tree",
        ),
        "another log": (entry, data.replace(b"argo.", b"ergo."), "another log's checkpoint"),
        "not witnessed": (entry, "\n".join([*lines[:-2], ""]).encode(), "no line of the witness"),
        "another's signature": (
            entry,
            data.replace(lines[-3].split()[-1].encode(), forged.encode()),
            "the checkpoint's signature",
        ),
    }


DAMAGED = damaged_files()


@pytest.mark.parametrize("damage", DAMAGED)
def test_openssl_and_sha256sum_refute_what_we_refute(tmp_path: Path, damage: str) -> None:
    entry, proof, problem = DAMAGED[damage]
    told = verdict(tmp_path, entry, proof)
    assert (told.returncode, told.stdout) == (1, "")
    assert problem in told.stderr


def test_a_cosignature_of_another_moment_is_refuted(tmp_path: Path) -> None:
    good, later = (proof_file(6, 13, at=at).encode().decode() for at in (NOW, NOW + 1))
    key_id_and_time = len(WITNESS.key.key_id) + 8
    # Base64 carries three bytes in four letters, so the first sixteen letters are just these.
    letters = key_id_and_time // 3 * 4
    of_good, of_later = (text.split()[-1] for text in (good, later))
    mixed = good.replace(of_good, of_later[:letters] + of_good[letters:])
    told = verdict(tmp_path, ENTRIES[6], mixed.encode())
    assert (told.returncode, told.stderr) == (1, "refuted: the cosignature\n")


@pytest.mark.parametrize("command", ["a[$(touch PWNED)0]", "a[$(touch${IFS}PWNED)0]"])
def test_a_proof_file_runs_nothing(tmp_path: Path, command: str) -> None:
    """In any line, also in those that the log has signed."""
    lines = proof_file(6, 13).encode().decode().split("\n")
    root = write_base64(LEAVES[0])
    for place, line in enumerate(lines):
        for change in (command, f"{line.rpartition(' ')[0]} {command}"):
            lie = "\n".join([*lines[:place], change, *lines[place + 1 :]])
            verdict(tmp_path, ENTRIES[6], lie.encode())
            assert not (tmp_path / "PWNED").exists(), (place, change)
    for rest in (f"{command}\n{root}\n", f"1\n{command}\n"):
        text = f"{LOG.key.name}\n{rest}"
        signed = sign_text(text, LOG.key, LOG.sign)
        seen = cosign(text, NOW, WITNESS.key, WITNESS.sign)
        lie = f"c2sp.org/tlog-proof@v1\nindex 0\n\n{text}\n{signed}\n{seen}\n"
        told = verdict(tmp_path, ENTRIES[0], lie.encode())
        assert (told.returncode, told.stdout) == (1, "")
        assert not (tmp_path / "PWNED").exists(), rest
