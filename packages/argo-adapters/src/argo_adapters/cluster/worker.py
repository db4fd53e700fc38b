"""What runs in a worker: one memory of shards' states for the whole process."""

import gc
from functools import cache
from hashlib import sha256
from pathlib import Path

import argo_core
from argo_core.engine.shards.host import Host


@cache
def core_sha256() -> str:
    """SHA-256 over every Python file of argo_core, by path: what decides. Blocks on the disk."""
    digest = sha256()
    root = Path(next(iter(argo_core.__path__)))
    for path in sorted(root.rglob("*.py"), key=lambda file: file.relative_to(root).as_posix()):
        body = sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {body}\n".encode())
    return digest.hexdigest()


@cache
def _host() -> Host:
    return Host(core_sha256())


def take(order: bytes) -> bytes:
    """The reply to an order; see `Host`."""
    # What a step makes has no cycles, and looking for some takes as long as the step.
    gc.disable()
    try:
        return _host().take(order)
    finally:
        gc.enable()
