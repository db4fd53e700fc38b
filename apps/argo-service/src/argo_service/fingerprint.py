"""What decides, as two hashes: the code, and the settings that can change a signal."""

import hashlib
import json
from pathlib import Path

from attrs import asdict

import argo_adapters
import argo_core
import argo_service
from argo_service.config.tree import Settings

# Where a vendor is reached, by which key, how fast and for how long we wait, does not change what
# it says. A budget may keep it from saying anything for the rest of every day.
_BESIDE_THE_POINT = ("base_url", "key", "key_file", "timeout_s", "limits", "breaker")


def code_sha256() -> str:
    """SHA-256 over every Python file of Argo's three packages, by path. Blocks on the disk."""
    digest = hashlib.sha256()
    for package in (argo_core, argo_adapters, argo_service):
        root = Path(next(iter(package.__path__)))
        for path in sorted(root.rglob("*.py"), key=lambda file: file.relative_to(root).as_posix()):
            name = f"{package.__name__}/{path.relative_to(root).as_posix()}"
            body = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{name} {body}\n".encode())
    return digest.hexdigest()


def config_sha256(settings: Settings) -> str:
    """SHA-256 over the settings that can change a signal, as JSON with sorted keys."""
    sources = {
        str(name): asdict(
            source, filter=lambda attribute, _: attribute.name not in _BESIDE_THE_POINT
        )
        for name, source in settings.sources.by_name().items()
    }
    said = {
        "symbols": sorted(settings.symbols),
        "seed": settings.seed,
        "consensus": asdict(settings.consensus),
        "sources": sources,
        "feed": settings.alpaca.feed,
        "fallback": settings.yfinance.enabled,
        "freshness": asdict(settings.freshness),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
