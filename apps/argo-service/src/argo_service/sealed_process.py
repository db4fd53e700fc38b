"""What a process holds in its memory stays there: no core file, and no look from beside it.

A core file is the whole memory, keys included, on a disk. A limit of 0 forbids it; where cores are
piped to a program the kernel does not ask the limit, and there only PR_SET_DUMPABLE helps (core(5),
prctl(2)). That also keeps other programs of the same user from attaching to the process.
"""

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4


def forbid_cores() -> None:
    """Write no core file, now or later; a process cannot raise this limit again."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def seal_process() -> bool:
    """Keep the process from being dumped or looked into; whether the system can do that."""
    if sys.platform != "linux":
        return False
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return bool(prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
