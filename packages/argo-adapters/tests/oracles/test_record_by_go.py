"""Go's checksum database is a log of the same kind: its packages read ours, and agree or refute."""

import json
import os
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from argo_adapters.keys.ed25519 import Ed25519Signer, verify_ed25519
from argo_core.errors import InvalidInput
from argo_core.ledger.checkpoint import Checkpoint, sign_checkpoint
from argo_core.ledger.cosignature import cosign, cosignatures
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.note import Note, SignatureLine, is_signed, parse_note
from argo_core.ledger.proof import check_consistency, check_inclusion
from argo_core.ledger.tile import Tile, tiles_of
from argo_core.ledger.tile_proof import prove_consistency_from, prove_inclusion_from
from argo_core.ledger.verifier_key import COSIGNATURE

pytestmark = pytest.mark.oracle

SOURCE = Path(__file__).with_name("sumdb.go")
# Where Debian's golang-golang-x-mod-dev puts Go sources.
GOPATH = Path("/usr/share/gocode")
NOW = 1_700_000_000
LOG = Ed25519Signer("argo.example/log", bytes(range(32)))
WITNESS = Ed25519Signer("witness.example", bytes(range(32, 64)), COSIGNATURE)

SIZES = (1, 2, 5, 255, 256, 257, 600, 65_536, 66_000)
DATA = [b"entry %d" % index for index in range(SIZES[-1])]
LEAVES = [leaf_hash(one) for one in DATA]
ROWS: Mapping[int, Any] = {0: LEAVES, **Frontier().grow(LEAVES)[1]}
ROOTS = {size: Frontier().extend(LEAVES[:size]).root() for size in SIZES}


async def hashes(level: int, start: int, stop: int) -> bytes:
    return b"".join(ROWS[level][start:stop])


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    go, library = shutil.which("go"), GOPATH / "src/golang.org/x/mod/sumdb/tlog"
    if go is None or not library.is_dir():
        missing = "golang-go or golang-golang-x-mod-dev is not installed"
        if os.environ.get("CI"):  # noqa: TID251 - CI must have them, a machine at home need not
            pytest.fail(missing)
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("go")
    built = folder / "sumdb"
    settings = {"GO111MODULE": "off", "GOPATH": str(GOPATH), "GOFLAGS": "", "CGO_ENABLED": "0"}
    subprocess.run(  # noqa: S603 - it compiles the program beside this file, without a network
        [go, "build", "-o", str(built), str(SOURCE)],
        env={"PATH": os.defpath, "GOCACHE": str(folder / "cache"), **settings},
        timeout=240,
        check=True,
    )
    return built


def ask(program: Path, **task: object) -> dict[str, Any]:
    """The program's answer, about a log of all the entries unless the task says otherwise."""
    full = {"LogKey": str(LOG.key), "WitnessKey": str(WITNESS.key), **task}
    run = subprocess.run(  # noqa: S603 - it runs what was compiled above
        [str(program)],
        input=json.dumps(full),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.stderr == ""
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def spelled(*values: bytes) -> list[str]:
    return [b64encode(one).decode() for one in values]


def tiles(*sizes: int) -> dict[str, str]:
    """What a log serves that had a checkpoint at each of these sizes."""
    wanted = {tile for size in sizes for tile in tiles_of(size) if tile.level is not None}
    return {
        tile.path: b64encode(b"".join(ROWS[tile.level or 0][tile.start : tile.stop])).decode()
        for tile in wanted
    }


def cosigned(size: int) -> Note:
    checkpoint = Checkpoint(LOG.key.name, size, ROOTS[size])
    note = sign_checkpoint(checkpoint, LOG.key, LOG.sign)
    return note.with_lines(cosign(note.text, NOW, WITNESS.key, WITNESS.sign))


def test_tiles_lie_where_go_looks_for_them(program: Path) -> None:
    places = [
        Tile(level, index, width)
        for level in (0, 1, 2, 5)
        for index in (0, 1, 7, 999, 1_000, 1_234_067, 999_999_999_999)
        for width in (1, 17, 255, 256)
    ]
    wanted = [{"Level": one.level, "Index": one.index, "Width": one.width} for one in places]
    paths = ask(program, Wanted=wanted)["Paths"]
    # Go writes the height as well, which is always eight here.
    assert [path.replace("tile/8/", "tile/", 1) for path in paths] == [one.path for one in places]


async def test_go_believes_our_proofs_and_makes_the_same_from_our_tiles(program: Path) -> None:
    records, trees = [], []
    for size in SIZES:
        root = b64encode(ROOTS[size]).decode()
        for index in sorted({0, 1, size // 2, size - 1} & set(range(size))):
            proof = await prove_inclusion_from(hashes, index, size)
            told = {"Index": index, "Data": b64encode(DATA[index]).decode()}
            records.append({"Size": size, "Root": root, **told, "Proof": spelled(*proof)})
        for old in (one for one in SIZES if one <= size):
            proof = await prove_consistency_from(hashes, old, size)
            told = {"OldSize": old, "OldRoot": b64encode(ROOTS[old]).decode()}
            trees.append({"Size": size, "Root": root, **told, "Proof": spelled(*proof)})
    answer = ask(program, Tiles=tiles(*SIZES), Records=records, Trees=trees)
    for asked, told in ((records, answer["Records"]), (trees, answer["Trees"])):
        assert all(one["Believed"] for one in told)
        assert [one["Proof"] for one in told] == [one["Proof"] for one in asked]


async def test_go_refutes_the_damaged_proofs_that_we_refute(program: Path) -> None:
    size, index, old = 13, 6, 5
    roots = {n: Frontier().extend(LEAVES[:n]).root() for n in (size, old)}
    inclusion = await prove_inclusion_from(hashes, index, size)
    consistency = await prove_consistency_from(hashes, old, size)

    def damaged(proof: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
        bits = [
            (
                *proof[:at],
                (int.from_bytes(one, "big") ^ 1 << bit).to_bytes(32, "big"),
                *proof[at + 1 :],
            )
            for at, one in enumerate(proof)
            for bit in range(256)
        ]
        return [*bits, proof[1:], proof[:-1], (*proof, proof[0]), proof[::-1], ()]

    root, old_root = (b64encode(roots[n]).decode() for n in (size, old))
    records = [
        {"Size": size, "Root": root, "Index": index, "Data": b64encode(DATA[index]).decode(),
         "Proof": spelled(*proof)}
        for proof in damaged(inclusion)
    ]  # fmt: skip
    trees = [
        {"Size": size, "Root": root, "OldSize": old, "OldRoot": old_root, "Proof": spelled(*proof)}
        for proof in damaged(consistency)
    ]
    served = {"tile/0/000.p/13": b64encode(b"".join(LEAVES[:13])).decode()}
    answer = ask(program, Tiles=served, Records=records, Trees=trees)
    assert not any(one["Believed"] for one in answer["Records"] + answer["Trees"])
    for proof in damaged(inclusion):
        assert not check_inclusion(LEAVES[index], index, size, proof, roots[size])
    for proof in damaged(consistency):
        assert not check_consistency(old, size, proof, roots[old], roots[size])


def ours(data: bytes) -> list[str]:
    """Who signed a note as we see it."""
    try:
        note = parse_note(data)
    except InvalidInput:
        return []
    names = [LOG.key.name] if is_signed(note, LOG.key, verify_ed25519) else []
    return names + [one.key.name for one in cosignatures(note, (WITNESS.key,), verify_ed25519)]


def test_go_reads_who_signed_our_checkpoints(program: Path) -> None:
    both = [LOG.key.name, WITNESS.key.name]
    notes = [cosigned(size).encode() for size in SIZES]
    stranger = SignatureLine("свидетель.example", b"\1\2\3\4", b"?" * 64)
    notes.append(cosigned(5).with_lines(stranger).encode())
    assert ask(program, Notes=[one.decode() for one in notes])["Notes"] == [both] * len(notes)
    assert [ours(one) for one in notes] == [both] * len(notes)


def test_no_damaged_checkpoint_is_signed_by_the_log_for_go_or_for_us(program: Path) -> None:
    note = cosigned(600)
    data = note.encode()
    damaged = [
        data[:at] + bytes([data[at] ^ change]) + data[at + 1 :]
        for at in range(len(data))
        for change in (1, 2, 0x20)
    ]
    damaged += [data[:end] for end in range(len(data))]
    first, second = note.signatures
    swapped = (evolve(first, payload=second.payload), evolve(second, payload=first.payload))
    damaged.append(evolve(note, signatures=swapped).encode())
    # What is not UTF-8 cannot be sent as JSON; Go's tests say that it refuses it, and so do ours.
    texts = [one for one in damaged if _is_text(one)]
    answers = ask(program, Notes=[one.decode() for one in texts])["Notes"]
    for text, theirs in zip(texts, answers, strict=True):
        mine = ours(text)
        # Go gives the note up for one bad line of a known key, and accepts base64 with spare bits;
        # we count only good lines, and accept one spelling.
        assert set(mine) <= {LOG.key.name, WITNESS.key.name}
        assert set(mine) != {LOG.key.name, WITNESS.key.name}
        if LOG.key.name in mine:
            assert text.startswith(note.text.encode())
        assert LOG.key.name not in theirs or text.startswith(note.text.encode())


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_the_answers_are_bytes_as_we_spell_them(program: Path) -> None:
    root = b64encode(ROOTS[2]).decode()
    record = {"Size": 2, "Root": root, "Index": 0, "Data": b64encode(DATA[0]).decode(), "Proof": []}
    (told,) = ask(program, Tiles=tiles(2), Records=[record])["Records"]
    # A proof that is left out is not believed, and Go says what it should have been.
    assert told["Believed"] is False
    assert [b64decode(one) for one in told["Proof"]] == [LEAVES[1]]
