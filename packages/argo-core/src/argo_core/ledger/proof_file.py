"""One offline file that proves one entry: C2SP tlog-proof@v1.

c2sp.org/tlog-proof@v1
index <index>
<base64 of a hash>, a line for each, from the leaf's sibling up
(empty line)
<the checkpoint, signed>
"""

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.decimal_line import check_number, read_number
from argo_core.ledger.hash_lines import check_hashes, read_hashes
from argo_core.ledger.note import MAX_NOTE_BYTES
from argo_core.ledger.proof import Proof
from argo_core.ledger.strict_base64 import read_base64, write_base64

HEADER = "c2sp.org/tlog-proof@v1"
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

    def __attrs_post_init__(self) -> None:
        check_number("index", self.index)
        check_hashes(self.proof)
        if len(self.extra) > MAX_EXTRA:
            problem = f"it has {len(self.extra)} bytes"
            raise InvalidInput("extra", problem, f"keep it within {MAX_EXTRA}")

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
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = read_base64("extra", lines.pop(0).removeprefix("extra "))
        if not extra:
            raise InvalidInput("extra", "it is empty", "leave the line out")
    if not lines or not lines[0].startswith("index "):
        raise InvalidInput("index", "its line is missing", "send the .tlog-proof file unchanged")
    index = read_number("index", lines[0].removeprefix("index "))
    return ProofFile(index, read_hashes(lines[1:]), checkpoint, extra)
