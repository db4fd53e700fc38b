"""What made a result: this program by its release and its bytes, and what it reckons with."""

from importlib.metadata import version

from argo_service.fingerprint import code_sha256
from argo_service.version import VERSION

_RECKON = ("numpy", "TA-Lib")


def versions() -> dict[str, str]:
    """By name; blocks on the disk."""
    return {
        "argo": VERSION,
        "code": code_sha256(),
        **{name.lower(): version(name) for name in _RECKON},
    }
