"""Stylesheet, scripts, fonts and pictures: read once, named by what is in them, kept for ever.

All addresses carry one digest of all files, so that a script's relative imports find the files that
belong to it, and a new version of any file has new addresses. The stylesheet is one file, joined of
those in `static/css` in the order of `STYLES`.
"""

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from aiohttp import web
from attrs import field, frozen

from alpine_service.errors import NotThere

FOLDER = Path(__file__).with_name("static")
# What a rule says is overruled by those in files behind it.
STYLES = (
    "fonts",
    "tokens",
    "base",
    "layout",
    "text",
    "forms",
    "table",
    "parts",
    "charts",
    "board",
    "signal",
    "verify",
    "home",
    "deliveries",
    "docs",
    "account",
    "admin",
)
STYLESHEET = "site.css"
_FOR_EVER = "public, max-age=31536000, immutable"
_DIGEST_BYTES = 8
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
# What is packed already only grows.
_PACKED = frozenset({".png", ".woff2"})


@frozen
class StaticFile:
    """One file, and the same packed by gzip where that helps."""

    body: bytes = field(repr=False)
    packed: bytes | None = field(repr=False)
    media_type: str


@frozen
class StaticFiles:
    """All of them; `digest` stands in every address."""

    digest: str
    files: Mapping[str, StaticFile] = field(repr=False)

    def url(self, name: str) -> str:
        """Where the file is; KeyError says that a template names one that is not there."""
        if name not in self.files:
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"

    def has(self, name: str) -> bool:
        """Whether it is there: what the build brings from others may be missing."""
        return name in self.files

    def answer(self, request: web.Request) -> web.Response:
        """The file that the path names.

        Raises:
            NotThere: there is none, or it is of another version.
        """
        found = self.files.get(request.match_info["name"])
        if found is None or request.match_info["digest"] != self.digest:
            raise NotThere("file")
        headers = {
            "Cache-Control": _FOR_EVER,
            "Content-Type": found.media_type,
            "Vary": "Accept-Encoding",
        }
        if found.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=found.packed, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=found.body, headers=headers)


def read_static(folder: Path = FOLDER) -> StaticFiles:
    """Read all files below the folder; blocks, so it is called before anybody is served."""
    found = dict(_found(folder))
    found[STYLESHEET] = b"\n".join(
        found.pop(f"css/{name}.css") for name in STYLES if f"css/{name}.css" in found
    )
    digest = hashlib.sha256()
    for name, body in sorted(found.items()):
        digest.update(f"{name} {len(body)}\n".encode() + body)
    files = {name: _file(name, body) for name, body in found.items()}
    return StaticFiles(digest.hexdigest()[: 2 * _DIGEST_BYTES], files)


def _found(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _TYPES:
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _file(name: str, body: bytes) -> StaticFile:
    suffix = Path(name).suffix
    packed = None if suffix in _PACKED else gzip.compress(body, 9, mtime=0)
    smaller = packed if packed is not None and len(packed) < len(body) else None
    return StaticFile(body, smaller, _TYPES[suffix])
