"""One offline file that proves one entry: C2SP tlog-proof@v1.

c2sp.org/tlog-proof@v1
index <index>
<base64 of a hash>, a line for each, from the leaf's sibling up
(empty line)
<the checkpoint, signed>
"""

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.decimal_line import read_number
from argo_core.ledger.merkle import HASH_BYTES
from argo_core.ledger.note import MAX_NOTE_BYTES
from argo_core.ledger.proof import Proof
from argo_core.ledger.strict_base64 import read_base64, write_base64

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
MAX_EXTRA = 4_096
MAX_FILE_BYTES = 2 * MAX_NOTE_BYTES


@frozen
class ProofFile:
    """Entry `index` is in the tree of `checkpoint`, the bytes of a signed note, by this `proof`.

    `extra` is for applications; nobody signs it, so nobody should believe it.
    """

    index: int
    proof: Proof
    checkpoint: bytes
    extra: bytes = b""

    def encode(self) -> bytes:
        """The file's bytes."""
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {write_base64(self.extra)}")
        lines += [f"index {self.index}", *map(write_base64, self.proof), "", ""]
        return "\n".join(lines).encode() + self.checkpoint


def parse_proof_file(data: bytes) -> ProofFile:
    """The file that these bytes spell; its checkpoint is not looked into.

    Raises:
        InvalidInput: it is too long, or a line is missing or malformed.
    """
    if len(data) > MAX_FILE_BYTES:
        raise InvalidInput("proof", f"it has {len(data)} bytes", f"send {MAX_FILE_BYTES} at most")
    head, found, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise InvalidInput("proof", "its head is not ASCII", "send it unchanged") from error
    if not found or lines.pop(0) != HEADER:
        problem = f"it is not a {HEADER} file with a checkpoint"
        raise InvalidInput("proof", problem, "send the .tlog-proof file unchanged")
    extra = _after("extra", lines.pop(0)) if lines and lines[0].startswith("extra ") else None
    if extra is not None and not 0 < len(extra) <= MAX_EXTRA:
        raise InvalidInput("extra", f"it has {len(extra)} characters", f"keep it to {MAX_EXTRA}")
    if not lines:
        raise InvalidInput("index", "it is missing", "send the .tlog-proof file unchanged")
    index = read_number("index", _after("index", lines.pop(0)))
    if len(lines) > MAX_HASHES:
        raise InvalidInput("proof", f"it has {len(lines)} hashes", f"send {MAX_HASHES} at most")
    proof = tuple(read_base64("proof", line) for line in lines)
    if any(len(one) != HASH_BYTES for one in proof):
        raise InvalidInput("proof", "a line is no SHA-256", f"give {HASH_BYTES} bytes each")
    spare = b"" if extra is None else read_base64("extra", extra)
    return ProofFile(index, proof, checkpoint, spare)


def _after(word: str, line: str) -> str:
    if not line.startswith(f"{word} "):
        raise InvalidInput(word, f"{line[:40]!r} is not its line", f"write it as `{word} ...`")
    return line.removeprefix(f"{word} ")
