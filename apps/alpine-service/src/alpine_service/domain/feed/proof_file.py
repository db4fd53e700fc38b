"""Proof files, after C2SP tlog-proof: what proves one entry offline."""

from attrs import field, frozen

from alpine_service.domain.feed import base64_strict
from alpine_service.domain.feed.checkpoint import Checkpoint, read_checkpoint
from alpine_service.domain.feed.hash_lines import read_hashes, write_hashes
from alpine_service.domain.feed.note import LARGEST_NOTE
from alpine_service.domain.feed.number import read_number
from alpine_service.errors import Malformed

LARGEST_EXTRA = 4096
LARGEST_FILE = LARGEST_NOTE + 16_384
"""More bytes than any proof file has."""

_VERSION = "c2sp.org/tlog-proof@v1"
_EXTRA, _INDEX = "extra ", "index "


@frozen
class ProofFile:
    """An index, the siblings' hashes up to the root, and the checkpoint that has the root."""

    index: int
    proof: tuple[bytes, ...] = field(repr=False)
    checkpoint: Checkpoint
    extra: bytes | None = field(default=None, repr=False)
    """Nobody signs it, so nobody should believe it."""


def read_proof_file(data: bytes) -> ProofFile:
    """The proof file that the bytes are; whether it proves anything is another question.

    Raises:
        Malformed: they are none.
    """
    above, separator, note = data.partition(b"\n\n")
    if not separator:
        raise _malformed("it has no empty line before the checkpoint")
    lines = _lines(above)
    if lines.pop(0) != _VERSION:
        raise _malformed("it is of another version")
    extra = _read_extra(lines.pop(0)) if lines and lines[0].startswith(_EXTRA) else None
    if not lines or not lines[0].startswith(_INDEX):
        raise _malformed("it has no index")
    index = read_number(lines.pop(0).removeprefix(_INDEX))
    return ProofFile(index, read_hashes(lines), read_checkpoint(note), extra)


def write_proof_file(
    index: int, proof: tuple[bytes, ...], checkpoint: bytes, extra: bytes | None = None
) -> bytes:
    """The bytes of a proof file; the checkpoint goes in as it is."""
    lines = [_VERSION]
    if extra is not None:
        lines.append(_EXTRA + base64_strict.encode(extra))
    lines.append(f"{_INDEX}{index}")
    return "\n".join([*lines, *write_hashes(proof), "", ""]).encode("ascii") + checkpoint


def _lines(data: bytes) -> list[str]:
    if len(data) > LARGEST_FILE - LARGEST_NOTE:
        raise _malformed("it has too many bytes")
    try:
        return data.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise _malformed("it is not ASCII") from error


def _read_extra(line: str) -> bytes:
    extra = base64_strict.decode(line.removeprefix(_EXTRA))
    if not 0 < len(extra) <= LARGEST_EXTRA:
        raise _malformed(f"its extra data is not of 1 to {LARGEST_EXTRA} bytes")
    return extra


def _malformed(problem: str) -> Malformed:
    return Malformed("bad-proof-file", problem)
