"""Kills a writer of a log just before its first write to the disk, its second, and so on.

Run as `kill_at_every_write.py FOLDER KILLS`. A child opens the log, appends batches and closes it;
this process traces it, as a debugger does, and counts the system calls by which something reaches
a file or the parent: write, sync, truncate, unlink. Before the chosen one it kills with signal 9.
Then the log is verified, and the next child finds it as it was left: recovery is killed as well.
Once a child lives, because it had fewer calls to make, a new log is begun. Prints what was done.
"""

import ctypes
import json
import os
import platform
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

from attrs import define, field
from sqlite_utils import Database

from argo_adapters.sqlite.connection import UNTIDY, connect
from argo_adapters.sqlite.verify import Trust, verify
from argo_adapters.sqlite.writer import Writer
from argo_core.ledger.cosignature import Cosignature, cosign
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.policy import Policy, WitnessKey
from argo_core.ledger.record import Batch
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import LOG, sealed_batch, signal_batch, tiny_sealed
from argo_core.testing.fake_signer import FakeSigner, fake_verify

SIGNER: Final = FakeSigner(LOG)
WITNESS: Final = FakeSigner("one.example/w", COSIGNATURE)
TRUST: Final = Trust(Policy(SIGNER.key, (WitnessKey(WITNESS.key),), 1), fake_verify)

# So many such calls a child of this size makes, roughly; few kills are spread over them.
CALLS: Final = 150
BATCHES: Final = 3

_NUMBERS: Final = {
    "x86_64": {1: "write", 18: "pwrite64", 20: "writev", 74: "fsync", 75: "fdatasync"}
    | {77: "ftruncate", 87: "unlink", 263: "unlinkat"},
    "aarch64": {64: "write", 68: "pwrite64", 66: "writev", 82: "fsync", 83: "fdatasync"}
    | {46: "ftruncate", 35: "unlinkat"},
}
_TRACEME, _SYSCALL, _SETOPTIONS, _GET_SYSCALL_INFO = 0, 24, 0x4200, 0x420E
_TRACESYSGOOD, _EXITKILL = 1, 0x100000
_ENTRY = 1


class _Info(ctypes.Structure):
    """The beginning of the kernel's `ptrace_syscall_info`, as it is on entry to a call."""

    _fields_ = [
        ("op", ctypes.c_uint8),
        ("pad", ctypes.c_uint8 * 3),
        ("arch", ctypes.c_uint32),
        ("instruction", ctypes.c_uint64),
        ("stack", ctypes.c_uint64),
        ("number", ctypes.c_uint64),
        ("arguments", ctypes.c_uint64 * 6),
    ]


_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def ptrace(request: int, pid: int = 0, address: int = 0, data: object = None) -> None:
    if _libc.ptrace(request, pid, address, data) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def killed_before(
    path: Path, seed: int, call: int, write: Callable[[Path, int, int], None]
) -> tuple[str | None, dict[int, str]]:
    """Which call a child was killed before, None if it lived, and what it acknowledged.

    The child runs `write`, which says on the handle it is given, a line each, a number and a word.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        ptrace(_TRACEME)
        os.kill(os.getpid(), signal.SIGSTOP)
        write(path, seed, writing)
        os._exit(0)
    os.close(writing)
    name = traced(pid, call)
    with os.fdopen(reading, "rb") as pipe:
        lines = pipe.read().decode().splitlines(keepends=True)
    # A line that was cut short was not said.
    whole = [line.split() for line in lines if line.endswith("\n")]
    return name, {int(size): root for size, root in whole}


def traced(pid: int, call: int) -> str | None:
    """Let the child go on to that call and kill it there; None if it ended by itself."""
    names, info, count = _NUMBERS[platform.machine()], _Info(), 0
    os.waitpid(pid, 0)
    ptrace(_SETOPTIONS, pid, 0, ctypes.c_void_p(_TRACESYSGOOD | _EXITKILL))
    while True:
        ptrace(_SYSCALL, pid)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            assert os.waitstatus_to_exitcode(status) == 0
            return None
        ptrace(_GET_SYSCALL_INFO, pid, ctypes.sizeof(info), ctypes.addressof(info))
        if info.op == _ENTRY and info.number in names:
            count += 1
            if count == call:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return names[info.number]


def write_batches(path: Path, seed: int, said: int) -> None:
    """Open the log, append batches of several kinds, say of each head where it stands, close."""
    chance = Random(seed)  # noqa: S311 - seeded on purpose
    writer = Writer.open(path, SIGNER, 5.0)
    for _ in range(BATCHES):
        checkpoint = writer.append(next_batch(writer, chance)).checkpoint()
        os.write(said, f"{checkpoint.size} {checkpoint.root.hex()}\n".encode())
        if chance.random() < 0.5:
            line = cosign(checkpoint.text, 9, WITNESS.key, WITNESS.sign)
            writer.cosign(checkpoint.size, [Cosignature(WITNESS.key, 9, line)])
    writer.close()


def next_batch(writer: Writer, chance: Random) -> Batch:
    standing = writer.current()
    size, seq = standing.frontier.size, standing.next_seq.get("alpha", 0)
    if chance.random() < 0.3:
        return sealed_batch(size, tiny_sealed(seq))
    return signal_batch(size, range(seq, seq + chance.choice([1, 1, 7, 60])))


@define
class Witnessed:
    """What was said or signed of one log so far: one size has one root and one note, for ever."""

    roots: dict[int, str] = field(factory=dict)
    notes: dict[int, bytes] = field(factory=dict)

    def check(self, path: Path, acknowledged: dict[int, str]) -> None:
        """Everything acknowledged is there, once, in order, under the same roots and notes."""
        for size, root in acknowledged.items():
            assert self.roots.setdefault(size, root) == root, f"a second root of {size} entries"
        if not path.exists():
            assert not self.roots
            return
        db = connect(path, read_only=True, busy_s=1)
        try:
            if not is_log(db):
                assert not self.roots, "what was acknowledged is gone"
                return
            notes = dict(db.execute("SELECT size, note FROM heads").fetchall())
            entries = [data for (data,) in db.execute("SELECT data FROM entries ORDER BY idx")]
        finally:
            db.close()
        assert self.notes.items() <= notes.items(), "a checkpoint was lost or changed"
        self.notes = notes
        found = verify(path, TRUST)
        assert found.problems == (), found.problems
        frontier, roots = Frontier(), dict[int, str]()
        for data in entries:
            frontier = frontier.extend([leaf_hash(data)])
            roots[frontier.size] = frontier.root().hex()
        assert self.roots.items() <= roots.items(), "what was acknowledged is gone"


def is_log(db: Database) -> bool:
    """Whether a log was made of the file yet; only who may write can read what was left halfway."""
    try:
        return bool(db.execute("PRAGMA application_id").fetchone()[0])
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in UNTIDY:
            raise
        return False


def main(folder: Path, kills: int) -> None:
    step = max(1, CALLS // kills)
    done, logs, call, witnessed = Counter[str](), 1, 1, Witnessed()
    acknowledged = 0
    while done.total() < kills:
        path = folder / f"{logs}.db"
        name, said = killed_before(path, done.total(), call, write_batches)
        witnessed.check(path, said)
        if name is None:
            acknowledged += len(witnessed.roots)
            logs, call, witnessed = logs + 1, 1, Witnessed()
        else:
            done[name] += 1
            call += step
    acknowledged += len(witnessed.roots)
    result = {"kills": dict(done), "logs": logs, "acknowledged": acknowledged}
    print(json.dumps(result))  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
